package io.holdfast.format.age;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.InflaterInputStream;

/**
 * age's public test vectors, as the npm package cctv-age carries them (0BSD), fetched once into the build's folder.
 *
 * <p>The package is one script with a base64 text per vector; that is read here, not run.
 */
final class AgeVectors {
    static final int COUNT = 143;

    private static final String PACKAGE = "cctv-age@0.2.0";
    private static final String SHA_512 =
            "1fiGAaWr+snqgu8+uCC7qPeApAuueOESET2npKe0FVLY+Huf+Kkia89Rybx/uoGNCml31SgAjiQIeFOY4K3New==";
    private static final Path FOLDER = Path.of("target", "cctv-age");
    private static final Path ARCHIVE = FOLDER.resolve("cctv-age-0.2.0.tgz");
    private static final Pattern ENTRY =
            Pattern.compile("// \\.\\./testdata/([a-z0-9_]+)\\s+var \\w+ = __toBinary\\(\"([A-Za-z0-9+/=]+)\"\\);");

    private AgeVectors() {}

    /** One vector: what its head says, and the age file below it. */
    static final class Vector {
        private final String name;
        private final List<String> head;
        private final byte[] body;

        private Vector(String name, List<String> head, byte[] body) {
            this.name = name;
            this.head = head;
            this.body = body;
        }

        String expected() {
            return values("expect").getFirst();
        }

        List<String> values(String key) {
            return head.stream()
                    .filter(line -> line.startsWith(key + ": "))
                    .map(line -> line.substring(key.length() + 2))
                    .toList();
        }

        byte[] file() throws IOException {
            if (values("compressed").isEmpty()) {
                return body.clone();
            }
            try (InflaterInputStream in = new InflaterInputStream(new ByteArrayInputStream(body))) {
                return in.readAllBytes();
            }
        }

        @Override
        public String toString() {
            return name;
        }
    }

    static List<Vector> all() throws IOException, InterruptedException, GeneralSecurityException {
        String script = run("tar", "-xzf", fetched().toString(), "-O", "package/index.js");
        List<Vector> vectors = new ArrayList<>();
        Matcher entry = ENTRY.matcher(script);
        while (entry.find()) {
            vectors.add(vector(entry.group(1), Base64.getDecoder().decode(entry.group(2))));
        }
        if (vectors.size() != COUNT) {
            throw new AssertionError("expected " + COUNT + " vectors, found " + vectors.size());
        }
        return vectors;
    }

    private static Vector vector(String name, byte[] content) {
        int split = 0;
        while (content[split] != '\n' || content[split + 1] != '\n') {
            split++;
        }
        byte[] body = Arrays.copyOfRange(content, split + 2, content.length);
        return new Vector(name, new String(content, 0, split, UTF_8).lines().toList(), body);
    }

    private static Path fetched() throws IOException, InterruptedException, GeneralSecurityException {
        Files.createDirectories(FOLDER);
        if (!Files.exists(ARCHIVE)) {
            run("npm", "pack", "--silent", "--pack-destination", FOLDER.toString(), PACKAGE);
        }
        byte[] hash = MessageDigest.getInstance("SHA-512").digest(Files.readAllBytes(ARCHIVE));
        if (!Base64.getEncoder().encodeToString(hash).equals(SHA_512)) {
            Files.delete(ARCHIVE);
            throw new AssertionError(ARCHIVE + " is not the pinned package; it was deleted");
        }
        return ARCHIVE;
    }

    private static String run(String... command) throws IOException, InterruptedException {
        Process process;
        try {
            process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
        } catch (IOException e) {
            throw new AssertionError("the age test vectors need the program " + command[0], e);
        }
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        if (!process.waitFor(2, TimeUnit.MINUTES) || process.exitValue() != 0) {
            process.destroyForcibly();
            throw new AssertionError("the age test vectors cannot be had: failed: "
                    + Stream.of(command).toList());
        }
        return output;
    }
}
