package io.holdfast.acceptance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;

/** A data service that is a file, whose dumps and restores can be held in their middle, or made to fail. */
final class HeldService {
    private static final int LINES = 20_000;
    private static final String DUMP = "dump-held";
    private static final String RESTORE = "restore-held";

    private final Path folder;

    HeldService(Path folder) {
        this.folder = folder;
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        write("as it was");
        String broken = "if [ -e " + folder.resolve("broken")
                + " ]; then echo 'the disk is gone <img src=x onerror=alert(1)>' >&2; exit 3; fi\n";
        // One half is dumped before it can be held, so that there is some progress to be seen.
        script(
                "dump",
                broken + "head -n " + LINES / 2 + " " + data() + "\n" + waiting(DUMP) + "tail -n +" + (LINES / 2 + 1)
                        + " " + data() + "\n");
        script("size", "wc -c < " + data() + "\n");
        script("restore", waiting(RESTORE) + "cat > " + data() + "\n");
    }

    private String waiting(String mark) {
        return "while [ -e " + folder.resolve(mark) + " ]; do sleep 0.1; done\n";
    }

    private Path data() {
        return folder.resolve("data");
    }

    private void script(String name, String text) {
        try {
            Path script = Files.writeString(folder.resolve(name), "#!/bin/sh\nset -e\n" + text);
            Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Map<String, Object> adapter() {
        return Map.of(
                "kind", "command",
                "minimum_bytes", 1,
                "dump_command", List.of(folder.resolve("dump").toString()),
                "size_command", List.of(folder.resolve("size").toString()),
                "restore_command", List.of(folder.resolve("restore").toString()));
    }

    /** Fills the data with one text. */
    void write(String text) {
        StringBuilder all = new StringBuilder();
        for (int i = 0; i < LINES; i++) {
            all.append(i).append(' ').append(text).append('\n');
        }
        try {
            Files.writeString(data(), all);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether all of the data is one text. */
    boolean has(String text) {
        try {
            List<String> lines = Files.readAllLines(data());
            return lines.size() == LINES && lines.stream().allMatch(line -> line.endsWith(text));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** From now on a dump waits in its middle; so does what a restore dumps before it replaces anything. */
    void hold() {
        mark(DUMP, true);
    }

    /** From now on a restore waits when it is about to replace the data. */
    void holdRestore() {
        mark(RESTORE, true);
    }

    void release() {
        mark(DUMP, false);
        mark(RESTORE, false);
    }

    /** Whether dumps fail. */
    void setBroken(boolean broken) {
        mark("broken", broken);
    }

    private void mark(String name, boolean set) {
        try {
            if (set) {
                Files.writeString(folder.resolve(name), "");
            } else {
                Files.deleteIfExists(folder.resolve(name));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
