package io.holdfast.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Recovery by the commands of the README and its page, on data and names that are hard for them. */
class PostgresqlByHandTest extends PostgresqlRows {
    /** The README's commands and those of the page on recovery are the same. */
    @Test
    void p20_commandsByHandTakeNamesExactlyAndEndWithAnErrorWhenOneFails() throws Exception {
        shop("CREATE TABLE t AS SELECT 1 AS n; ALTER DATABASE shop SET role TO app");
        for (String name : List.of("Postgres", "\"globals\"", "read")) {
            cluster.psql("postgres", "CREATE DATABASE \"" + name.replace("\"", "\"\"") + '"');
            cluster.psql(name, "CREATE TABLE t AS SELECT current_database() AS n");
        }
        cluster.psql("postgres", "ALTER DATABASE read SET default_transaction_read_only = on");
        String commands = readme();
        assertThat(commands.substring(commands.indexOf("awk "))).isEqualToIgnoringWhitespace(recovery());
        String backup;
        try (RunningAgent agent = agent()) {
            backup = backup();
            agent.assertNoThreadsLeft();
        }
        for (String name : List.of("Postgres", "\"globals\"", "read", "shop")) {
            cluster.psql("postgres", "DROP DATABASE \"" + name.replace("\"", "\"\"") + '"');
        }
        byHand(backup, "");
        for (String name : List.of("Postgres", "\"globals\"", "read")) {
            assertThat(cluster.psql(name, "TABLE t")).isEqualTo(name);
        }
        assertThat(query("SET role TO none; SELECT n FROM t")).isEqualTo("1");
        cluster.psql("postgres", "DROP DATABASE shop");
        Path broken = directory.resolve("out").resolve("read");
        Files.writeString(broken, "no archive");
        assertThat(endsWell(
                        "set -eu\n" + commands.substring(commands.indexOf("psql ")),
                        Map.of("OUT", directory.resolve("out").toString())))
                .isFalse();
    }

    @Override
    String commandsByHand(String heading) throws IOException {
        String commands = readme();
        return commands.substring(commands.indexOf("awk "));
    }

    private static String readme() throws IOException {
        String readme = document("../README.md");
        int begin = readme.indexOf("```\n", readme.indexOf("## Recovery without Holdfast")) + 4;
        return readme.substring(begin, readme.indexOf("\n```", begin));
    }

    private static String recovery() throws IOException {
        String document = document("recovery.md");
        StringBuilder commands = new StringBuilder();
        for (int at = document.indexOf("\n2. "); (at = document.indexOf("```sh\n", at)) >= 0; ) {
            int end = document.indexOf("```", at + 6);
            commands.append(document, at + 6, end);
            at = end + 3;
        }
        return commands.toString().stripIndent().lines().map(String::strip).collect(Collectors.joining("\n"));
    }

    @Test
    void p20_rowsThatAreRefusedByHandAreLoadedWhenTheOthersAreThere() throws Exception {
        shop("""
                CREATE TABLE a (k text);
                CREATE TABLE kinds (kind text PRIMARY KEY);
                CREATE FUNCTION known(text) RETURNS boolean LANGUAGE plpgsql
                    AS 'BEGIN RETURN EXISTS (SELECT FROM public.kinds WHERE kind = $1); END';
                INSERT INTO kinds VALUES ('x');
                INSERT INTO a VALUES ('x');
                ALTER TABLE a ADD CHECK (known(k));
                """);
        String backup;
        try (RunningAgent agent = agent()) {
            backup = backup();
            agent.assertNoThreadsLeft();
        }
        dropped().run();
        assertThatThrownBy(() -> byHand(backup, "")).hasMessageContaining("violates check constraint");
        String page = document("recovery.md");
        int begin = page.indexOf("```bash\n", page.indexOf("## When rows are refused")) + 8;
        shell(
                page.substring(begin, page.indexOf("\n```", begin)),
                Map.of(
                        "ARCHIVE",
                        directory.resolve("out").resolve("shop").toString(),
                        "DATABASE",
                        "shop",
                        "TABLE",
                        "a"));
        assertThat(query("TABLE a")).isEqualTo("x");
        assertThat(query("TABLE kinds")).isEqualTo("x");
    }

    private boolean endsWell(String commands, Map<String, String> environment) throws Exception {
        ProcessBuilder shell = new ProcessBuilder("bash", "-c", commands).redirectErrorStream(true);
        shell.environment().putAll(environmentByHand());
        shell.environment().putAll(environment);
        Process process = shell.start();
        process.getInputStream().readAllBytes();
        return process.waitFor() == 0;
    }
}
