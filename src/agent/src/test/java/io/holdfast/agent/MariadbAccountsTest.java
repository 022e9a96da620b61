package io.holdfast.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.agent.attempt.CrashPoints;
import io.holdfast.agent.config.AdapterConfig;
import io.holdfast.agent.config.MariadbConfig;
import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.JobFailure;
import io.holdfast.testbed.MariadbServer;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** MariaDB's accounts and their rights. */
class MariadbAccountsTest extends AdapterFixture {
    private HardMariadb hard;
    private MariadbServer server;

    @BeforeAll
    void startServer() {
        hard = HardMariadb.start();
        server = hard.server();
    }

    @AfterAll
    void stopServer() {
        hard.close();
    }

    @Override
    AdapterConfig config() {
        return hard.config();
    }

    @Override
    String page() {
        return "mariadb";
    }

    @Override
    Map<String, String> environmentByHand() {
        return hard.environmentByHand();
    }

    /** The client's output has it as it is. */
    @Test
    void accountWithACarriageReturnInItsNameComesBack() throws Exception {
        hard.fill();
        try (RunningAgent _ = agent()) {
            server.sql("CREATE USER 'carriage\rreturn'@localhost");
            String before = hard.listing();
            String backup = backup();
            server.sql("DROP USER 'carriage\rreturn'@localhost");
            assertThat(hard.listing()).isNotEqualTo(before);
            manager.orderRestore(backup, 0);
            restored();
            assertThat(hard.listing()).isEqualTo(before);
        } finally {
            server.sql("DROP USER IF EXISTS 'carriage\rreturn'@localhost");
        }
    }

    @Test
    void userWithoutRightsIsRefusedRatherThanServedAHalfDump() throws Exception {
        hard.fill();
        server.sql("""
                CREATE OR REPLACE USER backup@'127.0.0.1' IDENTIFIED BY 'b';
                GRANT SELECT, SHOW VIEW, EVENT ON *.* TO backup@'127.0.0.1';
                """);
        MariadbConfig config = hard.config("backup", "b", List.of(), MariadbConfig.DEFAULT_TOOL_DIRECTORIES);
        try (RunningAgent agent = new RunningAgent(manager, config, directory, CrashPoints.none())) {
            manager.orderBackup();
            JobFailure failure = (JobFailure) manager.report();
            assertThat(failure.code()).isEqualTo(FailureCode.SERVICE_DENIED);
            assertThat(failure.message()).contains("lacks TRIGGER");
            server.sql("GRANT TRIGGER ON *.* TO backup@'127.0.0.1'");
            String backup = backup();
            manager.orderRestore(backup, 24);
            assertThat(failedRestore().code()).isEqualTo(FailureCode.SERVICE_DENIED);
            assertNothingLeft(agent);
        } finally {
            server.sql("DROP USER backup@'127.0.0.1'");
        }
    }
}
