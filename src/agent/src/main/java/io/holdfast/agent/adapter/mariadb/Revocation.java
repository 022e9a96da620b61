package io.holdfast.agent.adapter.mariadb;

import java.util.ArrayList;
import java.util.List;

/**
 * Takes back what a {@code GRANT} gives, right by right. {@code REVOKE ALL PRIVILEGES} fails as a whole (error 1269) at one that
 * the agent's user cannot take, also one that is to stay.
 */
final class Revocation {
    private Revocation() {}

    /**
     * The statements; none when the right is one that everybody has, or another account's, which servers list with a role that
     * has it.
     *
     * @param grant as servers write it
     * @param account whose it is, quoted
     */
    static List<String> of(String grant, String account) {
        List<Token> tokens = Token.of(grant, Integer.MAX_VALUE);
        int to = -1;
        int on = -1;
        for (int i = 0; i < tokens.size(); i++) {
            if (tokens.get(i).word("TO")) {
                to = i;
            } else if (tokens.get(i).word("ON") && on < 0) {
                on = i;
            }
        }
        boolean usage = tokens.size() > 1 && tokens.get(1).word("USAGE");
        if (to < 2 || usage || !tokens.getFirst().word("GRANT")) {
            return List.of();
        }
        String whose = grant.substring(tokens.get(to).end()).strip();
        boolean option = whose.startsWith(account + " WITH ");
        if (!option && !whose.equals(account)) {
            return List.of();
        }
        String rights = grant.substring(tokens.get(1).start(), tokens.get(to).start());
        List<String> statements = new ArrayList<>();
        statements.add("REVOKE " + rights + "FROM " + account);
        if (option && on > 0) {
            String what = grant.substring(tokens.get(on).start(), tokens.get(to).start());
            statements.add("REVOKE GRANT OPTION " + what + "FROM " + account);
        }
        return statements;
    }
}
