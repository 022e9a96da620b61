package io.holdfast.manager.store;

import java.util.regex.Pattern;

/**
 * Checks keys and prefixes before a store takes them. The rule is narrow so that a key is also a safe path, needs no
 * encoding in an address, and cannot name an implementation's own hidden files.
 */
public final class ObjectKeys {
    private static final int LONGEST_KEY = 512;
    private static final Pattern SEGMENT = Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}");

    private ObjectKeys() {}

    /**
     * Gives a good key back.
     *
     * @throws IllegalArgumentException for any other
     */
    public static String check(String key) {
        if (!isKey(key)) {
            throw new IllegalArgumentException("not a key of the store: " + shown(key));
        }
        return key;
    }

    /**
     * Gives a good prefix back: empty, or a key followed by a slash.
     *
     * @throws IllegalArgumentException for any other
     */
    public static String checkPrefix(String prefix) {
        if (!prefix.isEmpty() && !(prefix.endsWith("/") && isKey(prefix.substring(0, prefix.length() - 1)))) {
            throw new IllegalArgumentException("not a prefix of the store: " + shown(prefix));
        }
        return prefix;
    }

    /** Whether this interface can name an object so. Listings leave out what others put there under other names. */
    public static boolean isKey(String key) {
        if (key.length() > LONGEST_KEY) {
            return false;
        }
        for (String segment : key.split("/", -1)) {
            if (!SEGMENT.matcher(segment).matches()) {
                return false;
            }
        }
        return true;
    }

    private static String shown(String key) {
        String printable = key.replaceAll("[^\\x21-\\x7e]", "?");
        return printable.length() > 100 ? printable.substring(0, 100) + "..." : printable;
    }
}
