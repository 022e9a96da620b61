package io.holdfast.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.agent.attempt.CrashPoints;
import io.holdfast.agent.config.MariadbConfig;
import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.Hello;
import io.holdfast.protocol.JobFailure;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** The contract against a real MariaDB, and what only MariaDB has. */
class MariadbTest extends SqlContract {
    @Override
    HardSql start() {
        return HardMariadb.start();
    }

    @Override
    List<String> programs() {
        return List.of("mariadb", "mariadb-dump");
    }

    @Override
    String version(String number) {
        return number + "-MariaDB";
    }

    @Override
    List<String> tooOldAndNot() {
        return List.of("10.4.2", "10.6.2");
    }

    @Override
    String versionOfTheOther() {
        return "Ver 8.0.36 for Linux (MySQL Community Server)";
    }

    @Override
    String rows(int count) {
        return "INSERT INTO t SELECT RANDOM_BYTES(1000) FROM seq_1_to_" + count;
    }

    /** Programs of 10.6.2 write no line by which a client refuses commands in a dump. */
    @Test
    void oldProgramsUnderTheirOldNamesAreWarnedOf() throws Exception {
        fill();
        Path tools = Files.createDirectory(directory.resolve("tools"));
        Files.createSymbolicLink(tools.resolve("mysql"), program(0));
        replaceDump(tools, "real \"$@\"", version("10.6.2"));
        try (RunningAgent agent = new RunningAgent(manager, withTools(tools), directory, CrashPoints.none())) {
            backup();
            Hello hello = Objects.requireNonNull(manager.hello());
            assertThat(hello.warnings()).anyMatch(warning -> warning.contains("sandbox"));
            assertThat(hello.tools()).extracting(Hello.Tool::name).containsExactly("mysql", "mysqldump");
            assertNothingLeft(agent);
        }
    }

    /** With its own programs too, should somebody have them under MySQL's names. */
    @Test
    void serverIsRefusedByMysqlsKind() throws Exception {
        Path tools = Files.createDirectory(directory.resolve("tools"));
        Files.createSymbolicLink(tools.resolve("mysql"), program(0));
        replaceDump(tools, "real \"$@\"", "mysqldump  Ver 9.7.4 for Linux on x86_64");
        for (Path folder : List.of(tools, Path.of("/usr/bin"))) {
            MariadbConfig plain = hard.config();
            MariadbConfig mysql = new MariadbConfig(
                    MariadbConfig.MYSQL,
                    plain.host(),
                    plain.port(),
                    plain.user(),
                    plain.password(),
                    null,
                    List.of(),
                    List.of(folder.toString()),
                    plain.idleTimeout(),
                    plain.toolTimeout());
            try (RunningAgent agent = new RunningAgent(manager, mysql, directory, CrashPoints.none())) {
                JobFailure failure = assertBackupFails(
                        folder.equals(tools) ? FailureCode.ENGINE_INCOMPATIBLE : FailureCode.TOOL_VERSION);
                assertThat(failure.hint()).contains("kind", "mariadb");
                assertNothingLeft(agent);
            }
        }
    }
}
