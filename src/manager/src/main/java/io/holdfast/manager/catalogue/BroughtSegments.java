package io.holdfast.manager.catalogue;

import io.holdfast.format.manifest.Manifest;
import io.holdfast.format.segment.Runs;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The sizes of the segments that one attempt has brought, as a listing has them: some bytes for each, whatever numbers somebody
 * has made up. Not for several threads.
 */
final class BroughtSegments {
    private static final int TOGETHER = 32;

    private final Map<Integer, int[]> sizes = new HashMap<>();

    /** Notes one. */
    void add(int number, long size) {
        sizes.computeIfAbsent(number / TOGETHER, _ -> new int[TOGETHER])[number % TOGETHER] =
                (int) Math.min(size, Integer.MAX_VALUE);
    }

    /** The size of one; 0 when it is not there. */
    private int size(int number) {
        int[] some = sizes.get(number / TOGETHER);
        return some == null ? 0 : some[number % TOGETHER];
    }

    /** Some of those that a manifest says are used, and that are not there. */
    List<Integer> missing(Manifest.Brought used, int most) {
        List<Integer> missing = new ArrayList<>();
        for (Runs.Run run : used.runs().runs()) {
            for (int number = run.first(); number <= run.last() && missing.size() < most; number++) {
                if (size(number) == 0) {
                    missing.add(number);
                }
            }
        }
        return missing;
    }

    /** How many bytes those have that a manifest says are used. */
    long bytes(Manifest.Brought used) {
        long bytes = 0;
        for (Runs.Run run : used.runs().runs()) {
            for (int number = run.first(); number <= run.last(); number++) {
                bytes += size(number);
            }
        }
        return bytes;
    }
}
