package io.holdfast.agent.adapter.mariadb;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What a dump's {@code SET} statements have set so far, of that on which definitions depend: programs set it before each one,
 * and set back what they had saved after it. For one thread.
 */
final class SessionSettings {
    private static final List<String> KNOWN =
            List.of("sql_mode", "character_set_client", "collation_connection", "time_zone");

    private final Map<String, String> now = new TreeMap<>();
    private final Map<String, String> saved = new HashMap<>();

    /** Follows a {@code SET} statement. */
    void follow(DumpStatement set) {
        List<Token> tokens = set.tokens();
        int i = 1;
        while (i < tokens.size()) {
            int end = i;
            int depth = 0;
            while (end < tokens.size() && (depth > 0 || !tokens.get(end).symbol(','))) {
                depth += tokens.get(end).symbol('(') ? 1 : tokens.get(end).symbol(')') ? -1 : 0;
                end++;
            }
            assign(set.text(), tokens.subList(i, end));
            i = end + 1;
        }
    }

    private void assign(String text, List<Token> tokens) {
        if (tokens.size() == 2 && tokens.getFirst().word("NAMES")) {
            now.put("character_set_client", tokens.get(1).value());
            now.remove("collation_connection");
            return;
        }
        int equals = 0;
        while (equals < tokens.size() && !tokens.get(equals).symbol('=')) {
            equals++;
        }
        if (equals == 0 || equals + 1 >= tokens.size()) {
            return;
        }
        String variable = text(text, tokens.subList(0, equals));
        String value = text(text, tokens.subList(equals + 1, tokens.size()));
        if (value.startsWith("@@")) {
            String current = now.get(value.substring(2).toLowerCase(Locale.ROOT));
            if (current == null) {
                saved.remove(variable);
            } else {
                saved.put(variable, current);
            }
        } else if (KNOWN.contains(variable)) {
            String next = value.startsWith("@") ? saved.get(value.toLowerCase(Locale.ROOT)) : value;
            if (next == null) {
                now.remove(variable);
            } else {
                now.put(variable, next);
            }
        }
    }

    private static String text(String text, List<Token> tokens) {
        String all = text.substring(tokens.getFirst().start(), tokens.getLast().end());
        return tokens.getLast().type() == Token.Type.TEXT || all.startsWith("'") ? all : all.toLowerCase(Locale.ROOT);
    }

    String sqlMode() {
        return now.getOrDefault("sql_mode", "");
    }

    /** A statement that sets all of it anew. */
    String statement() {
        return now.isEmpty()
                ? "DO 0"
                : now.entrySet().stream()
                        .map(setting -> setting.getKey() + " = " + setting.getValue())
                        .collect(Collectors.joining(", ", "SET ", ""));
    }
}
