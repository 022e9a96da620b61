package io.holdfast.testbed.speed;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Rows of a table, as PostgreSQL's {@code COPY … FROM STDIN} takes them; the same for the same seed. Some columns repeat,
 * some count up, some are random: zstd -3 gets them to about a third.
 */
public final class SampleRows {
    private static final List<String> WORDS = List.of(
            "anchor", "bridge", "candle", "dune", "ember", "ferry", "glacier", "harbour", "island", "jetty", "keel",
            "lagoon", "mast", "north", "oyster", "pilot", "quay", "reef", "sail", "tide", "upper", "vessel", "wharf",
            "yawl", "zenith", "calm", "deep", "early", "grey", "late", "open", "wide");
    private static final List<String> STATES = List.of("new", "paid", "packed", "shipped", "delivered", "returned");
    private static final int FLUSH_CHARACTERS = 1 << 16;

    private final SplittableRandom random;
    private long row;

    private SampleRows(long seed) {
        this.random = new SplittableRandom(seed);
    }

    /**
     * Writes rows to standard output.
     *
     * @param args how many million bytes, and the seed
     */
    public static void main(String[] args) throws IOException {
        if (args.length != 2) {
            System.err.println("arguments: MEGABYTES SEED");
            System.exit(2);
        }
        // Not System.out, which would hide a failure.
        try (OutputStream out = new FileOutputStream(FileDescriptor.out)) {
            new SampleRows(Long.parseLong(args[1])).write(out, Long.parseLong(args[0]) * 1_000_000);
        }
    }

    private void write(OutputStream out, long bytes) throws IOException {
        StringBuilder text = new StringBuilder(FLUSH_CHARACTERS + 1024);
        for (long written = 0; written < bytes; ) {
            text.setLength(0);
            while (text.length() < FLUSH_CHARACTERS) {
                append(text);
            }
            byte[] some = text.toString().getBytes(StandardCharsets.US_ASCII);
            out.write(some);
            written += some.length;
        }
    }

    /** id, customer, time, state, price, note, token, flag, comment. */
    private void append(StringBuilder text) {
        row++;
        text.append(row).append('\t').append(random.nextInt(200_000)).append("\t2026-");
        two(text, 1 + random.nextInt(12)).append('-');
        two(text, 1 + random.nextInt(28)).append(' ');
        two(text, random.nextInt(24)).append(':');
        two(text, random.nextInt(60)).append(':');
        two(text, random.nextInt(60)).append("+00\t").append(one(STATES)).append('\t');
        two(text.append(random.nextInt(2000)).append('.'), random.nextInt(100)).append('\t');
        for (int words = 6 + random.nextInt(10); words > 0; words--) {
            text.append(one(WORDS)).append(words > 1 ? " " : "\t");
        }
        text.append(Long.toHexString(random.nextLong())).append(random.nextBoolean() ? "\tt\t" : "\tf\t");
        text.append(random.nextInt(4) == 0 ? "left at the " + one(WORDS) + " gate" : "\\N")
                .append('\n');
    }

    private String one(List<String> of) {
        return of.get(random.nextInt(of.size()));
    }

    private static StringBuilder two(StringBuilder text, int number) {
        return number < 10 ? text.append('0').append(number) : text.append(number);
    }
}
