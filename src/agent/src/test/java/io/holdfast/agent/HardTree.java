package io.holdfast.agent;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.HexFormat;

/** A directory with everything in it that backups of directories lose. */
final class HardTree {
    private static final String SCRIPT = """
            set -e
            cd "$1"
            printf plain > plain; chmod 640 plain; chown 1000:2000 plain
            touch -d '1969-07-20T20:17:40.123456789Z' plain
            printf old > old; touch -d '1901-12-31T00:00:00Z' old
            printf future > future; touch -d '2100-01-01T00:00:00.5Z' future
            : > empty
            printf 'set' > setuid; chmod 4755 setuid
            mkdir setgid sticky shut; chmod 2775 setgid; chmod 1777 sticky; chown 4294967000:4294967001 sticky
            printf in > shut/inside; chmod 000 shut/inside; chmod 000 shut
            mkdir -p empty-dir/nested-empty
            printf x > $'new\\nline'; printf x > $'tab\\there'; printf x > -- '-dash'; printf x > '--checkpoint=1'
            printf x > "quo'te\\"s"; printf x > 'back\\slash'; printf x > ' spaces '; printf x > '*?[a]'; printf x > $'\\x01\\x7f'
            printf x > '🐘 élan'; printf x > $'latin-\\xe9-\\xff'; mkdir $'dir-\\xfe'; printf x > $'dir-\\xfe/in\\xc3'
            printf x > "$(printf 'n%.0s' $(seq 255))"
            printf x > "$(printf 'é%.0s' $(seq 127))"
            deep=.; for i in $(seq 12); do deep="$deep/$(printf 'd%.0s' $(seq 200))"; mkdir "$deep"; done
            printf deep > "$deep/leaf"; truncate -s 5M "$deep/holes"; printf end >> "$deep/holes"
            printf linked > first; mkdir links; ln first links/second; ln first third
            ln -s plain relative; ln -s /nowhere/at/all dangling; ln -s /etc absolute; ln -s ../../.. up
            ln -s "$(printf 't%.0s' $(seq 3000))" long-target; ln relative relative-twice; chown -h 7:8 dangling
            ln -s $'bytes-\\xff' link-to-bytes
            truncate -s 100M sparse; printf middle | dd of=sparse bs=1 seek=50000000 conv=notrunc status=none
            head -c 3000000 /dev/urandom > random
            touch -h -d '2001-02-03T04:05:06.789Z' dangling setgid empty-dir
            """;

    private HardTree() {}

    /** Makes the tree in a new directory. Needs root, for its owners. */
    static void create(Path tree) throws Exception {
        Files.createDirectories(tree);
        shell(SCRIPT, tree);
        attributes(tree.resolve("plain")).write("holdfast.bytes", ByteBuffer.wrap(new byte[] {0, '\n', -1, '='}));
        attributes(tree.resolve("plain")).write("a=b%", ByteBuffer.wrap(new byte[] {1}));
        attributes(tree.resolve("setgid")).write("on.directory", ByteBuffer.wrap(new byte[2000]));
        shell("touch -d '2002-02-02T02:02:02.000000002Z' \"$1\"", tree);
    }

    /** All that is to come back, as text that can be compared. */
    static String listing(Path tree) throws Exception {
        String listed = shell("""
                cd "$1"
                find . -type d -printf '%y %m %U %G %T@ %n %p\\n' | sort
                find . ! -type d -printf '%y %m %U %G %T@ %n %s %l %p\\n' | sort
                find . -type f -print0 | sort -z | xargs -0 --no-run-if-empty sha256sum --zero
                """, tree);
        StringBuilder all = new StringBuilder(listed);
        for (String name : new String[] {"plain", "setgid"}) {
            if (Files.exists(tree.resolve(name))) {
                UserDefinedFileAttributeView view = attributes(tree.resolve(name));
                for (String attribute : view.list().stream().sorted().toList()) {
                    ByteBuffer value = ByteBuffer.allocate(view.size(attribute));
                    view.read(attribute, value);
                    all.append(name).append(' ').append(attribute).append(' ');
                    all.append(HexFormat.of().formatHex(value.array())).append('\n');
                }
            }
        }
        return all.toString();
    }

    /** Runs a script of bash whose first argument is a directory; returns its output, byte for byte. */
    static String shell(String script, Path argument) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder("bash", "-c", script, "bash", argument.toString());
        builder.environment().put("LC_ALL", "C");
        Process process = builder.redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        if (process.waitFor() != 0) {
            throw new IOException("a script failed: " + output);
        }
        return output;
    }

    private static UserDefinedFileAttributeView attributes(Path file) {
        UserDefinedFileAttributeView view = Files.getFileAttributeView(file, UserDefinedFileAttributeView.class);
        if (view == null) {
            throw new IllegalStateException("the file system has no user attributes: " + file);
        }
        return view;
    }
}
