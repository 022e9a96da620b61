package io.holdfast.agent.adapter.tar;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** Makes tar streams of any kind, also of kinds that no tar would make. */
public final class TarBuilder {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    public TarBuilder directory(String name) {
        return header('5', name, "", 0);
    }

    public TarBuilder file(String name, String content) {
        return header('0', name, "", content.length()).data(content);
    }

    public TarBuilder link(char type, String name, String target) {
        return header(type, name, target, 0);
    }

    /** An extended header of the given records, {@code key=value} each. */
    public TarBuilder extended(String... records) {
        StringBuilder all = new StringBuilder();
        for (String record : records) {
            int length = record.length() + 3;
            while (Integer.toString(length).length() + record.length() + 2 != length) {
                length++;
            }
            all.append(length).append(' ').append(record).append('\n');
        }
        return header('x', "./PaxHeaders/x", "", all.length()).data(all.toString());
    }

    public TarBuilder header(char type, String name, String target, long size) {
        byte[] block = new byte[512];
        put(block, 0, name);
        put(block, 100, "0000644\0");
        put(block, 108, "0000000\0");
        put(block, 116, "0000000\0");
        put(block, 124, String.format(Locale.ROOT, "%011o\0", size));
        put(block, 136, "00000000000\0");
        put(block, 148, "        ");
        block[156] = (byte) type;
        put(block, 157, target);
        put(block, 257, "ustar\00000");
        int sum = 0;
        for (byte each : block) {
            sum += each & 0xff;
        }
        put(block, 148, String.format(Locale.ROOT, "%06o\0 ", sum));
        out.writeBytes(block);
        return this;
    }

    public TarBuilder data(String content) {
        byte[] bytes = content.getBytes(StandardCharsets.ISO_8859_1);
        out.writeBytes(bytes);
        out.writeBytes(new byte[(512 - bytes.length % 512) % 512]);
        return this;
    }

    public TarBuilder zeroBlock() {
        out.writeBytes(new byte[512]);
        return this;
    }

    /** With the mark of the end. */
    public byte[] ended() {
        return zeroBlock().zeroBlock().bytes();
    }

    public byte[] bytes() {
        return out.toByteArray();
    }

    private static void put(byte[] block, int offset, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        System.arraycopy(bytes, 0, block, offset, bytes.length);
    }
}
