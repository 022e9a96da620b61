package io.holdfast.agent.adapter.mariadb;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A word, a quoted name, a text or a symbol of a statement. Comments are none; what servers run of them is.
 *
 * @param start where it begins in the statement
 * @param end where it ends
 * @param value a name without its quotes, a word as it stands
 */
record Token(Type type, int start, int end, String value) {
    /** What it is. */
    enum Type {
        WORD,
        NAME,
        TEXT,
        SYMBOL
    }

    /** Comments up to this version are run by all servers that are not too old. */
    private static final int ALWAYS_RUN = 50699;

    /** How comments are read that only some servers run. */
    enum Reading {
        /** As if they were run. */
        RUN,
        /** As if they were comments. */
        LEFT_OUT
    }

    /** All tokens of a statement, the first ones at least; of comments that only some servers run too. */
    static List<Token> of(String sql, int most) {
        return of(sql, most, Reading.RUN);
    }

    /** All tokens of a statement, the first ones at least. */
    static List<Token> of(String sql, int most, Reading reading) {
        List<Token> tokens = new ArrayList<>();
        int i = 0;
        while (i < sql.length() && tokens.size() < most) {
            char c = sql.charAt(i);
            int end = i + 1;
            if (c <= ' ') {
                i = end;
                continue;
            }
            if (c == '#'
                    || (c == '-' && sql.startsWith("--", i) && (i + 2 == sql.length() || sql.charAt(i + 2) <= ' '))) {
                int line = sql.indexOf('\n', i);
                i = line < 0 ? sql.length() : line + 1;
                continue;
            }
            if (sql.startsWith("/*", i)) {
                i = comment(sql, i, reading);
                continue;
            }
            if (sql.startsWith("*/", i)) {
                i += 2;
                continue;
            }
            String mark = c == '$' ? DollarQuote.at(sql, i) : "";
            if (!mark.isEmpty()) {
                int close = sql.indexOf(mark, i + mark.length());
                end = close < 0 ? sql.length() : close + mark.length();
                tokens.add(new Token(Type.TEXT, i, end, sql.substring(i, end)));
            } else if (c == '`' || c == '"' || c == '\'') {
                end = quoted(sql, i);
                String value = sql.substring(i + 1, Math.max(i + 1, end - 1)).replace("" + c + c, "" + c);
                tokens.add(new Token(c == '\'' ? Type.TEXT : Type.NAME, i, end, value));
            } else if (isWord(c)) {
                while (end < sql.length() && isWord(sql.charAt(end))) {
                    end++;
                }
                tokens.add(new Token(Type.WORD, i, end, sql.substring(i, end)));
            } else {
                tokens.add(new Token(Type.SYMBOL, i, end, sql.substring(i, end)));
            }
            i = end;
        }
        return tokens;
    }

    private static int comment(String sql, int start, Reading reading) {
        int mark = sql.startsWith("M", start + 2) ? start + 3 : start + 2;
        if (sql.startsWith("!", mark)) {
            int end = mark + 1;
            while (end < sql.length() && Character.isDigit(sql.charAt(end))) {
                end++;
            }
            boolean always = mark == start + 2 && (end == mark + 1 || version(sql, mark + 1, end) <= ALWAYS_RUN);
            if (always || reading == Reading.RUN) {
                return end;
            }
        }
        int end = sql.indexOf("*/", start + 2);
        return end < 0 ? sql.length() : end + 2;
    }

    private static int version(String sql, int start, int end) {
        return end - start > 6 ? Integer.MAX_VALUE : Integer.parseInt(sql, start, end, 10);
    }

    private static int quoted(String sql, int start) {
        char quote = sql.charAt(start);
        for (int i = start + 1; i < sql.length(); i++) {
            char c = sql.charAt(i);
            if (c == '\\' && quote != '`') {
                i++;
            } else if (c == quote) {
                if (i + 1 < sql.length() && sql.charAt(i + 1) == quote) {
                    i++;
                } else {
                    return i + 1;
                }
            }
        }
        return sql.length();
    }

    private static boolean isWord(char c) {
        return Character.isLetterOrDigit(c) || c == '_' || c == '$' || c >= 0x80;
    }

    /** The index of the token behind two words that follow one another; 0 when they are not there. */
    static int after(List<Token> tokens, String first, String second) {
        for (int i = 0; i + 1 < tokens.size(); i++) {
            if (tokens.get(i).word(first) && tokens.get(i + 1).word(second)) {
                return i + 2;
            }
        }
        return 0;
    }

    boolean word(String word) {
        return type == Type.WORD && value.equalsIgnoreCase(word);
    }

    boolean symbol(char symbol) {
        return type == Type.SYMBOL && value.charAt(0) == symbol;
    }

    boolean name() {
        return type == Type.NAME || type == Type.WORD;
    }

    String upper() {
        return value.toUpperCase(Locale.ROOT);
    }
}
