package io.holdfast.agent.adapter.mariadb;

/** Quoting, for the SQL mode that {@link #SESSION} sets. */
final class Sql {
    /** Goes before all SQL of the agent: what the user's or the server's settings could change. */
    static final String SESSION = """
            /*M!999999\\- enable the sandbox mode */
            SET NAMES utf8mb4, SESSION sql_mode = '', SESSION max_statement_time = 0, SESSION lock_wait_timeout = 300;
            """;

    private Sql() {}

    static String identifier(String name) {
        return '`' + name.replace("`", "``") + '`';
    }

    static String literal(String text) {
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
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
