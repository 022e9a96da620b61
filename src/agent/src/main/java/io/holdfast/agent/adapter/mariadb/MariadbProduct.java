package io.holdfast.agent.adapter.mariadb;

import io.holdfast.agent.attempt.JobException;
import io.holdfast.agent.config.MariadbConfig;
import io.holdfast.protocol.FailureCode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** MariaDB 10.5 and newer. */
enum MariadbProduct implements Product {
    MARIADB;

    /**
     * From these releases on, dump and client have the sandbox mode, without which a hostile dump can run commands in the
     * client (MDEV-21778); by series. Series that are not here have it from their first release on, or never got it.
     */
    private static final Map<String, Integer> SAFE_PATCHES =
            Map.of("10.5", 25, "10.6", 18, "10.11", 8, "11.0", 6, "11.1", 5, "11.2", 4, "11.4", 2);

    private static final ToolVersion ALL_SAFE = new ToolVersion(11, 4, 0);
    private static final ToolVersion OLDEST = new ToolVersion(10, 5, 0);
    private static final Pattern VERSION = Pattern.compile("(\\d+)\\.(\\d+)\\.(\\d+)-MariaDB");

    private static final Map<String, String> IMPORT = new TreeMap<>(Map.ofEntries(
            // Rows that were written while checks were off, or before there were any.
            Map.entry("check_constraint_checks", "0"),
            Map.entry("foreign_key_checks", "0"),
            Map.entry("innodb_strict_mode", "0"),
            // Tables in the engine and with the defaults that their definition says.
            Map.entry("enforce_storage_engine", "NULL"),
            Map.entry("explicit_defaults_for_timestamp", "1"),
            Map.entry("character_set_collations", "''"),
            Map.entry("sql_require_primary_key", "0"),
            Map.entry("alter_algorithm", "DEFAULT"),
            Map.entry("system_versioning_alter_history", "KEEP"),
            // A table in memory may be larger than what is allowed for new ones.
            Map.entry("max_heap_table_size", "17179869184"),
            // Everything is written, at once, however long that takes.
            Map.entry("autocommit", "1"),
            Map.entry("completion_type", "0"),
            Map.entry("tx_read_only", "0"),
            Map.entry("sql_safe_updates", "0"),
            Map.entry("sql_select_limit", "18446744073709551615"),
            Map.entry("net_read_timeout", "3600"),
            Map.entry("wait_timeout", "28800"),
            Map.entry("idle_transaction_timeout", "0")));

    @Override
    public String kind() {
        return "mariadb";
    }

    @Override
    public String title() {
        return "MariaDB";
    }

    @Override
    public List<List<String>> programs() {
        return List.of(List.of("mariadb", "mariadb-dump"), List.of("mysql", "mysqldump"));
    }

    @Override
    public @Nullable ToolVersion version(String text) {
        return ToolVersion.parse(text, VERSION);
    }

    @Override
    public ToolVersion oldest() {
        return OLDEST;
    }

    /** Older ones than the page names are not refused. */
    @Override
    public ToolVersion oldestServer() {
        return new ToolVersion(0, 0, 0);
    }

    @Override
    public @Nullable String warning(ToolVersion version) {
        Integer safe = SAFE_PATCHES.get(version.major() + "." + version.minor());
        boolean unsafe = safe == null ? version.compareTo(ALL_SAFE) < 0 : version.patch() < safe;
        return unsafe
                ? "version " + version
                        + " has no sandbox mode: a hostile dump can run commands in it. Update the MariaDB"
                        + " client programs"
                : null;
    }

    /** None: the sandbox mode is in {@link #session}. */
    @Override
    public List<String> clientOptions() {
        return List.of();
    }

    @Override
    public List<String> dumpOptions() {
        return List.of();
    }

    /** Programs from 11.4 on demand TLS else, and would not reach a server that has none. */
    @Override
    public String connection(MariadbConfig config) {
        return config.caFile() == null ? "skip-ssl-verify-server-cert\n" : "ssl-verify-server-cert\n";
    }

