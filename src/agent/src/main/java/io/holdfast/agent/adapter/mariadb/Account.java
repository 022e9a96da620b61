package io.holdfast.agent.adapter.mariadb;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A user or a role, as the server itself describes it.
 *
 * @param host empty for a role
 * @param statements for a user the one that makes it; then its rights. A user that is to be removed has none
 */
record Account(String name, String host, boolean role, List<String> statements) {
    /** The role that everybody has: it cannot be made, only be given rights. */
    private static final String PUBLIC = "PUBLIC";

    /** Whether both are about the same account. */
    boolean names(Account other) {
        return name.equals(other.name) && host.equals(other.host) && role == other.role;
    }

    /** The same account, to be removed. */
    Account removed() {
        return new Account(name, host, role, List.of());
    }

    String quoted() {
        if (role) {
            return name.equals(PUBLIC) ? PUBLIC : Sql.identifier(name);
        }
        return Sql.identifier(name) + "@" + Sql.identifier(host);
    }

    boolean locked() {
        return !role
                && !statements.isEmpty()
                && Token.after(Token.of(statements.getFirst(), Integer.MAX_VALUE), "ACCOUNT", "LOCK") > 0;
    }

    /** Whether it can connect, unless a restore locks it. */
    boolean open() {
        return !role && !statements.isEmpty() && !locked();
    }

    /** SQL that describes it: for a user its making, then its rights. */
    String describe() {
        return (role ? "" : "SHOW CREATE USER " + quoted() + ";\n") + "SHOW GRANTS FOR " + quoted() + ";\n";
    }

    boolean hasPassword() {
        return statements.stream().anyMatch(statement -> statement.contains(" IDENTIFIED "));
    }

    /**
     * Statements that make it anew or remove it; a user that is made is locked until it is opened. A role stays, because others
     * have it, and loses the rights that it has now and should not have.
     *
     * @param now what the server has of it; null when that is nothing
     */
    List<String> make(@Nullable Account now) {
        if (statements.isEmpty()) {
            return List.of("DROP " + (role ? "ROLE" : "USER") + " IF EXISTS " + quoted());
        }
        if (!role) {
            return List.of(statements.getFirst().replaceFirst("^CREATE USER", "CREATE OR REPLACE USER")
                    + (open() ? " ACCOUNT LOCK" : ""));
        }
        List<String> all = new ArrayList<>();
        if (!name.equals(PUBLIC)) {
            all.add("CREATE ROLE IF NOT EXISTS " + quoted());
        }
        if (now != null) {
            now.statements.stream()
                    .filter(right -> !statements.contains(right))
                    .forEach(right -> all.addAll(Revocation.of(right, quoted())));
        }
        return all;
    }

    /** Statements that give it its rights, once all accounts are made. */
    List<String> grants() {
        return statements.stream().skip(role ? 0 : 1).toList();
    }

    String lock() {
        return "ALTER USER IF EXISTS " + quoted() + " ACCOUNT LOCK";
    }

    String unlock() {
        return "ALTER USER IF EXISTS " + quoted() + " ACCOUNT UNLOCK";
    }
}
