package io.holdfast.agent.adapter.redis;

import io.holdfast.agent.adapter.OutputCheck;
import io.holdfast.agent.attempt.JobException;
import io.holdfast.protocol.FailureCode;
import java.nio.charset.StandardCharsets;

/**
 * Demands that a stream is a whole RDB file: it begins with a known magic text, and ends with the opcode for its end and
 * the CRC-64 of all before (see {@code rdb.c} and {@code crc64.c} of Redis). A server with {@code rdbchecksum no} writes 0
 * for it, which says nothing.
 */
final class RdbCheck implements OutputCheck {
    private static final long REFLECTED_POLYNOMIAL = 0x95AC9329AC4BC9B5L;
    private static final int END_OPCODE = 0xff;
    private static final int SUM_BYTES = 8;
    private static final int MAGIC_BYTES = 6;
    private static final long[] TABLE = table();

    private final byte[] magic = new byte[MAGIC_BYTES];
    /** The last bytes so far: what is before them is in the sum already. */
    private final byte[] last = new byte[SUM_BYTES];

    private long length;
    private long sum;
    private int lastSummed;

    @Override
    public void accept(byte[] bytes, int offset, int count) {
        for (int i = 0; i < count; i++, length++) {
            byte next = bytes[offset + i];
            if (length < MAGIC_BYTES) {
                magic[(int) length] = next;
            }
            int slot = (int) (length % SUM_BYTES);
            if (length >= SUM_BYTES) {
                lastSummed = last[slot] & 0xff;
                sum = TABLE[(int) (sum ^ lastSummed) & 0xff] ^ (sum >>> 8);
            }
            last[slot] = next;
        }
    }

    @Override
    public void end() throws JobException {
        String text = new String(magic, StandardCharsets.ISO_8859_1);
        if (!text.startsWith("REDIS") && !text.equals("VALKEY")) {
            throw incomplete("is not a snapshot: it begins with other bytes");
        }
        if (length < MAGIC_BYTES + SUM_BYTES || lastSummed != END_OPCODE) {
            throw incomplete("is incomplete");
        }
        long stored = 0;
        for (int i = SUM_BYTES - 1; i >= 0; i--) {
            stored = (stored << 8) | (last[(int) ((length + i) % SUM_BYTES)] & 0xff);
        }
        if (stored != 0 && stored != sum) {
            throw incomplete("does not have its checksum");
        }
    }

    private static JobException incomplete(String how) {
        return new JobException(FailureCode.INCOMPLETE_DUMP, "the snapshot " + how);
    }

    private static long[] table() {
        long[] table = new long[256];
        for (int i = 0; i < table.length; i++) {
            long value = i;
            for (int bit = 0; bit < 8; bit++) {
                value = (value & 1) == 0 ? value >>> 1 : (value >>> 1) ^ REFLECTED_POLYNOMIAL;
            }
            table[i] = value;
        }
        return table;
    }
}