    @Override
    public String session() {
        return """
            /*M!999999\\- enable the sandbox mode */
            SET NAMES utf8mb4, SESSION sql_mode = '', SESSION sql_select_limit = 18446744073709551615;
            /*M!100000 SET SESSION max_statement_time = 0, SESSION lock_wait_timeout = 300,
            SESSION sql_quote_show_create = 1 */;
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
                "LOCK TABLES",
                "CREATE USER",
                "CONNECTION ADMIN",
                "SUPER",
                "EVENT",
                "TRIGGER",
                "SHOW VIEW",
                "PROCESS");
    }

    @Override
    public String hidingQuery() {
        return "SELECT ''";
    }

    @Override
    public String anyProxy() {
        return "PROXY ON ``@`%`";
    }

    @Override
    public String accountsQuery() {
        return """
            SELECT User, Host, is_role FROM mysql.user WHERE CONCAT(User, '@', Host) <> CURRENT_USER()
                AND User NOT IN ('mariadb.sys', 'root') ORDER BY is_role DESC, User, Host;
            """;
    }

    @Override
    public List<Account> describe(Client client, List<Account> accounts, List<List<String>> rows) {
        List<Account> described = new ArrayList<>();
        for (int i = 0; i < accounts.size(); i++) {
            Account account = accounts.get(i);
            int making = account.role() ? 0 : 1;
            List<String> all = new ArrayList<>(rows.get(i).subList(0, making));
            // The server gives rights in an order that a restart changes; the default role is set when it is granted.
            rows.get(i).stream()
                    .skip(making)
                    .flatMap(right -> ColumnGrants.split(right).stream())
                    .sorted(Comparator.comparing((String right) -> right.startsWith("SET "))
                            .thenComparing(Comparator.naturalOrder()))
                    .forEach(all::add);
            described.add(new Account(account.name(), account.host(), account.role(), all));
        }
        return described;
    }

    @Override
    public List<String> make(Account account, @Nullable Account now) {
        return account.make(now);
    }

    @Override
    public void requireTakes(Client client, List<Account> accounts) throws IOException, InterruptedException {
        if (accounts.stream().anyMatch(Account::hasPassword) && !takesHashes(client)) {
            throw new JobException(
                    FailureCode.SERVICE_DENIED,
                    "the server takes no hashes of passwords: strict_password_validation is on, and a plugin checks them",
                    "run SET GLOBAL strict_password_validation = OFF for the time of the restore");
        }
    }

    private static boolean takesHashes(Client client) throws IOException, InterruptedException {
        return client.run("""
                SELECT COUNT(*) FROM information_schema.PLUGINS WHERE PLUGIN_TYPE = 'PASSWORD VALIDATION'
                    AND PLUGIN_STATUS = 'ACTIVE' AND @@GLOBAL.strict_password_validation;
                """).getFirst().getFirst().equals("0");
    }

    @Override
    public boolean gone(Refusal refusal) {
        return refusal.givesWhatIsGone() || refusal.statement().startsWith("REVOKE ");
    }

    @Override
    public EndedSessions endSessions(Client client) throws IOException, InterruptedException {
        StringBuilder sql = new StringBuilder();
        for (List<String> row : client.run("""
                    SELECT DISTINCT USER FROM information_schema.PROCESSLIST WHERE ID <> CONNECTION_ID()
                        AND USER NOT IN (SUBSTRING_INDEX(CURRENT_USER(), '@', 1), 'system user', 'event_scheduler',
                            'unauthenticated user');
                    """)) {
            sql.append("KILL HARD USER ").append(Sql.identifier(row.getFirst())).append(";\n");
        }
        if (sql.isEmpty()) {
            return EndedSessions.NONE;
        }
        client.run(sql.toString());
        return EndedSessions.SOME;
    }

    @Override
    public Map<String, String> importSettings() {
        return IMPORT;
    }

    @Override
    public String knownSettings(List<String> names) {
        return "SELECT LOWER(VARIABLE_NAME) FROM information_schema.SYSTEM_VARIABLES WHERE READ_ONLY = 'NO'"
                + " AND VARIABLE_SCOPE LIKE 'SESSION%' AND VARIABLE_NAME IN (" + Sql.literals(names) + ");";
    }

    @Override
    public ReplicaStatus.Words replica() {
        return new ReplicaStatus.Words(
                "SHOW ALL SLAVES STATUS;", "Slave_IO_Running", "Slave_SQL_Running", "Seconds_Behind_Master");
    }

    /** Else there are no packages. */
    @Override
    public String droppingMode() {
        return "ORACLE";
    }

    @Override
    public String moreDefinitions(Client client, List<String> schemas) {
        return "";
    }

    /** A comment that is not among the attributes goes. */
    @Override
    public List<String> bareSchema(String alter) {
        return List.of(alter + " COMMENT ''");
    }

    @Override
    public String foreignKeyDefault() {
        return "RESTRICT";
    }

    @Override
    public boolean dropsForeignKeyIfExists() {
        return true;
    }
}
