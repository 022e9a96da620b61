package io.holdfast.format.age;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Locale;

/**
 * The text form of keys: Bech32 of BIP 173, without its limit of 90 characters.
 *
 * <p>The checksum finds typing errors; it protects against nothing else.
 */
final class Bech32 {
    private static final String ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    private static final int[] GENERATOR = {0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3};
    private static final int CHECKSUM = 6;
    private static final int LONGEST = 1024;

    private Bech32() {}

    /** Lower-case text of these bytes with this prefix, which must be lower-case too. */
    static String encode(String prefix, byte[] data) {
        byte[] words = regroup(data, 8, 5, true);
        int checksum = checksum(prefix, Arrays.copyOf(words, words.length + CHECKSUM)) ^ 1;
        StringBuilder text = new StringBuilder(prefix).append('1');
        for (byte word : words) {
            text.append(ALPHABET.charAt(word));
        }
        for (int i = CHECKSUM - 1; i >= 0; i--) {
            text.append(ALPHABET.charAt((checksum >>> (5 * i)) & 31));
        }
        return text.toString();
    }

    /** The bytes of a text that has this lower-case prefix and is in one case throughout; the text is never quoted. */
    static byte[] decode(String prefix, String text) throws AgeException {
        String lower = text.toLowerCase(Locale.ROOT);
        if (text.length() > LONGEST
                || !(text.equals(lower) || text.equals(text.toUpperCase(Locale.ROOT)))
                || !lower.startsWith(prefix + "1")
                || lower.lastIndexOf('1') != prefix.length()
                || lower.length() < prefix.length() + 1 + CHECKSUM) {
            throw malformed("it does not have the form of one");
        }
        byte[] words = new byte[lower.length() - prefix.length() - 1];
        for (int i = 0; i < words.length; i++) {
            int word = ALPHABET.indexOf(lower.charAt(prefix.length() + 1 + i));
            if (word < 0) {
                throw malformed("it has a character that does not belong there");
            }
            words[i] = (byte) word;
        }
        if (checksum(prefix, words) != 1) {
            throw malformed("its checksum is wrong, so it is incomplete or mistyped");
        }
        byte[] payload = Arrays.copyOf(words, words.length - CHECKSUM);
        byte[] bytes = regroup(payload, 5, 8, false);
        if (!Arrays.equals(regroup(bytes, 8, 5, true), payload)) {
            throw malformed("it has bits left over");
        }
        return bytes;
    }

    private static AgeException malformed(String why) {
        return new AgeException(AgeException.Kind.BAD_KEY, "not an age key: " + why);
    }

    private static byte[] regroup(byte[] data, int from, int to, boolean pad) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int bits = 0;
        int held = 0;
        for (byte value : data) {
            held = (held << from) | (value & ((1 << from) - 1));
            bits += from;
            while (bits >= to) {
                bits -= to;
                out.write((held >>> bits) & ((1 << to) - 1));
            }
            held &= (1 << bits) - 1;
        }
        if (pad && bits > 0) {
            out.write((held << (to - bits)) & ((1 << to) - 1));
        }
        return out.toByteArray();
    }

    private static int checksum(String prefix, byte[] words) {
        int sum = 1;
        for (int i = 0; i < prefix.length(); i++) {
            sum = step(sum, prefix.charAt(i) >>> 5);
        }
        sum = step(sum, 0);
        for (int i = 0; i < prefix.length(); i++) {
            sum = step(sum, prefix.charAt(i) & 31);
        }
        for (byte word : words) {
            sum = step(sum, word);
        }
        return sum;
    }

    private static int step(int sum, int word) {
        int top = sum >>> 25;
        int next = ((sum & 0x1ffffff) << 5) ^ word;
        for (int i = 0; i < GENERATOR.length; i++) {
            if (((top >>> i) & 1) == 1) {
                next ^= GENERATOR[i];
            }
        }
        return next;
    }
}
