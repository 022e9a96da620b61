package io.holdfast.agent.transfer;

import io.holdfast.format.segment.Fingerprint;
import java.nio.ByteBuffer;

/**
 * Which lines of an earlier backup's list have a segment that may be named: found by the first eight bytes of
 * its {@link Fingerprint}. Takes at most 4 MB, enough for some 300 GB; what no longer fits is not found. Once it is filled, any thread
 * may look into it.
 *
 * <p>A table with open addressing. Fingerprints are keyed hashes: their bits are as good as random, and say where to look first.
 */
final class LentTable {
    /** What cannot be found. */
    static final int NONE = -1;

    private static final int MOST_BYTES = 4 * 1024 * 1024;
    private static final int MOST_SLOTS = MOST_BYTES / (Long.BYTES + Integer.BYTES);

    /** The most lines that it has. Of eight slots one stays empty, so that what is not there is soon known not to be. */
    static final int MOST_LINES = MOST_SLOTS / 8 * 7;

    /** No fingerprint begins with it that may be named, so it marks what is empty. */
    private static final long EMPTY = 0;

    private final long[] prefixes;
    private final int[] lines;
    private final int most;
    private int size;

    /**
     * An empty one.
     *
     * @param expected how many lines the list has, which need not all fit
     */
    LentTable(long expected) {
        most = (int) Math.clamp(expected, 0L, MOST_LINES);
        int slots = most + most / 7 + 1;
        prefixes = new long[slots];
        lines = new int[slots];
    }

    /** How many lines it has. */
    int size() {
        return size;
    }

    /** Whether no other line fits. */
    boolean isFull() {
        return size == most;
    }

    /**
     * Adds lines that follow one another, while they fit. Of two with the same beginning the first one stays.
     *
     * @param first the number of the first line
     * @param page eight bytes for each line; zeros when it must not be named
     */
    void add(long first, ByteBuffer page) {
        long line = first;
        while (page.remaining() >= Long.BYTES && !isFull() && line <= Integer.MAX_VALUE) {
            add(page.getLong(), (int) line);
            line++;
        }
    }

    private void add(long prefix, int line) {
        if (prefix == EMPTY) {
            return;
        }
        int slot = slot(prefix);
        if (prefixes[slot] == EMPTY) {
            prefixes[slot] = prefix;
            lines[slot] = line;
            size++;
        }
    }

    /** The line of a segment that may be named, or {@link #NONE}. */
    int line(Fingerprint fingerprint) {
        long prefix = fingerprint.prefix();
        int slot = slot(prefix);
        // Whose fingerprint begins with zeros is not in here, and finds an empty slot.
        return prefixes[slot] == EMPTY ? NONE : lines[slot];
    }

    /** Where it is, or the empty slot where it would be. */
    private int slot(long prefix) {
        int slot = (int) Math.unsignedMultiplyHigh(prefix, prefixes.length);
        while (prefixes[slot] != prefix && prefixes[slot] != EMPTY) {
            slot = slot + 1 == prefixes.length ? 0 : slot + 1;
        }
        return slot;
    }
}
