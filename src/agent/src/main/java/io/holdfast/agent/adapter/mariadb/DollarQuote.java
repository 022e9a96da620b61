package io.holdfast.agent.adapter.mariadb;

import java.util.regex.Pattern;

/**
 * MySQL's quotes of code in other languages, {@code AS $$ … $$} or {@code AS $tag$ … $tag$}: between them nothing has a meaning. In
 * other places, and in MariaDB, a dollar sign is a letter.
 */
final class DollarQuote {
    private static final Pattern BEFORE = Pattern.compile("(?is).*\\bLANGUAGE\\s+(?!SQL\\b)\\w+\\b.*\\bAS\\s*");

    private DollarQuote() {}

    /** Whether a dollar sign behind this beginning of a statement begins such a quote. */
    static boolean mayFollow(CharSequence beginning) {
        return BEFORE.matcher(beginning).matches();
    }

    /** Whether a character may be between the two dollar signs of a mark. */
    static boolean ofMark(int c) {
        return Character.isLetterOrDigit(c) || c == '_' || c >= 0x80;
    }

    /** The mark that begins at a place of a statement, such as {@code $$}; empty when none does. */
    static String at(String statement, int place) {
        int end = place + 1;
        while (end < statement.length() && ofMark(statement.charAt(end))) {
            end++;
        }
        return end < statement.length() && statement.charAt(end) == '$' && mayFollow(statement.substring(0, place))
                ? statement.substring(place, end + 1)
                : "";
    }
}
