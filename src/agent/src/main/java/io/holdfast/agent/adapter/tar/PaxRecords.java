package io.holdfast.agent.adapter.tar;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The records of one extended header, see pax(1): lines of {@code length key=value}, which overrule the header after it. */
final class PaxRecords {
    static final PaxRecords NONE = new PaxRecords(Map.of());

    /** What GNU tar writes with the options of {@link Tar}; anything else could mean what is not checked here. */
    private static final Set<String> KNOWN = Set.of(
            "path",
            "linkpath",
            "size",
            "mtime",
            "uid",
            "gid",
            "uname",
            "gname",
            "GNU.sparse.major",
            "GNU.sparse.minor",
            "GNU.sparse.name",
            "GNU.sparse.realsize",
            "SCHILY.acl.access",
            "SCHILY.acl.default");

    private static final int LONGEST_LENGTH = 10;

    private final Map<String, byte[]> values;

    private PaxRecords(Map<String, byte[]> values) {
        this.values = values;
    }

    static PaxRecords parse(byte[] bytes) throws TarException {
        Map<String, byte[]> values = new HashMap<>();
        for (int start = 0; start < bytes.length; ) {
            int space = indexOf(bytes, ' ', start, Math.min(bytes.length, start + LONGEST_LENGTH));
            long length = space < 0 ? 0 : number(Arrays.copyOfRange(bytes, start, space));
            int equals = indexOf(bytes, '=', Math.max(space, start), bytes.length);
            if (length <= 0
                    || length > bytes.length - start
                    || bytes[(int) (start + length) - 1] != '\n'
                    || equals < 0
                    || equals >= start + length - 1) {
                throw TarException.malformed("an extended header cannot be read");
            }
            int end = (int) (start + length);
            String key = new String(bytes, space + 1, equals - space - 1, StandardCharsets.ISO_8859_1);
            boolean attribute = Attributes.isOne(key);
            if (!attribute && !KNOWN.contains(key)) {
                throw TarException.refused("an extended header has the key "
                        + Names.shown(key.getBytes(StandardCharsets.ISO_8859_1)) + ", which is not known");
            }
            // Attributes mean nothing to the check, so they are not kept.
            byte[] value = attribute ? new byte[0] : Arrays.copyOfRange(bytes, equals + 1, end - 1);
            if (values.put(key, value) != null) {
                throw TarException.refused("an extended header has the key " + key + " twice");
            }
            start = end;
        }
        return new PaxRecords(values);
    }

    /** A name, or null when there is no such record. */
    byte @Nullable [] name(String key) throws TarException {
        byte[] value = values.get(key);
        if (value != null && (value.length == 0 || Names.contains(value, 0))) {
            throw TarException.refused("an extended header's " + key + " is not a name");
        }
        return value;
    }

    /** A number that is not negative; the other one when there is no such record. */
    long number(String key, long otherwise) throws TarException {
        byte[] value = values.get(key);
        return value == null ? otherwise : number(value);
    }

    /** The keys of all records. */
    Set<String> keys() {
        return values.keySet();
    }

    boolean sparse() {
        return values.keySet().stream().anyMatch(key -> key.startsWith("GNU.sparse."));
    }

    private static long number(byte[] digits) throws TarException {
        if (digits.length == 0 || digits.length > 18) {
            throw TarException.malformed("a number in an extended header is empty or too large");
        }
        long value = 0;
        for (byte digit : digits) {
            if (digit < '0' || digit > '9') {
                throw TarException.malformed("a number in an extended header is not decimal");
            }
            value = value * 10 + digit - '0';
        }
        return value;
    }

    private static int indexOf(byte[] bytes, char wanted, int from, int to) {
        for (int i = from; i < to; i++) {
            if (bytes[i] == wanted) {
                return i;
            }
        }
        return -1;
    }
}
