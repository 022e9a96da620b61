package io.holdfast.agent;

import io.holdfast.testbed.MariadbServer;

/** MariaDB's data. */
final class HardMariadb extends HardSql {
    /** As the adapter's page gives it. */
    private static final String AGENT_USER = """
            CREATE USER holdfast@'127.0.0.1' IDENTIFIED BY '%s';
            GRANT ALL PRIVILEGES ON *.* TO holdfast@'127.0.0.1' WITH GRANT OPTION;
            """.formatted(QUOTED_PASSWORD);

    private static final String ACCOUNTS = """
            CREATE ROLE readers;
            CREATE ROLE `Writers ``of`` x`;
            CREATE USER app@'%' IDENTIFIED BY 'secret of the app' WITH MAX_USER_CONNECTIONS 30;
            CREATE USER `it's "odd"`@`10.0.%` IDENTIFIED VIA unix_socket REQUIRE SSL;
            CREATE USER locked@localhost ACCOUNT LOCK PASSWORD EXPIRE;
            CREATE USER gone@'%';
            GRANT SELECT, SHOW VIEW ON app.* TO readers;
            GRANT readers TO `Writers ``of`` x` WITH ADMIN OPTION;
            GRANT readers TO app@'%';
            SET DEFAULT ROLE readers FOR app@'%';
            GRANT ALL ON app.* TO app@'%' WITH GRANT OPTION;
            GRANT ALL ON work.* TO app@'%';
            GRANT UPDATE (t), INSERT ON `odd ``schema``; DROP`.`table 'x'` TO gone@'%';
            GRANT EXECUTE ON FUNCTION app.f TO gone@'%';
            """;

    private static final String CONTENT = """
            CREATE DATABASE app CHARACTER SET latin1 COLLATE latin1_german1_ci;
            CREATE DATABASE `odd ``schema``; DROP` CHARACTER SET utf8mb4;
            CREATE DATABASE `-dash`;
            CREATE DATABASE empty COMMENT 'it''s empty';
            CREATE DATABASE work;
            CREATE TABLE work.a (n BIGINT PRIMARY KEY) ENGINE=InnoDB;
            CREATE TABLE work.b (n BIGINT PRIMARY KEY) ENGINE=InnoDB;
            USE app;
            CREATE TABLE parents (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(50) CHARACTER SET utf8mb4,
                longer TEXT CHARACTER SET utf8mb4 AS (CONCAT(name, name)) STORED, UNIQUE (name)) COMMENT 'comment; with ''quotes''';
            INSERT INTO parents (name) VALUES ('élan 🐘'), ('line\\nbreak \\t tab \\\\'), (NULL), (''), ('-- Dump completed');
            CREATE TABLE children (parent INT NOT NULL, at TIMESTAMP(6) NULL, d DATETIME, j JSON, g GEOMETRY,
                b BIT(13), dec_ DECIMAL(65, 30), f DOUBLE, e ENUM('a', 'it''s'), s SET('x', 'y'), u UUID, i INET6,
                FOREIGN KEY (parent) REFERENCES parents (id) ON DELETE CASCADE);
            INSERT INTO children VALUES (1, '2026-03-29 02:30:00.123456', '0000-00-00 00:00:00', '{"a": [1, null]}',
                ST_GeomFromText('POINT(1 2)'), b'1010101010101', 12345678901234567890.123456789, 1e-300, 'it''s', 'x,y',
                UUID(), '2001:db8::1'), (2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
            CREATE TABLE huge (id INT PRIMARY KEY, b LONGBLOB) ENGINE=InnoDB;
            INSERT INTO huge VALUES (1, REPEAT(UNHEX('0027225C0A0DFF1A'), 500000)), (2, ''), (3, NULL);
            CREATE TABLE numbers (n INT PRIMARY KEY) PARTITION BY RANGE (n) (PARTITION p0 VALUES LESS THAN (50),
                PARTITION p1 VALUES LESS THAN MAXVALUE);
            INSERT INTO numbers SELECT seq FROM seq_1_to_1000;
            CREATE TABLE old_engine (t TEXT) ENGINE=MyISAM;
            INSERT INTO old_engine VALUES ('x');
            CREATE SEQUENCE s START 42 INCREMENT 7;
            SELECT NEXTVAL(s);
            CREATE TABLE numbered (n INT DEFAULT NEXTVAL(s), t TEXT);
            INSERT INTO numbered (t) VALUES ('a'), ('b');
            CREATE TABLE checked (n INT CHECK (n > 0));
            SET check_constraint_checks = 0;
            INSERT INTO checked VALUES (-1), (1);
            SET check_constraint_checks = 1;
            CREATE VIEW z_first AS SELECT id, name FROM parents WHERE id < 1000;
            CREATE VIEW a_second AS SELECT * FROM z_first WHERE id > 0 WITH CASCADED CHECK OPTION;
            CREATE VIEW v AS SELECT p.name, c.j FROM parents p JOIN children c ON c.parent = p.id;
            CREATE VIEW `over` AS SELECT * FROM v;
            DELIMITER //
            CREATE DEFINER=gone@'%' FUNCTION f(x INT) RETURNS INT DETERMINISTIC COMMENT 'USE `app`;' RETURN x + 1//
            CREATE PROCEDURE p() BEGIN SELECT 'USE `mysql`;
            -- Dump completed'; END//
            CREATE TRIGGER t BEFORE INSERT ON parents FOR EACH ROW BEGIN SET NEW.name = CONCAT(NEW.name, '!'); END//
            CREATE TRIGGER t2 AFTER INSERT ON parents FOR EACH ROW SET @x = 1//
            CREATE EVENT e ON SCHEDULE EVERY 1 DAY STARTS '2026-01-01 00:00:00' DISABLE DO DELETE FROM numbers//
            DELIMITER ;
            USE `odd ``schema``; DROP`;
            CREATE TABLE `table 'x'` (t TEXT, `column "y"` INT, p INT, FOREIGN KEY (p) REFERENCES app.parents (id));
            INSERT INTO `table 'x'` VALUES ('🐘', 1, 1);
            """;

    private static final String OTHER_CONTENT = """
            CREATE DATABASE app;
            CREATE TABLE app.parents (other INT);
            CREATE TABLE app.added (other INT);
            INSERT INTO app.added VALUES (1);
            CREATE DATABASE work;
            CREATE TABLE work.a (n BIGINT PRIMARY KEY) ENGINE=InnoDB;
            CREATE TABLE work.b (n BIGINT PRIMARY KEY) ENGINE=InnoDB;
            CREATE USER app@'%' IDENTIFIED BY 'secret of the app';
            GRANT ALL ON work.* TO app@'%';
            CREATE USER locked@localhost;
            """;

    private HardMariadb(MariadbServer server) {
        super("mariadb", server, AGENT_USER);
    }

    /** Starts one that has the agent's user only, with options beside those that every one has. */
    static HardMariadb start(String... options) {
        return new HardMariadb(MariadbServer.start(options));
    }

    /** One that somebody else has started and stops. */
    static HardMariadb on(MariadbServer server) {
        return new HardMariadb(server);
    }

    @Override
    String content() {
        return CONTENT;
    }

    @Override
    String accounts() {
        return ACCOUNTS;
    }

    @Override
    String otherContent() {
        return OTHER_CONTENT;
    }
}
