package io.holdfast.agent.adapter.postgresql;

import java.util.ArrayList;
import java.util.List;

/**
 * Splits what {@code pg_dumpall} wrote into statements, without comments. Knows quoted identifiers, strings, escape
 * strings, dollar quotes and comments; {@code psql}'s own commands, which begin with a backslash, are dropped with their
 * line and never run.
 */
final class SqlStatements {
    private final String text;
    private final List<String> statements = new ArrayList<>();
    private final StringBuilder statement = new StringBuilder();
    private int at;

    private SqlStatements(String text) {
        this.text = text;
    }

    static List<String> split(String text) {
        return new SqlStatements(text).split();
    }

    private List<String> split() {
        while (at < text.length()) {
            char c = text.charAt(at);
            if (text.startsWith("--", at) || c == '\\') {
                at = endOf("\n", at);
            } else if (text.startsWith("/*", at)) {
                at = endOf("*/", at + 2);
            } else if (c == '\'') {
                take(endOfQuoted('\'', escapes()));
            } else if (c == '"') {
                take(endOfQuoted('"', false));
            } else if (c == '$') {
                take(endOfDollarQuoted());
            } else if (c == ';') {
                at++;
                finish();
            } else {
                take(at + 1);
            }
        }
        finish();
        return statements;
    }

    private void take(int end) {
        statement.append(text, at, end);
        at = end;
    }

    private void finish() {
        String done = statement.toString().strip();
        statement.setLength(0);
        if (!done.isEmpty()) {
            statements.add(done);
        }
    }

    /** Whether the string that begins here is an escape string: E'…'. */
    private boolean escapes() {
        boolean letter = at > 0 && (text.charAt(at - 1) == 'E' || text.charAt(at - 1) == 'e');
        return letter && (at < 2 || !Character.isLetterOrDigit(text.charAt(at - 2)));
    }

    private int endOfQuoted(char quote, boolean escapes) {
        int i = at + 1;
        while (i < text.length()) {
            char c = text.charAt(i);
            if (escapes && c == '\\') {
                i += 2;
            } else if (c == quote) {
                if (i + 1 < text.length() && text.charAt(i + 1) == quote) {
                    i += 2;
                } else {
                    return i + 1;
                }
            } else {
                i++;
            }
        }
        return text.length();
    }

    private int endOfDollarQuoted() {
        int tagEnd = text.indexOf('$', at + 1);
        if (tagEnd < 0 || !text.substring(at + 1, tagEnd).matches("([A-Za-z_][A-Za-z_0-9]*)?")) {
            return at + 1;
        }
        return endOf(text.substring(at, tagEnd + 1), tagEnd + 1);
    }

    private int endOf(String mark, int from) {
        int found = text.indexOf(mark, from);
        return found < 0 ? text.length() : found + mark.length();
    }
}
