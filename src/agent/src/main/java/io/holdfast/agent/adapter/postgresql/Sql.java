package io.holdfast.agent.adapter.postgresql;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** Quoting, for servers with {@code standard_conforming_strings} (the default, and set for every session here). */
final class Sql {
    private Sql() {}

    static String identifier(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }

    static String literal(String text) {
        return '\'' + text.replace("'", "''") + '\'';
    }

    /** The name of a setting, which may have a prefix: each part on its own. */
    static String setting(String name) {
        return Arrays.stream(name.split("\\.", -1)).map(Sql::identifier).collect(Collectors.joining("."));
    }

    /** The elements of a list of identifiers as PostgreSQL writes it into a setting, such as {@code "$user", public}. */
    static List<String> elements(String list) {
        List<String> elements = new ArrayList<>();
        StringBuilder element = new StringBuilder();
        boolean quoted = false;
        for (int i = 0; i < list.length(); i++) {
            char c = list.charAt(i);
            if (c == '"') {
                if (quoted && i + 1 < list.length() && list.charAt(i + 1) == '"') {
                    element.append('"');
                    i++;
                } else {
                    quoted = !quoted;
                }
            } else if (c == ',' && !quoted) {
                elements.add(element.toString());
                element.setLength(0);
            } else if (quoted || !Character.isWhitespace(c)) {
                element.append(c);
            }
        }
        elements.add(element.toString());
        return elements;
    }
}
