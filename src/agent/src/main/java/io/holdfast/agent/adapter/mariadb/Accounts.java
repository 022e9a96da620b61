package io.holdfast.agent.adapter.mariadb;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Asks a server for its accounts, and changes them. */
final class Accounts {
    private static final String MARK = "account";

    private Accounts() {}

    /**
     * All that a backup has: not the server's own and not the agent's, and not {@code root}, so that an administrator can
     * come in, whatever becomes of a restore.
     */
    static List<Account> of(Client client) throws IOException, InterruptedException {
        List<Account> names = new ArrayList<>();
        for (List<String> row : client.run(client.product().accountsQuery())) {
            names.add(new Account(row.get(0), row.get(1), row.get(2).equals("Y"), List.of()));
        }
        StringBuilder sql = new StringBuilder();
        for (int i = 0; i < names.size(); i++) {
            // A row of two columns, which no description is.
            sql.append("SELECT '" + MARK + "', ")
                    .append(i)
                    .append(";\n")
                    .append(names.get(i).describe());
        }
        List<List<String>> statements = new ArrayList<>();
        for (List<String> row : client.run(sql.toString())) {
            if (row.size() == 2) {
                statements.add(new ArrayList<>());
            } else {
                statements.getLast().add(row.getFirst());
            }
        }
        return client.product().describe(client, names, statements);
    }

    /** Those of some accounts that are not the same among the others. */
    static List<Account> different(List<Account> accounts, List<Account> others) {
        return accounts.stream().filter(account -> !others.contains(account)).toList();
    }

    /** What the given accounts are among the others; to be removed when they are not there. */
    static List<Account> counterparts(List<Account> accounts, List<Account> others) {
        return accounts.stream()
                .map(account ->
                        others.stream().filter(account::names).findFirst().orElse(account.removed()))
                .toList();
    }

    /**
     * Statements that make all of them and give them their rights; users are locked.
     *
     * @param live what the server has now
     */
    static List<String> make(Product product, List<Account> accounts, List<Account> live) {
        List<String> statements = new ArrayList<>();
        for (boolean role : List.of(true, false)) {
            for (Account account : accounts) {
                if (account.role() == role) {
                    statements.addAll(product.make(
                            account,
                            live.stream().filter(account::names).findFirst().orElse(null)));
                }
            }
        }
        accounts.forEach(account -> statements.addAll(account.grants()));
        return statements;
    }
}
