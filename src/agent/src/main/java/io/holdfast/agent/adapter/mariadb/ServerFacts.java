package io.holdfast.agent.adapter.mariadb;

import io.holdfast.agent.attempt.JobException;
import io.holdfast.protocol.FailureCode;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a server says about itself and the agent's user.
 *
 * @param version such as {@code 10.11.8-MariaDB}
 * @param rights the user's own rights to everything on the server, such as {@code SHOW VIEW}
 * @param mayGrant whether it may give them to others
 * @param otherTables tables that are not InnoDB's, so that they are copied as they are while others write
 */
record ServerFacts(String version, Set<String> rights, boolean mayGrant, long otherTables) {
    private static final Set<String> TO_DUMP = Set.of("SELECT", "SHOW VIEW", "TRIGGER", "EVENT");
    private static final Set<String> TO_RESTORE = Set.of(
            "SELECT",
            "INSERT",
            "CREATE",
            "DROP",
            "ALTER",
            "LOCK TABLES",
            "CREATE USER",
            "CONNECTION ADMIN",
            "SUPER",
            "EVENT",
            "TRIGGER",
            "SHOW VIEW",
            "PROCESS");

    static ServerFacts of(Client client) throws IOException, InterruptedException {
        List<List<String>> rows = client.run("""
                SELECT VERSION(), (SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_TYPE = 'BASE TABLE'
                    AND ENGINE <> 'InnoDB'
                    AND TABLE_SCHEMA NOT IN ('information_schema', 'performance_schema', 'mysql', 'sys'));
                SELECT PRIVILEGE_TYPE, IS_GRANTABLE FROM information_schema.USER_PRIVILEGES WHERE GRANTEE = CONCAT(
                    QUOTE(SUBSTRING_INDEX(CURRENT_USER(), '@', 1)), '@', QUOTE(SUBSTRING_INDEX(CURRENT_USER(), '@', -1)));
                """);
        Set<String> rights = new HashSet<>();
        boolean mayGrant = false;
        for (List<String> row : rows.subList(1, rows.size())) {
            rights.add(row.getFirst());
            mayGrant |= row.getLast().equals("YES");
        }
        return new ServerFacts(
                rows.getFirst().getFirst(),
                rights,
                mayGrant,
                Long.parseLong(rows.getFirst().getLast()));
    }

    /** A dump as a user without a right would silently leave out what it is about. */
    void requireRightsToDump() throws JobException {
        requireMariadb();
        require(TO_DUMP, "dump");
    }

    void requireRightsToRestore() throws JobException {
        requireMariadb();
        require(TO_RESTORE, "restore");
        if (!mayGrant) {
            throw denied("the agent's database user may not give rights to others (GRANT OPTION)");
        }
    }

    /** A dump of a newer series may have what an older server does not know. */
    void requireAsNewAs(@Nullable String backedUp) throws JobException {
        ToolVersion backup = backedUp == null ? null : ToolVersion.parse(backedUp);
        ToolVersion server = ToolVersion.parse(version);
        if (backup != null && server != null && series(server).compareTo(series(backup)) < 0) {
            throw new JobException(
                    FailureCode.ENGINE_INCOMPATIBLE,
                    "the backup is one of MariaDB " + backup + ", and the server is " + server,
                    "restore into a server of series " + backup.major() + "." + backup.minor() + " or newer");
        }
    }

    private static ToolVersion series(ToolVersion version) {
        return new ToolVersion(version.major(), version.minor(), 0);
    }

    private void requireMariadb() throws JobException {
        if (ToolVersion.parse(version) == null) {
            throw new JobException(
                    FailureCode.ENGINE_INCOMPATIBLE,
                    "the server is " + version + ", not MariaDB",
                    "use an adapter of kind command with MySQL's own programs");
        }
    }

    private void require(Set<String> needed, String purpose) throws JobException {
        List<String> missing = needed.stream()
                .filter(right -> !rights.contains(right))
                .sorted()
                .toList();
        if (!missing.isEmpty()) {
            throw denied("the agent's database user cannot " + purpose + ": it lacks " + String.join(", ", missing));
        }
    }

    private static JobException denied(String message) {
        return new JobException(
                FailureCode.SERVICE_DENIED, message, "grant it on *.* to the user itself, as the adapter's page says");
    }
}
