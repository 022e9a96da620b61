package io.holdfast.agent.adapter.mariadb;

import io.holdfast.agent.attempt.JobException;
import io.holdfast.protocol.FailureCode;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What the agent's user can give others of that for which no right to everything is enough: roles, of which it has to be an
 * admin, and proxies.
 *
 * @param account the user, quoted
 * @param grantable such as {@code `a role`} and {@code PROXY ON `user`@`host`}
 * @param anyProxy what lets it hand on each proxy
 */
record Granter(String account, Set<String> grantable, String anyProxy) {
    private static final String NAME = "`(?:[^`]|``)*`";
    private static final Pattern GRANT = Pattern.compile("GRANT (" + NAME + "|PROXY ON " + NAME + "@" + NAME + ") TO ("
            + NAME + "(?:@" + NAME + ")?)( WITH (?:ADMIN|GRANT) OPTION)?");
    private static final String PROXY = "PROXY ";

    static Granter of(Client client) throws IOException, InterruptedException {
        List<List<String>> rows = client.run("SELECT CURRENT_USER(); SHOW GRANTS FOR CURRENT_USER();");
        String account = Sql.account(rows.getFirst().getFirst());
        Set<String> grantable = new HashSet<>();
        for (List<String> row : rows) {
            Matcher grant = GRANT.matcher(row.getFirst());
            if (grant.matches() && grant.group(2).equals(account) && grant.group(3) != null) {
                grantable.add(grant.group(1));
            }
        }
        return new Granter(account, grantable, client.product().anyProxy());
    }

    /**
     * Throws {@code SERVICE_DENIED} when accounts have what this user cannot give them.
     *
     * @param live what the server has: this user becomes the admin of a role that it makes itself
     */
    void require(List<Account> accounts, List<Account> live) throws JobException {
        Set<String> roles =
                live.stream().filter(Account::role).map(Account::quoted).collect(Collectors.toSet());
        Set<String> missing = new TreeSet<>();
        for (Account account : accounts) {
            for (String statement : account.statements()) {
                Matcher grant = GRANT.matcher(statement);
                if (grant.matches() && !mayGive(grant.group(1), roles)) {
                    missing.add(grant.group(1));
                }
            }
        }
        if (!missing.isEmpty()) {
            throw new JobException(
                    FailureCode.SERVICE_DENIED,
                    "the agent's database user cannot give others what accounts have: " + String.join(", ", missing),
                    "run as an administrator: "
                            + missing.stream().map(this::remedy).distinct().collect(Collectors.joining("; ")));
        }
    }

    private boolean mayGive(String what, Set<String> roles) {
        return grantable.contains(what)
                || (what.startsWith(PROXY) ? grantable.contains(anyProxy) : !roles.contains(what));
    }

    private String remedy(String what) {
        return what.startsWith(PROXY)
                ? "GRANT " + anyProxy + " TO " + account + " WITH GRANT OPTION"
                : "GRANT " + what + " TO " + account + " WITH ADMIN OPTION";
    }
}
