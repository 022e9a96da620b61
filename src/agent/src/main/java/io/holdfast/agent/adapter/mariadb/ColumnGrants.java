package io.holdfast.agent.adapter.mariadb;

import java.util.ArrayList;
import java.util.List;

/**
 * Rights to columns, one by one: servers refuse a whole statement when one of its columns is gone. A statement of theirs is
 * such as {@code GRANT SELECT (`a`, `b`), INSERT ON `schema`.`table` TO `user`@`host`}.
 */
final class ColumnGrants {
    private static final String GRANT = "GRANT ";
    private static final String ON = " ON ";

    private ColumnGrants() {}

    /** The statements that together give what the statement gives; the statement itself when it is about no columns. */
    static List<String> split(String statement) {
        List<String> rights = new ArrayList<>();
        String right = "";
        boolean quoted = false;
        int begin = GRANT.length();
        for (int i = begin; i < statement.length(); i++) {
            char c = statement.charAt(i);
            quoted ^= c == '`';
            if (quoted) {
                continue;
            }
            if (c == '(') {
                right = statement.substring(begin, i + 1);
                begin = i + 1;
            } else if (c == ')' || (c == ',' && !right.isEmpty())) {
                rights.add(right + statement.substring(begin, i).strip() + ")");
                begin = i + 1;
                right = c == ')' ? "" : right;
            } else if (c == ',' || statement.startsWith(ON, i)) {
                String whole = statement.substring(begin, i).strip();
                if (!whole.isEmpty()) {
                    rights.add(whole);
                }
                begin = i + 1;
                if (c != ',') {
                    return columns(rights) ? statements(rights, statement.substring(i)) : List.of(statement);
                }
            }
        }
        return List.of(statement);
    }

    private static boolean columns(List<String> rights) {
        return rights.stream().anyMatch(right -> right.endsWith(")"));
    }

    private static List<String> statements(List<String> rights, String rest) {
        return rights.stream().map(right -> GRANT + right + rest).toList();
    }
}
