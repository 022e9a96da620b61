package io.holdfast.agent.adapter.mariadb;

import java.util.List;
import java.util.stream.Collectors;

/** Quoting, for the SQL mode that {@link Product#session} sets. */
final class Sql {
    private Sql() {}

    static String identifier(String name) {
        return '`' + name.replace("`", "``") + '`';
    }

    /** An account as {@code CURRENT_USER()} and definers give it: {@code user@host}, for a role without a host. */
    static String account(String name) {
        int at = name.lastIndexOf('@');
        String host = name.substring(at + 1);
        return at < 0 || host.isEmpty()
                ? identifier(at < 0 ? name : name.substring(0, at))
                : identifier(name.substring(0, at)) + "@" + identifier(host);
    }

    /** Statements as one text. */
    static String script(List<String> statements) {
        return statements.stream().map(statement -> statement + ";\n").collect(Collectors.joining());
    }

    static String literal(String text) {
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
    }

    /** For {@code IN (…)}, also when there are none. */
    static String literals(List<String> texts) {
        return texts.isEmpty() ? "NULL" : texts.stream().map(Sql::literal).collect(Collectors.joining(", "));
    }

    /** A value as {@code --batch} prints it. */
    static String unescaped(String value) {
        StringBuilder text = new StringBuilder(value.length());
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c != '\\' || i + 1 == value.length()) {
                text.append(c);
            } else {
                i++;
                text.append(
                        switch (value.charAt(i)) {
                            case 'n' -> '\n';
                            case 't' -> '\t';
                            case '0' -> '\0';
                            default -> value.charAt(i);
                        });
            }
        }
        return text.toString();
    }
}
