package io.holdfast.agent.adapter.mariadb;

import java.util.List;

/**
 * What a dump's {@code SET} statements may set: variables of the session, to a value, a variable or nothing that is run. One such as
 * {@code SET GLOBAL}, {@code SET PASSWORD} or {@code SET ROLE} is in no dump.
 */
final class Assignments {
    private Assignments() {}

    /** Whether a statement, all of whose tokens are given, sets nothing else. */
    static boolean ofSession(List<Token> tokens) {
        int i = 1;
        while (i < tokens.size()) {
            int end = i;
            while (end < tokens.size() && !tokens.get(end).symbol(',')) {
                end++;
            }
            if (!one(tokens.subList(i, end))) {
                return false;
            }
            i = end + 1;
        }
        return tokens.size() > 1;
    }

    private static boolean one(List<Token> tokens) {
        if (!tokens.isEmpty() && tokens.getFirst().word("NAMES")) {
            return tokens.stream().skip(1).noneMatch(token -> token.type() == Token.Type.SYMBOL);
        }
        int equals = 0;
        while (equals < tokens.size() && !tokens.get(equals).symbol('=')) {
            equals++;
        }
        return equals + 1 < tokens.size()
                && target(tokens.subList(0, equals))
                && tokens.stream().skip(equals).noneMatch(token -> token.symbol('('));
    }

    /** {@code name}, {@code SESSION name}, {@code @name}, {@code @@name} or {@code @@SESSION.name}. */
    private static boolean target(List<Token> tokens) {
        int i = 0;
        if (tokens.size() > 2 && tokens.getFirst().symbol('@')) {
            i = tokens.get(1).symbol('@') ? 2 : 1;
        } else if (tokens.size() == 2 && tokens.getFirst().symbol('@')) {
            i = 1;
        }
        if (i != 1 && tokens.size() > i + 1 && tokens.get(i).word("SESSION")) {
            i += i == 2 && tokens.get(i + 1).symbol('.') ? 2 : 1;
        }
        return i + 1 == tokens.size() && tokens.get(i).name() && !tokens.get(i).word("PASSWORD");
    }
}
