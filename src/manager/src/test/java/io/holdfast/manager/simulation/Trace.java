package io.holdfast.manager.simulation;

import java.util.ArrayDeque;
import java.util.Deque;

/** What happened last, for people; and a digest of all that happened, by which two runs are compared. */
final class Trace {
    private static final int KEPT = 150;

    private final VirtualTime time;
    private final Deque<String> last = new ArrayDeque<>();
    private long digest;
    private int lines;

    Trace(VirtualTime time) {
        this.time = time;
    }

    void add(String who, String what) {
        String line = time.passedMillis() + " " + who + ": " + what;
        digest = digest * 31 + line.hashCode();
        lines++;
        last.add(line);
        if (last.size() > KEPT) {
            last.remove();
        }
    }

    int lines() {
        return lines;
    }

    long digest() {
        return digest;
    }

    /** The last lines, each with the milliseconds since the beginning. */
    @Override
    public String toString() {
        return String.join("\n", last);
    }
}
