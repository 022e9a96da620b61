package io.holdfast.agent.transfer;

import io.holdfast.protocol.PartUpload;
import java.util.concurrent.ArrayBlockingQueue;

/**
 * The only memory that uploads use: as many parts as are made here. Whoever fills the next part waits until one is free,
 * which is what slows a dump down to the store's pace. Allocated at the first use and kept.
 */
public final class PartBuffers {
    private final ArrayBlockingQueue<byte[]> free;
    private int unmade;

    /**
     * Buffers for this many parts, filled or in flight.
     *
     * @param count at least 2, so that one is filled while another is sent
     */
    public PartBuffers(int count) {
        this.free = new ArrayBlockingQueue<>(count);
        this.unmade = count;
    }

    byte[] take() throws InterruptedException {
        synchronized (this) {
            if (free.isEmpty() && unmade > 0) {
                unmade--;
                return new byte[PartUpload.PART_BYTES];
            }
        }
        return free.take();
    }

    void give(byte[] buffer) {
        free.add(buffer);
    }

    /** How many are neither filled nor in flight. */
    public synchronized int available() {
        return free.size() + unmade;
    }
}
