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
 * @param rowLimit how many rows a query of a new session gives
 * @param otherTables tables that are not InnoDB's, so that they are copied as they are while others write
 * @param hiding what would keep something out of a dump, see {@link Product#hidingQuery}
 */
record ServerFacts(
        Product product,
        String version,
        Set<String> rights,
        boolean mayGrant,
        String rowLimit,
        long otherTables,
        String hiding) {
    private static final String NO_LIMIT = "18446744073709551615";

    static ServerFacts of(Client client) throws IOException, InterruptedException {
        List<List<String>> rows = client.run("""
                SELECT VERSION(), @@GLOBAL.sql_select_limit, (SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_TYPE = 'BASE TABLE'
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
        Product product = client.product();
        String version = rows.getFirst().getFirst();
        return new ServerFacts(
                product,
                rows.getFirst().getFirst(),
                rights,
                mayGrant,
                rows.getFirst().get(1),
                Long.parseLong(rows.getFirst().getLast()),
                // Another product does not know the words.
                product.version(version) == null
                        ? ""
                        : client.run(product.hidingQuery() + ";").getFirst().getFirst());
    }

    /** The dump program's queries have no more rows than the server's setting says, and it does not notice. */
    void requireAllRows() throws JobException {
        if (!hiding.isEmpty()) {
            throw new JobException(
                    FailureCode.DUMP_FAILED,
                    hiding + ": a dump would be incomplete",
                    "see the adapter's page for what it needs");
        }
        if (!rowLimit.equals(NO_LIMIT)) {
            throw new JobException(
                    FailureCode.DUMP_FAILED,
                    "the server's sql_select_limit is " + rowLimit + ": a dump would have no more rows of each table",
                    "run SET GLOBAL sql_select_limit = DEFAULT, and take it out of the server's configuration");
        }
    }

    /** A dump as a user without a right would silently leave out what it is about. */
    void requireRightsToDump() throws JobException {
        requireProduct();
        require(Product.RIGHTS_TO_DUMP, "dump");
    }

    void requireRightsToRestore() throws JobException {
        requireProduct();
        require(product.rightsToRestore(), "restore");
        if (!mayGrant) {
            throw denied("the agent's database user may not give rights to others (GRANT OPTION)");
        }
    }

    /** A dump of a newer series may have what an older server does not know. */
    void requireAsNewAs(@Nullable String backedUp) throws JobException {
        ToolVersion backup = backedUp == null ? null : product.version(backedUp);
        ToolVersion server = product.version(version);
        if (backedUp != null && backup == null) {
            throw new JobException(
                    FailureCode.ENGINE_INCOMPATIBLE,
                    "the backup is one of version " + backedUp + ", which is not " + product.title() + "'s",
                    "restore it into a server of the same product: neither MariaDB nor MySQL accepts the"
                            + " other's dumps");
        }
        if (backup != null && server != null && server.series().compareTo(backup.series()) < 0) {
            throw new JobException(
                    FailureCode.ENGINE_INCOMPATIBLE,
                    "the backup is one of " + product.title() + " " + backup + ", and the server is " + server,
                    "restore into a server of series " + backup.major() + "." + backup.minor() + " or newer");
        }
    }

    private void requireProduct() throws JobException {
        requireProduct(product, version);
    }

    /** Throws when a server that says this of its version is another product's, or too old. */
    static void requireProduct(Product product, String version) throws JobException {
        ToolVersion server = product.version(version);
        if (server == null) {
            throw new JobException(
                    FailureCode.ENGINE_INCOMPATIBLE,
                    "the server is " + version + ", not " + product.title(),
                    "use an adapter of the server's own kind, mariadb or mysql, with its own client programs");
        }
        if (server.compareTo(product.oldestServer()) < 0) {
            throw new JobException(
                    FailureCode.ENGINE_INCOMPATIBLE,
                    "the server is " + version + ", and " + product.title() + " " + product.oldestServer()
                            + " is the oldest supported version",
                    "update the server");
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
