package io.holdfast.format.artifact;

import io.holdfast.format.age.X25519Identity;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Measures {@link ArtifactWriter} against the zstd and age programs, in turns, on one file that lies in memory.
 *
 * <p>Usage: {@code ArtifactWriterSpeed <file> <megabytes> <rounds>}; the file is made when it is missing. Not a test.
 */
final class ArtifactWriterSpeed {
    private static final PrintStream REPORT = System.out;
    private static final X25519Identity IDENTITY = X25519Identity.generate(new SecureRandom());

    private ArtifactWriterSpeed() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        Path file = Path.of(arguments[0]);
        int megabytes = Integer.parseInt(arguments[1]);
        int rounds = Integer.parseInt(arguments[2]);
        if (!Files.exists(file)) {
            generate(file, megabytes);
        }
        String[] names = {"zstd -3 -T2 | age", "zstd -3 -T2", "writer -1", "writer -2", "writer -3"};
        double[][] seconds = new double[names.length][rounds];
        for (int round = 0; round < rounds; round++) {
            seconds[0][round] =
                    shell("zstd -q -3 -T2 -c '" + file + "' | age -r " + IDENTITY.recipient() + " > /dev/null");
            seconds[1][round] = shell("zstd -q -3 -T2 -c '" + file + "' > /dev/null");
            for (int level = 1; level <= 3; level++) {
                seconds[1 + level][round] = writer(file, level);
            }
        }
        for (int i = 0; i < names.length; i++) {
            Arrays.sort(seconds[i]);
            double median = seconds[i][rounds / 2];
            REPORT.printf(
                    Locale.ROOT,
                    "%-20s median %.2f s %5.0f MB/s (%.2f to %.2f s), %.2f x pipe, %.2f x zstd%n",
                    names[i],
                    median,
                    Files.size(file) / median / 1e6,
                    seconds[i][0],
                    seconds[i][rounds - 1],
                    seconds[0][rounds / 2] / median,
                    seconds[1][rounds / 2] / median);
        }
        Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("VmHWM"))
                .forEach(REPORT::println);
    }

    private static double writer(Path file, int level) throws IOException, InterruptedException {
        long start = System.nanoTime();
        try (InputStream in = Files.newInputStream(file)) {
            ArtifactSummary summary = new ArtifactWriter(
                            List.of(IDENTITY.recipient()), new Settings(level, 2, 64L << 30), new SecureRandom())
                    .write(in, segment -> OutputStream.nullOutputStream());
            double taken = (System.nanoTime() - start) / 1e9;
            REPORT.printf(
                    Locale.ROOT,
                    "level %d: %.2f s, ratio %.2f%n",
                    level,
                    taken,
                    (double) summary.plaintextBytes()
                            / summary.segments().getFirst().bytes());
            return taken;
        }
    }

    private static double shell(String command) throws IOException, InterruptedException {
        long start = System.nanoTime();
        Process process = new ProcessBuilder("sh", "-c", command).inheritIO().start();
        if (process.waitFor() != 0) {
            throw new IOException("failed: " + command);
        }
        return (System.nanoTime() - start) / 1e9;
    }

    private static void generate(Path file, int megabytes) throws IOException {
        try (InputStream in = new SqlLikeData(1);
                OutputStream out = Files.newOutputStream(file)) {
            byte[] buffer = new byte[1_000_000];
            for (int i = 0; i < megabytes; i++) {
                int got = in.readNBytes(buffer, 0, buffer.length);
                out.write(buffer, 0, got);
            }
        }
    }
}
