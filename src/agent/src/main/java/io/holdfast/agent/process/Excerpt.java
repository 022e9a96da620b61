package io.holdfast.agent.process;

import java.nio.charset.StandardCharsets;

/**
 * Keeps the first and the last bytes of an output of any size, and drops what is between. Short enough that a failure's
 * message, see {@code docs/agent-protocol.md}, has all of it; more of the end than of the beginning, as programs say there
 * why they gave up.
 */
final class Excerpt {
    private static final int HEAD_BYTES = 1024;
    private static final int TAIL_BYTES = 2560;

    private final byte[] head = new byte[HEAD_BYTES];
    private final byte[] tail = new byte[TAIL_BYTES];
    private long total;
    private long lines;

    synchronized void add(byte[] bytes, int length) {
        for (int i = 0; i < length; i++) {
            if (total < HEAD_BYTES) {
                head[(int) total] = bytes[i];
            } else if (i >= length - TAIL_BYTES) {
                tail[(int) ((total - HEAD_BYTES) % TAIL_BYTES)] = bytes[i];
            }
            total++;
            lines += bytes[i] == '\n' ? 1 : 0;
        }
    }

    /** How many lines have ended. */
    synchronized long lines() {
        return lines;
    }

    /** The excerpt as text, saying how much is left out. */
    synchronized String text() {
        if (total <= HEAD_BYTES) {
            return new String(head, 0, (int) total, StandardCharsets.UTF_8);
        }
        long afterHead = total - HEAD_BYTES;
        int kept = (int) Math.min(afterHead, TAIL_BYTES);
        byte[] end = new byte[kept];
        for (int i = 0; i < kept; i++) {
            end[i] = tail[(int) ((afterHead - kept + i) % TAIL_BYTES)];
        }
        String gap = afterHead > kept ? "\n[" + (afterHead - kept) + " bytes left out]\n" : "";
        return new String(head, StandardCharsets.UTF_8) + gap + new String(end, StandardCharsets.UTF_8);
    }
}
