package io.holdfast.format.artifact;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.holdfast.format.age.Age;
import io.holdfast.format.age.FileKey;
import io.holdfast.format.age.X25519Identity;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/**
 * Measures {@link ArtifactWriter} and {@link ArtifactReader} against the zstd and age programs, in turns, on one file that is in memory.
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
        List<List<Cost>> costs =
                Stream.of(names).map(name -> (List<Cost>) new ArrayList<Cost>()).toList();
        for (int round = 0; round < rounds; round++) {
            costs.get(0).add(shell("zstd -q -3 -T2 -c '" + file + "' | age -r " + IDENTITY.recipient()));
            costs.get(1).add(shell("zstd -q -3 -T2 -c '" + file + "'"));
            for (int level = 1; level <= 3; level++) {
                costs.get(1 + level).add(writer(file, level));
            }
        }
        double pipe = median(costs.get(0), Cost::seconds);
        double zstd = median(costs.get(1), Cost::seconds);
        for (int i = 0; i < names.length; i++) {
            double seconds = median(costs.get(i), Cost::seconds);
            REPORT.printf(
                    Locale.ROOT,
                    "%-18s median %.2f s, %4.0f MB/s, best %.2f s, CPU %.2f s, %.2f x pipe, %.2f x zstd%n",
                    names[i],
                    seconds,
                    Files.size(file) / seconds / 1e6,
                    costs.get(i).stream().mapToDouble(Cost::seconds).min().orElseThrow(),
                    median(costs.get(i), Cost::cpuSeconds),
                    pipe / seconds,
                    zstd / seconds);
        }
        measureReading(file, rounds);
        Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("VmHWM"))
                .forEach(REPORT::println);
    }

    /** The way back: {@link ArtifactReader} against the two programs, on what the writer makes of the file. */
    private static void measureReading(Path file, int rounds) throws IOException, InterruptedException {
        Path sealed = file.resolveSibling(file.getFileName() + ".zst.age");
        Path key = Files.writeString(file.resolveSibling(file.getFileName() + ".key"), IDENTITY.encoded() + "\n");
        ArtifactSummary summary;
        try (InputStream in = Files.newInputStream(file)) {
            summary = new ArtifactWriter(
                            List.of(IDENTITY.recipient()), new Settings(3, 2, 64L << 30), new SecureRandom())
                    .write(in, segment -> Files.newOutputStream(sealed));
        }
        List<Cost> programs = new ArrayList<>();
        List<Cost> reader = new ArrayList<>();
        for (int round = 0; round < rounds; round++) {
            programs.add(shell("age -d -i '" + key + "' '" + sealed + "' | zstd -d"));
            reader.add(reader(sealed, summary.segments().getFirst()));
        }
        REPORT.printf(
                Locale.ROOT,
                "age -d | zstd -d   median %.2f s, CPU %.2f s%nreader             median %.2f s, CPU %.2f s%n",
                median(programs, Cost::seconds),
                median(programs, Cost::cpuSeconds),
                median(reader, Cost::seconds),
                median(reader, Cost::cpuSeconds));
        Files.delete(sealed);
        Files.delete(key);
    }

    private static Cost reader(Path sealed, SegmentSummary segment) throws IOException {
        double cpuBefore = cpuSeconds();
        long start = System.nanoTime();
        FileKey fileKey;
        try (InputStream in = Files.newInputStream(sealed)) {
            fileKey = Age.fileKey(in, List.of(IDENTITY));
        }
        try (InputStream in = ArtifactReader.open(List.of(new SegmentSource() {
            @Override
            public InputStream open() throws IOException {
                return Files.newInputStream(sealed);
            }

            @Override
            public FileKey key() {
                return fileKey;
            }

            @Override
            public long bytes() {
                return segment.bytes();
            }

            @Override
            public String sha256() {
                return segment.sha256();
            }
        }))) {
            in.transferTo(OutputStream.nullOutputStream());
        }
        return new Cost((System.nanoTime() - start) / 1e9, cpuSeconds() - cpuBefore);
    }

    /** What one run took: time on the clock, and of all processors together. */
    private record Cost(double seconds, double cpuSeconds) {}

    private static double median(List<Cost> costs, ToDoubleFunction<Cost> part) {
        return costs.stream()
                .mapToDouble(part)
                .sorted()
                .skip(costs.size() / 2)
                .findFirst()
                .orElseThrow();
    }

    private static Cost writer(Path file, int level) throws IOException, InterruptedException {
        double cpuBefore = cpuSeconds();
        long start = System.nanoTime();
        try (InputStream in = Files.newInputStream(file)) {
            ArtifactSummary summary = new ArtifactWriter(
                            List.of(IDENTITY.recipient()), new Settings(level, 2, 64L << 30), new SecureRandom())
                    .write(in, segment -> OutputStream.nullOutputStream());
            Cost cost = new Cost((System.nanoTime() - start) / 1e9, cpuSeconds() - cpuBefore);
            REPORT.printf(
                    Locale.ROOT,
                    "level %d: %.2f s, ratio %.2f%n",
                    level,
                    cost.seconds(),
                    (double) summary.plaintextBytes()
                            / summary.segments().getFirst().bytes());
            return cost;
        }
    }

    private static double cpuSeconds() {
        return ProcessHandle.current().info().totalCpuDuration().orElseThrow().toNanos() / 1e9;
    }

    private static Cost shell(String command) throws IOException, InterruptedException {
        long start = System.nanoTime();
        Process process = new ProcessBuilder(
                        "bash", "-o", "pipefail", "-c", "TIMEFORMAT='%U %S'; time { " + command + " > /dev/null; }")
                .redirectErrorStream(true)
                .start();
        String[] times = new String(process.getInputStream().readAllBytes(), US_ASCII)
                .strip()
                .split(" ", -1);
        if (process.waitFor() != 0) {
            throw new IOException("failed: " + command);
        }
        return new Cost((System.nanoTime() - start) / 1e9, Double.parseDouble(times[0]) + Double.parseDouble(times[1]));
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
