package io.holdfast.testbed.speed;

import io.holdfast.format.age.Age;
import io.holdfast.format.age.FileKey;
import io.holdfast.format.age.X25519Identity;
import io.holdfast.format.artifact.ArtifactReader;
import io.holdfast.format.artifact.ArtifactSummary;
import io.holdfast.format.artifact.ArtifactWriter;
import io.holdfast.format.artifact.SegmentSource;
import io.holdfast.format.artifact.SegmentSummary;
import io.holdfast.format.artifact.Settings;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Locale;

/**
 * Compression and encryption, and the way back, without agent, manager and store: one long-lived process, as the agent is
 * one, that does one command after the other. Not thread-safe.
 *
 * <p>Commands come as lines on standard input: {@code write LEVEL WORKERS SOURCE TARGET} and {@code read} (what was
 * written last to a file). Each is answered with one line: seconds and bytes of plaintext. The source is read
 * through a pipe from {@code cat}, as the agent reads a dump.
 */
public final class Pipeline {
    private static final Path NOWHERE = Path.of("/dev/null");
    private static final long SEGMENT_BYTES = 64L << 30;

    private final SecureRandom random = new SecureRandom();
    private final X25519Identity identity;
    private Path written = NOWHERE;
    private List<SegmentSummary> segments = List.of();

    private Pipeline(X25519Identity identity) {
        this.identity = identity;
    }

    /**
     * Runs until standard input ends.
     *
     * @param args a file with an age identity
     */
    public static void main(String[] args) throws IOException, InterruptedException {
        Pipeline pipeline = new Pipeline(
                X25519Identity.parseFile(Files.readString(Path.of(args[0]))).getFirst());
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String command = commands.readLine(); command != null; command = commands.readLine()) {
            System.out.println(pipeline.run(command.split(" ", -1)));
        }
    }

    private String run(String[] command) throws IOException, InterruptedException {
        long start = System.nanoTime();
        long plain = command[0].equals("write")
                ? write(
                        new Settings(Integer.parseInt(command[1]), Integer.parseInt(command[2]), SEGMENT_BYTES),
                        Path.of(command[3]),
                        Path.of(command[4]))
                : read();
        double seconds = (System.nanoTime() - start) / 1e9;
        return String.format(Locale.ROOT, "%.3f %d", seconds, plain);
    }

    private long write(Settings settings, Path source, Path target) throws IOException, InterruptedException {
        ArtifactWriter writer = new ArtifactWriter(List.of(identity.recipient()), settings, random);
        Process cat = new ProcessBuilder("cat", source.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (InputStream in = cat.getInputStream()) {
            ArtifactSummary summary = writer.write(in, segment -> Files.newOutputStream(target));
            if (cat.waitFor() != 0) {
                throw new IOException("cat " + source + " failed");
            }
            if (!target.equals(NOWHERE)) {
                written = target;
                segments = summary.segments();
            }
            return summary.plaintextBytes();
        }
    }

    private long read() throws IOException {
        FileKey key;
        try (InputStream in = Files.newInputStream(written)) {
            key = Age.fileKey(in, List.of(identity));
        }
        try (InputStream plain = ArtifactReader.open(List.of(new WrittenSegment(written, key, segments.getFirst())))) {
            return plain.transferTo(OutputStream.nullOutputStream());
        }
    }

    private record WrittenSegment(Path file, FileKey key, SegmentSummary summary) implements SegmentSource {
        @Override
        public InputStream open() throws IOException {
            return Files.newInputStream(file);
        }

        @Override
        public long bytes() {
            return summary.bytes();
        }

        @Override
        public String sha256() {
            return summary.sha256();
        }
    }
}
