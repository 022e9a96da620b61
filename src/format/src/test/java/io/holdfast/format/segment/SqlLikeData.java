package io.holdfast.format.segment;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.InputStream;
import java.util.Random;

/** An endless, seeded stream of rows like those of a database dump, which zstd compresses about 3:1. */
final class SqlLikeData extends InputStream {
    private static final String[] WORDS = {
        "order", "customer", "pending", "shipped", "invoice", "returned", "berlin", "hamburg", "monthly", "account",
        "priority", "standard", "express", "cancelled", "payment", "refund", "delivery", "warehouse", "north", "south"
    };

    private final Random random;
    private final StringBuilder text = new StringBuilder();
    private byte[] row = new byte[0];
    private int position;
    private long id;

    SqlLikeData(long seed) {
        random = new Random(seed);
    }

    @Override
    public int read() {
        byte[] one = new byte[1];
        read(one, 0, 1);
        return one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) {
        if (position == row.length) {
            nextRows();
        }
        int count = Math.min(length, row.length - position);
        System.arraycopy(row, position, target, offset, count);
        position += count;
        return count;
    }

    private void nextRows() {
        text.setLength(0);
        while (text.length() < 32 * 1024) {
            id++;
            text.append(id).append('\t').append(random.nextInt(100_000)).append("\t2026-");
            text.append(10 + random.nextInt(3))
                    .append('-')
                    .append(10 + random.nextInt(18))
                    .append(' ');
            text.append(10 + random.nextInt(14))
                    .append(':')
                    .append(10 + random.nextInt(50))
                    .append(":00\t");
            for (int words = 4 + random.nextInt(8); words > 0; words--) {
                text.append(WORDS[random.nextInt(WORDS.length)]).append(' ');
            }
            text.append('\t').append(Long.toHexString(random.nextLong())).append("\t\\N\tt\t");
            text.append(random.nextInt(1000))
                    .append('.')
                    .append(10 + random.nextInt(90))
                    .append('\n');
        }
        row = text.toString().getBytes(US_ASCII);
        position = 0;
    }
}
