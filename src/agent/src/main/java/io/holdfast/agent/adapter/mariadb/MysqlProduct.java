package io.holdfast.agent.adapter.mariadb;

import io.holdfast.agent.config.MariadbConfig;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** MySQL 8.4 and newer. */
enum MysqlProduct implements Product {
    MYSQL;

    private static final ToolVersion OLDEST = new ToolVersion(8, 4, 0);

    /** As programs tell it, {@code mysqldump  Ver 9.7.4-2 for Linux}, and servers, {@code 9.7.4-2}. */
    private static final Pattern VERSION = Pattern.compile("(?s)(?:^|Ver )(\\d+)\\.(\\d+)\\.(\\d+)(?!.*MariaDB)");

    /** A connection that has gone meanwhile. */
    private static final int NO_SUCH_SESSION = 1094;

    /** A right that the server does not know any more, such as that of a component that is not installed. */
    private static final int UNKNOWN_RIGHT = 1149;

    private static final Set<String> SERVERS_OWN =
            Set.of("system user", "event_scheduler", "unauthenticated user", "mysql.session");

    private static final Map<String, String> IMPORT = new TreeMap<>(Map.ofEntries(
            // Rows and keys that were written while checks were off, or before there were any.
            Map.entry("foreign_key_checks", "0"),
            Map.entry("restrict_fk_on_non_standard_key", "0"),
            Map.entry("innodb_strict_mode", "0"),
            // Tables with the columns and defaults that their definition says.
            Map.entry("explicit_defaults_for_timestamp", "1"),
            Map.entry("sql_require_primary_key", "0"),
            Map.entry("sql_generate_invisible_primary_key", "0"),
            // A table in memory may be larger than what is allowed for new ones.
            Map.entry("max_heap_table_size", "17179869184"),
            // Everything is written, at once, however long that takes.
            Map.entry("autocommit", "1"),
            Map.entry("completion_type", "0"),
            Map.entry("transaction_read_only", "0"),
            Map.entry("sql_safe_updates", "0"),
            Map.entry("sql_select_limit", "18446744073709551615"),
            Map.entry("net_read_timeout", "3600"),
            Map.entry("wait_timeout", "28800")));

    @Override
    public String kind() {
        return MariadbConfig.MYSQL;
    }

    @Override
    public String title() {
        return "MySQL";
    }

    @Override
    public List<List<String>> programs() {
        return List.of(List.of("mysql", "mysqldump"));
    }

    @Override
    public @Nullable ToolVersion version(String text) {
        return ToolVersion.parse(text, VERSION);
    }

    @Override
    public ToolVersion oldest() {
        return OLDEST;
    }

    @Override
    public ToolVersion oldestServer() {
        return OLDEST;
    }

    @Override
    public @Nullable String warning(ToolVersion version) {
        return null;
    }

    /** In the binary mode the client knows no commands but DELIMITER and {@code \C}, in no version. */
    @Override
    public List<String> clientOptions() {
        return List.of("--binary-mode", "--comments");
    }

    /**
     * No identifiers of transactions, which a server takes once; no general tablespaces, which are the server's and not a schema's;
     * statements that make histograms again.
     */
    @Override
    public List<String> dumpOptions() {
        return List.of("--set-gtid-purged=OFF", "--no-tablespaces", "--column-statistics");
    }

    /** A password goes over TLS, or encrypted with a key that the server gives; MariaDB's client, which is warned about later, knows no such option. */
    @Override
    public String connection(MariadbConfig config) {
        return config.caFile() == null ? "loose-get-server-public-key\n" : "ssl-mode=VERIFY_IDENTITY\n";
    }

    /** MariaDB leaves out what is for MySQL from 5.7 to 9. */
    @Override
    public String session() {
        return """
            SET NAMES utf8mb4, SESSION sql_mode = '', SESSION sql_select_limit = 18446744073709551615;
            /*!80017 SET SESSION max_execution_time = 0, SESSION lock_wait_timeout = 300, SESSION sql_quote_show_create = 1,
            SESSION print_identified_with_as_hex = 1 */;
            """;
    }

    @Override
    public Set<String> rightsToRestore() {
        return Set.of(
                "SELECT",
                "INSERT",
                "CREATE",
                "DROP",
                "ALTER",
                "INDEX",
                "REFERENCES",
                "CREATE VIEW",
                "CREATE ROUTINE",
                "ALTER ROUTINE",
                "CREATE USER",
                "SUPER",
                "EVENT",
                "TRIGGER",
                "SHOW VIEW",
                "PROCESS",
                "CONNECTION_ADMIN",
                "ROLE_ADMIN",
                "SESSION_VARIABLES_ADMIN",
                "SYSTEM_VARIABLES_ADMIN",
                "SYSTEM_USER",
                "TABLE_ENCRYPTION_ADMIN",
                "SET_ANY_DEFINER",
                "ALLOW_NONEXISTENT_DEFINER");
    }

