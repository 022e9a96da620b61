package io.holdfast.agent;

import io.holdfast.agent.config.MariadbConfig;
import io.holdfast.agent.process.Command;
import io.holdfast.format.json.Json;
import io.holdfast.testbed.SqlServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** A real MariaDB or MySQL with the agent's user, and data and accounts that are hard to back up. */
abstract class HardSql implements AutoCloseable {
    static final String AGENT = "holdfast";
    static final String PASSWORD = "of the agent: \"quoted\" \\ # ; and 'more'";

    /** As SQL has it between quotes. */
    static final String QUOTED_PASSWORD = PASSWORD.replace("\\", "\\\\").replace("'", "\\'");

    private final String kind;
    private final SqlServer server;

    /**
     * @param kind of the adapter
     * @param agentUser makes the agent's user, as the adapter's page gives it
     */
    HardSql(String kind, SqlServer server, String agentUser) {
        this.kind = kind;
        this.server = server;
        server.sql(agentUser);
    }

    abstract String content();

    abstract String accounts();

    /** Other data and other accounts, on a server that has neither. */
    abstract String otherContent();

    String kind() {
        return kind;
    }

    SqlServer server() {
        return server;
    }

    /** The adapter's settings, with the agent's user. */
    MariadbConfig config() {
        return withSchemas();
    }

    MariadbConfig withPassword(String password) {
        return config(AGENT, password, List.of(), MariadbConfig.DEFAULT_TOOL_DIRECTORIES);
    }

    MariadbConfig withTools(String folder) {
        return config(AGENT, PASSWORD, List.of(), List.of(folder));
    }

    MariadbConfig withSchemas(String... schemas) {
        return config(AGENT, PASSWORD, List.of(schemas), MariadbConfig.DEFAULT_TOOL_DIRECTORIES);
    }

    MariadbConfig config(String user, String password, List<String> schemas, List<String> tools) {
        return new MariadbConfig(
                kind,
                server.host(),
                server.port(),
                user,
                password,
                null,
                schemas,
                tools,
                Duration.ofMinutes(1),
                Command.UNLIMITED);
    }

    /** What the page's commands need. */
    Map<String, String> environmentByHand() {
        return Map.of(
                "MYSQL_HOST",
                server.host(),
                "MYSQL_TCP_PORT",
                Integer.toString(server.port()),
                "DB_USER",
                AGENT,
                "MYSQL_PWD",
                PASSWORD);
    }

    void fill() {
        lose();
        server.sql(
                "DROP DATABASE IF EXISTS newer; DROP DATABASE IF EXISTS large; DROP USER IF EXISTS added@localhost;");
        server.sql(content());
        server.sql(accounts());
    }

    void change() {
        lose();
        server.sql(otherContent());
    }

    void lose() {
        server.sql("""
                SET foreign_key_checks = 0;
                DROP DATABASE IF EXISTS app; DROP DATABASE IF EXISTS `odd ``schema``; DROP`;
                DROP DATABASE IF EXISTS `-dash`; DROP DATABASE IF EXISTS `empty`; DROP DATABASE IF EXISTS work;
                DROP USER IF EXISTS app@'%', `it's "odd"`@`10.0.%`, locked@localhost, gone@'%';
                DROP ROLE IF EXISTS readers, `Writers ``of`` x`;
                """);
    }

    /** Adds a view to those that a staged backup has. */
    static void define(Path staged, String sql) throws IOException {
        Map<String, String> view =
                Map.of("schema", "app", "kind", "VIEW", "name", "garbled", "session", "DO 0", "text", sql);
        Files.writeString(
                staged.resolve("definitions"),
                Json.mapper().writeValueAsString(view) + "\n",
                StandardOpenOption.APPEND);
    }

    /** Drops what earlier restores have kept. */
    void dropKept() {
        server.sql("SHOW DATABASES LIKE 'holdfast%'")
                .lines()
                .forEach(kept -> server.sql("SET foreign_key_checks = 0; DROP DATABASE " + kept));
    }

    String listing() {
        return server.dumpAll("work") + server.accounts(AGENT);
    }

    @Override
    public void close() {
        server.close();
    }
}
