package io.holdfast.manager.http;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Short words in requests. */
public final class Words {
    private static final Pattern WORD = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,127}");

    private Words() {}

    /** Demands a short word, as ids and names are. */
    public static void require(@Nullable String value, String field) {
        if (value == null || !WORD.matcher(value).matches()) {
            throw new HttpError(ErrorCode.BAD_REQUEST, "field '" + field + "' is missing or is not a short word");
        }
    }
}