    @Override
    public String hidingQuery() {
        return """
            SELECT CASE
                WHEN (SELECT COUNT(*) FROM mysql.user WHERE CONCAT(User, '@', Host) = CURRENT_USER()
                        AND JSON_LENGTH(User_attributes, '$.Restrictions') > 0) > 0
                    THEN 'rights of the agent''s database user are revoked for some schemas (partial revokes)'
                WHEN @@GLOBAL.show_gipk_in_create_table_and_information_schema = 0
                    THEN 'the server''s show_gipk_in_create_table_and_information_schema is OFF'
                ELSE '' END""";
    }

    @Override
    public String anyProxy() {
        return "PROXY ON ``@``";
    }

    /** Roles are users here. */
    @Override
    public String accountsQuery() {
        return """
            SELECT User, Host, 'N' FROM mysql.user WHERE CONCAT(User, '@', Host) <> CURRENT_USER()
                AND User NOT IN ('mysql.sys', 'mysql.session', 'mysql.infoschema', 'root') ORDER BY User, Host;
            """;
    }

    @Override
    public List<Account> describe(Client client, List<Account> accounts, List<List<String>> rows)
            throws IOException, InterruptedException {
        Set<String> roles = MysqlAccounts.givenRoles(client);
        List<Account> described = new ArrayList<>();
        for (int i = 0; i < accounts.size(); i++) {
            described.add(MysqlAccounts.described(accounts.get(i), rows.get(i), roles));
        }
        return described;
    }

    @Override
    public List<String> make(Account account, @Nullable Account now) {
        return MysqlAccounts.make(account, now);
    }

    @Override
    public void requireTakes(Client client, List<Account> accounts) throws IOException, InterruptedException {
        MysqlAccounts.requireTakes(client, accounts);
    }

    /** What is not taken back, for one schema or wholly, is not gone: an account would have too many rights. */
    @Override
    public boolean gone(Refusal refusal) {
        return refusal.givesWhatIsGone()
                || (refusal.statement().startsWith("GRANT ") && refusal.error() == UNKNOWN_RIGHT);
    }

    /** There is no statement for all sessions of a user. The agent's own are not among them. */
    @Override
    public EndedSessions endSessions(Client client) throws IOException, InterruptedException {
        String own = client.run("SELECT SUBSTRING_INDEX(CURRENT_USER(), '@', 1);")
                .getFirst()
                .getFirst();
        List<String> kills = client.named("SHOW PROCESSLIST;").stream()
                .filter(row -> !SERVERS_OWN.contains(row.get("User")) && !own.equals(row.get("User")))
                .map(row -> "KILL " + row.get("Id"))
                .toList();
        for (Refusal refusal : client.attempt(kills)) {
            if (refusal.error() != NO_SUCH_SESSION) {
                throw refusal.failure("a session could not be ended");
            }
        }
        return kills.isEmpty() ? EndedSessions.NONE : EndedSessions.SOME;
    }

    @Override
    public Map<String, String> importSettings() {
        return IMPORT;
    }

    /** All of them can be changed. */
    @Override
    public String knownSettings(List<String> names) {
        return "SHOW SESSION VARIABLES WHERE Variable_name IN (" + Sql.literals(names) + ");";
    }

    @Override
    public ReplicaStatus.Words replica() {
        return new ReplicaStatus.Words(
                "SHOW REPLICA STATUS;", "Replica_IO_Running", "Replica_SQL_Running", "Seconds_Behind_Source");
    }

    @Override
    public String droppingMode() {
        return "";
    }

    /** Libraries of code, from MySQL 9.2 on. */
    @Override
    public String moreDefinitions(Client client, List<String> schemas) throws IOException, InterruptedException {
        boolean libraries = !client.run(
                        "SELECT 1 FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'information_schema'"
                                + " AND TABLE_NAME = 'LIBRARIES';")
                .isEmpty();
        return libraries
                ? "SELECT 'LIBRARY', LIBRARY_SCHEMA, LIBRARY_NAME FROM information_schema.LIBRARIES WHERE LIBRARY_SCHEMA IN ("
                        + Sql.literals(schemas) + ");"
                : "";
    }

    /** None: schemas have no comments. */
    @Override
    public List<String> bareSchema(String alter) {
        return List.of();
    }

    @Override
    public String foreignKeyDefault() {
        return "NO ACTION";
    }

    @Override
    public boolean dropsForeignKeyIfExists() {
        return false;
    }
}
