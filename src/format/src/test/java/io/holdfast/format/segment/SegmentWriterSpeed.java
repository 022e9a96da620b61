package io.holdfast.format.segment;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.holdfast.format.age.FileKey;
import io.holdfast.format.age.X25519Identity;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/**
 * Measures {@link SegmentWriter} and {@link SegmentReader} against the zstd and age programs, in turns, on one file that is in
 * memory. The last writer has all segments stored already, as in a second backup of the same data.
 *
 * <p>Usage: {@code SegmentWriterSpeed <file> <megabytes> <rounds>}; the file is made when it is missing. Not a test.
 */
final class SegmentWriterSpeed {
    private static final PrintStream REPORT = System.out;
    private static final X25519Identity IDENTITY = X25519Identity.generate(new SecureRandom());
    private static final SegmentSecret SECRET = SegmentSecret.random(new SecureRandom());
    private static final int WORKERS = 2;
    private static final int IN_FLIGHT = 4;

    private SegmentWriterSpeed() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        Path file = Path.of(arguments[0]);
        int megabytes = Integer.parseInt(arguments[1]);
        int rounds = Integer.parseInt(arguments[2]);
        if (!Files.exists(file)) {
            generate(file, megabytes);
        }
        String[] names = {"zstd -3 -T2 | age", "zstd -3 -T2", "writer -1", "writer -2", "writer -3", "nothing new"};
        List<List<Cost>> costs =
                Stream.of(names).map(name -> (List<Cost>) new ArrayList<Cost>()).toList();
        for (int round = 0; round < rounds; round++) {
            costs.get(0).add(shell("zstd -q -3 -T2 -c '" + file + "' | age -r " + IDENTITY.recipient()));
            costs.get(1).add(shell("zstd -q -3 -T2 -c '" + file + "'"));
            for (int level = 1; level <= 3; level++) {
                costs.get(1 + level).add(writer(file, level, false));
            }
            costs.get(5).add(writer(file, 3, true));
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

    /** The way back: {@link SegmentReader} against the two programs, which get all of it as one age file. */
    private static void measureReading(Path file, int rounds) throws IOException, InterruptedException {
        Path sealed = file.resolveSibling(file.getFileName() + ".zst.age");
        Path segments = file.resolveSibling(file.getFileName() + ".segments");
        Path key = Files.writeString(file.resolveSibling(file.getFileName() + ".key"), IDENTITY.encoded() + "\n");
        shell("{ zstd -q -3 -T2 -c '" + file + "' | age -r " + IDENTITY.recipient() + " > '" + sealed + "'; }");
        List<Cost> programs = new ArrayList<>();
        List<Cost> reader = new ArrayList<>();
        try (Stored stored = new Stored(segments)) {
            write(file, 3, stored);
            for (int round = 0; round < rounds; round++) {
                programs.add(shell("age -d -i '" + key + "' '" + sealed + "' | zstd -d"));
                reader.add(reader(stored));
            }
        }
        REPORT.printf(
                Locale.ROOT,
                "age -d | zstd -d   median %.2f s, CPU %.2f s%nreader             median %.2f s, CPU %.2f s%n",
                median(programs, Cost::seconds),
                median(programs, Cost::cpuSeconds),
                median(reader, Cost::seconds),
                median(reader, Cost::cpuSeconds));
        for (Path made : List.of(sealed, segments, key)) {
            Files.delete(made);
        }
    }

    private static Cost reader(Stored stored) throws IOException {
        double cpuBefore = cpuSeconds();
        long start = System.nanoTime();
        try (SegmentReader in = new SegmentReader(
                stored.places.values().stream().map(Place::line).iterator(),
                stored,
                new SegmentSizes(SegmentSizes.LARGEST_MEAN),
                SECRET,
                IN_FLIGHT)) {
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

    private static Cost writer(Path file, int level, boolean stored) throws IOException, InterruptedException {
        AtomicLong sealedBytes = new AtomicLong();
        double cpuBefore = cpuSeconds();
        long start = System.nanoTime();
        WrittenArtifact written = write(file, level, new SegmentSink() {
            @Override
            public boolean isStored(long position, Fingerprint fingerprint) {
                return stored;
            }

            @Override
            public void store(long position, Fingerprint fingerprint, SealedSegment sealed) {
                // The manager gets it, so it belongs to the work.
                sealed.sha256();
                sealedBytes.addAndGet(sealed.bytes());
            }
        });
        Cost cost = new Cost((System.nanoTime() - start) / 1e9, cpuSeconds() - cpuBefore);
        REPORT.printf(
                Locale.ROOT,
                "level %d: %.2f s, %d segments, %d bytes become %d%n",
                level,
                cost.seconds(),
                written.segments(),
                written.plaintextBytes(),
                sealedBytes.get());
        return cost;
    }

    private static WrittenArtifact write(Path file, int level, SegmentSink sink)
            throws IOException, InterruptedException {
        try (InputStream in = Files.newInputStream(file);
                SegmentWriter writer = new SegmentWriter(
                        SECRET, List.of(IDENTITY.recipient()), level, WORKERS, IN_FLIGHT, new SecureRandom())) {
            return writer.write(in, SegmentSizes.fitting(Files.size(file)), sink)
                    .await();
        }
    }

    private record Place(SegmentLine line, long offset) {}

    /** Segments in one file, so that the disk does not count. */
    private static final class Stored implements SegmentSink, SegmentSource, AutoCloseable {
        private final ConcurrentSkipListMap<Long, Place> places = new ConcurrentSkipListMap<>();
        private final AtomicLong end = new AtomicLong();
        private final FileChannel file;

        Stored(Path path) throws IOException {
            file = FileChannel.open(
                    path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, StandardOpenOption.READ);
        }

        @Override
        public boolean isStored(long position, Fingerprint fingerprint) {
            return false;
        }

        @Override
        public void store(long position, Fingerprint fingerprint, SealedSegment sealed) throws IOException {
            long offset = end.getAndAdd(sealed.bytes());
            ByteBuffer bytes = ByteBuffer.wrap(sealed.buffer(), 0, sealed.bytes());
            while (bytes.hasRemaining()) {
                file.write(bytes, offset + bytes.position());
            }
            SegmentName name = new SegmentName("b", 1, (int) position);
            places.put(
                    position,
                    new Place(
                            new SegmentLine("app", fingerprint, sealed.bytes(), sealed.sha256(), sealed.key(), name),
                            offset));
        }

        @Override
        public FileKey key(SegmentLine line) throws IOException {
            return IDENTITY.open(line.key());
        }

        @Override
        public int read(SegmentLine line, byte[] target) throws IOException {
            Place place = places.get((long) line.name().number());
            if (place == null) {
                throw new IOException("not stored: " + line);
            }
            ByteBuffer bytes = ByteBuffer.wrap(target, 0, line.bytes());
            while (bytes.hasRemaining() && file.read(bytes, place.offset() + bytes.position()) >= 0) {}
            return bytes.position();
        }

        @Override
        public void close() throws IOException {
            file.close();
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
                OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
            byte[] buffer = new byte[1_000_000];
            for (int i = 0; i < megabytes; i++) {
                int got = in.readNBytes(buffer, 0, buffer.length);
                out.write(buffer, 0, got);
            }
        }
    }
}
