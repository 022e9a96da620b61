package io.holdfast.agent;

import io.holdfast.agent.config.AdapterConfig;
import io.holdfast.testbed.SqlServer;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;

/** A server of MariaDB's family for the tests of a class, without anything of theirs in it before each of them. */
abstract class SqlFixture extends AdapterFixture {
    HardSql hard;
    SqlServer server;

    abstract HardSql start();

    @BeforeAll
    void startServer() {
        hard = start();
        server = hard.server();
    }

    @AfterAll
    void stopServer() {
        hard.close();
    }

    @BeforeEach
    void empty() {
        hard.lose();
        hard.dropKept();
        server.sql("SET foreign_key_checks = 0; DROP DATABASE IF EXISTS beyond; DROP DATABASE IF EXISTS zoo;"
                + " DROP DATABASE IF EXISTS newer");
    }

    @Override
    AdapterConfig config() {
        return hard.config();
    }

    @Override
    String page() {
        return hard.kind();
    }

    @Override
    Map<String, String> environmentByHand() {
        return hard.environmentByHand();
    }
}
