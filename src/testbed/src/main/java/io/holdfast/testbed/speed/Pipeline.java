package io.holdfast.testbed.speed;

import io.holdfast.format.age.FileKey;
import io.holdfast.format.age.X25519Identity;
import io.holdfast.format.segment.SegmentLine;
import io.holdfast.format.segment.SegmentReader;
import io.holdfast.format.segment.SegmentSecret;
import io.holdfast.format.segment.SegmentSizes;
import io.holdfast.format.segment.SegmentSource;
import io.holdfast.format.segment.SegmentWriter;
import io.holdfast.format.segment.WrittenArtifact;
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
 * Cutting, compression and encryption, and the way back, without agent, manager and store: one long-lived process, as the agent
 * is one, that does one command after the other. Not thread-safe.
 *
 * <p>Commands come as lines on standard input: {@code write LEVEL WORKERS SOURCE TARGET} and {@code read} (what was
 * written last to a file). Each is answered with one line: seconds and bytes of plaintext. The source is read
 * through a pipe from {@code cat}, as the agent reads a dump. The target is one file with all segments, one after the other.
 */
public final class Pipeline {
    private static final Path NOWHERE = Path.of("/dev/null");
    private static final int WINDOW = 4;

    private final SecureRandom random = new SecureRandom();
    private final SegmentSecret secret = SegmentSecret.random(random);
    private final X25519Identity identity;
    private Path written = NOWHERE;
    private SegmentSizes sizes = new SegmentSizes(SegmentSizes.LARGEST_MEAN);
    private List<SegmentFile.Place> segments = List.of();

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
                        Integer.parseInt(command[1]),
                        Integer.parseInt(command[2]),
                        Path.of(command[3]),
                        Path.of(command[4]))
                : read();
        double seconds = (System.nanoTime() - start) / 1e9;
        return String.format(Locale.ROOT, "%.3f %d", seconds, plain);
    }

    private long write(int level, int workers, Path source, Path target) throws IOException, InterruptedException {
        SegmentSizes fitting = SegmentSizes.fitting(Files.size(source));
        Process cat = new ProcessBuilder("cat", source.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (InputStream in = cat.getInputStream();
                SegmentFile file = SegmentFile.write(target);
                SegmentWriter writer =
                        new SegmentWriter(secret, List.of(identity.recipient()), level, workers, 2 * workers, random)) {
            WrittenArtifact artifact = writer.write(in, fitting, file).await();
            if (cat.waitFor() != 0) {
                throw new IOException("cat " + source + " failed");
            }
            if (!target.equals(NOWHERE)) {
                written = target;
                sizes = fitting;
                segments = file.places();
            }
            return artifact.plaintextBytes();
        }
    }

    private long read() throws IOException {
        try (SegmentFile file = SegmentFile.read(written, segments);
                SegmentReader plain = new SegmentReader(
                        segments.stream().map(SegmentFile.Place::line).iterator(),
                        source(file),
                        sizes,
                        secret,
                        WINDOW)) {
            return plain.transferTo(OutputStream.nullOutputStream());
        }
    }

    private SegmentSource source(SegmentFile file) {
        return new SegmentSource() {
            @Override
            public FileKey key(SegmentLine line) throws IOException {
                return identity.open(line.key());
            }

            @Override
            public int read(SegmentLine line, byte[] target) throws IOException {
                return file.read(line, target);
            }
        };
    }
}
