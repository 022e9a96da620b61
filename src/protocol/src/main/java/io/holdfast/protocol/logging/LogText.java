package io.holdfast.protocol.logging;

import java.util.regex.Pattern;

/** Makes what neither ends a line, nor moves the cursor, nor changes the direction of writing, of any text. */
final class LogText {
    /** Control and format characters, and what Unicode takes for the end of a line. */
    private static final Pattern UNSAFE = Pattern.compile("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]");

    /** The same without those that JSON has to escape, and that stand between its texts. */
    private static final Pattern UNSAFE_IN_JSON = Pattern.compile("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}&&[^\\x00-\\x1f]]");

    private LogText() {}

    /** With {@code \n}, {@code \t} and the like in place of such characters. */
    static String escaped(String text) {
        return escaped(UNSAFE, text);
    }

    /** The same of a JSON document. */
    static String escapedJson(String json) {
        return escaped(UNSAFE_IN_JSON, json);
    }

    private static String escaped(Pattern unsafe, String text) {
        return unsafe.matcher(text).replaceAll(found -> {
            String escape = switch (found.group()) {
                case "\n" -> "\\n";
                case "\r" -> "\\r";
                case "\t" -> "\\t";
                default -> escape(found.group());
            };
            return escape.replace("\\", "\\\\");
        });
    }

    private static String escape(String character) {
        StringBuilder escape = new StringBuilder();
        character.chars().forEach(unit -> escape.append("\\u%04x".formatted(unit)));
        return escape.toString();
    }
}
