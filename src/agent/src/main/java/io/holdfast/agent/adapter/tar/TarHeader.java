package io.holdfast.agent.adapter.tar;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** One header block of a POSIX tar stream (the "ustar" format of pax(1)). */
final class TarHeader {
    static final int BLOCK = 512;

    private static final int MODE_AT = 100;
    private static final int MODE_LENGTH = 8;
    private static final int SETUID_SETGID = 06000;
    private static final int CHECKSUM_AT = 148;
    private static final int CHECKSUM_LENGTH = 8;
    private static final byte[] MAGIC = "ustar\00000".getBytes(StandardCharsets.US_ASCII);

    private final char type;
    private final byte[] name;
    private final byte[] linkName;
    private final long size;

    private TarHeader(char type, byte[] name, byte[] linkName, long size) {
        this.type = type;
        this.name = name;
        this.linkName = linkName;
        this.size = size;
    }

    /** What it is about, such as {@code '0'} for a file. */
    char type() {
        return type;
    }

    /** The name, prefix included. */
    byte[] name() {
        return name;
    }

    /** What a link points to. */
    byte[] linkName() {
        return linkName;
    }

    /** How many bytes follow, if no extended header says otherwise. */
    long size() {
        return size;
    }

    /** Reads a block that is not all zeros. */
    static TarHeader parse(byte[] block) throws TarException {
        if (!Arrays.equals(block, 257, 257 + MAGIC.length, MAGIC, 0, MAGIC.length)) {
            throw TarException.malformed("a header is not one of the POSIX format");
        }
        if (octal(block, CHECKSUM_AT, CHECKSUM_LENGTH) != checksum(block)) {
            throw TarException.malformed("a header's checksum is wrong");
        }
        byte[] name = text(block, 0, 100);
        byte[] prefix = text(block, 345, 155);
        if (prefix.length > 0) {
            byte[] joined = Arrays.copyOf(prefix, prefix.length + 1 + name.length);
            joined[prefix.length] = '/';
            System.arraycopy(name, 0, joined, prefix.length + 1, name.length);
            name = joined;
        }
        return new TarHeader((char) (block[156] & 0xff), name, text(block, 157, 100), octal(block, 124, 12));
    }

    /**
     * Takes setuid and setgid from the header at a place, whose checksum is right afterwards too. False when it has neither.
     */
    static boolean dropSetuid(byte[] bytes, int at) throws TarException {
        if (at < 0) {
            throw new IllegalArgumentException("the header is not in one piece");
        }
        long mode = octal(bytes, at + MODE_AT, MODE_LENGTH);
        if ((mode & SETUID_SETGID) == 0) {
            return false;
        }
        write(bytes, at + MODE_AT, "%07o\0".formatted(mode & ~SETUID_SETGID));
        write(bytes, at + CHECKSUM_AT, "%06o\0 ".formatted(checksum(Arrays.copyOfRange(bytes, at, at + BLOCK))));
        return true;
    }

    private static void write(byte[] bytes, int at, String text) {
        byte[] ascii = text.getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(ascii, 0, bytes, at, ascii.length);
    }

    private static int checksum(byte[] block) {
        int sum = 0;
        for (int i = 0; i < BLOCK; i++) {
            boolean own = i >= CHECKSUM_AT && i < CHECKSUM_AT + CHECKSUM_LENGTH;
            sum += own ? ' ' : block[i] & 0xff;
        }
        return sum;
    }

    private static byte[] text(byte[] block, int offset, int length) {
        int end = offset;
        while (end < offset + length && block[end] != 0) {
            end++;
        }
        return Arrays.copyOfRange(block, offset, end);
    }

    private static long octal(byte[] block, int offset, int length) throws TarException {
        long value = 0;
        boolean digits = false;
        boolean over = false;
        for (int i = offset; i < offset + length; i++) {
            byte each = block[i];
            if (each >= '0' && each <= '7' && !over) {
                value = value << 3 | each - '0';
                digits = true;
            } else if (each == 0 || each == ' ') {
                over = digits;
            } else {
                throw TarException.malformed("a number in a header is not octal");
            }
        }
        return value;
    }
}
