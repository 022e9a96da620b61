package io.holdfast.agent;

import io.holdfast.agent.config.MariadbConfig;
import io.holdfast.testbed.MysqlServer;

/** MySQL's data. */
final class HardMysql extends HardSql {
    /** As the adapter's page gives it. */
    private static final String AGENT_USER = """
            CREATE USER holdfast@'127.0.0.1' IDENTIFIED BY '%s';
            GRANT ALL PRIVILEGES ON *.* TO holdfast@'127.0.0.1' WITH GRANT OPTION;
            GRANT PROXY ON ''@'' TO holdfast@'127.0.0.1' WITH GRANT OPTION;
            """.formatted(QUOTED_PASSWORD);

    private static final String ACCOUNTS = """
            CREATE ROLE readers, `Writers ``of`` x`;
            CREATE USER app@'%' IDENTIFIED BY 'secret of the app' WITH MAX_USER_CONNECTIONS 30;
            CREATE USER `it's "odd"`@`10.0.%` IDENTIFIED WITH sha256_password BY 'x' REQUIRE SUBJECT 'a ACCOUNT LOCK b'
                PASSWORD HISTORY 5 FAILED_LOGIN_ATTEMPTS 3 PASSWORD_LOCK_TIME 2 COMMENT 'it''s ACCOUNT UNLOCK \\\\ "quoted"';
            CREATE USER locked@localhost ACCOUNT LOCK PASSWORD EXPIRE;
            CREATE USER gone@'%' REQUIRE SSL;
            GRANT SELECT, SHOW VIEW ON app.* TO readers;
            GRANT readers TO `Writers ``of`` x` WITH ADMIN OPTION;
            GRANT readers, `Writers ``of`` x` TO app@'%';
            SET DEFAULT ROLE readers TO app@'%';
            GRANT ALL ON app.* TO app@'%' WITH GRANT OPTION;
            GRANT ALL ON work.* TO app@'%';
            GRANT SELECT, PROCESS ON *.* TO gone@'%';
            GRANT BACKUP_ADMIN, SHOW_ROUTINE ON *.* TO gone@'%' WITH GRANT OPTION;
            REVOKE SELECT ON mysql.* FROM gone@'%';
            GRANT UPDATE (t), INSERT ON `odd ``schema``; DROP`.`table 'x'` TO gone@'%';
            GRANT EXECUTE ON FUNCTION app.f TO gone@'%';
            GRANT PROXY ON app@'%' TO locked@localhost;
            """;

    private static final String CONTENT = """
            CREATE DATABASE app CHARACTER SET latin1 COLLATE latin1_german1_ci;
            CREATE DATABASE `odd ``schema``; DROP` CHARACTER SET utf8mb4;
            CREATE DATABASE `-dash`;
            CREATE DATABASE `empty`;
            CREATE DATABASE work;
            CREATE TABLE work.a (n BIGINT PRIMARY KEY);
            CREATE TABLE work.b (n BIGINT PRIMARY KEY);
            USE app;
            CREATE TABLE parents (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(50) CHARACTER SET utf8mb4,
                longer TEXT CHARACTER SET utf8mb4 AS (CONCAT(name, name)) STORED, UNIQUE (name)) COMMENT 'comment; with ''quotes''';
            INSERT INTO parents (name) VALUES ('élan 🐘'), ('line\\nbreak \\t tab \\\\'), (NULL), (''), ('-- Dump completed');
            SET sql_mode = '';
            CREATE TABLE children (parent INT NOT NULL, at TIMESTAMP(6) NULL, d DATETIME, j JSON, g GEOMETRY,
                b BIT(13), dec_ DECIMAL(65, 30), f DOUBLE, e ENUM('a', 'it''s'), s SET('x', 'y'), p POINT SRID 4326, v VECTOR(3),
                hidden INT INVISIBLE DEFAULT 3, u VARCHAR(40) DEFAULT (CONCAT('u', UUID())), c INT, CHECK (c > 0),
                CONSTRAINT unchecked CHECK (c < 5) NOT ENFORCED, KEY of_function ((CAST(j->'$.a[0]' AS UNSIGNED))),
                KEY of_many ((CAST(j->'$.a' AS UNSIGNED ARRAY))), KEY unseen (c) INVISIBLE,
                FOREIGN KEY (parent) REFERENCES parents (id) ON DELETE CASCADE);
            INSERT INTO children (parent, at, d, j, g, b, dec_, f, e, s, p, v, hidden, c) VALUES (1, '2026-03-29 02:30:00.123456',
                '0000-00-00 00:00:00', '{"a": [1, 2]}', ST_GeomFromText('POINT(1 2)'), b'1010101010101',
                12345678901234567890.123456789, 1e-300, 'it''s', 'x,y', ST_GeomFromText('POINT(1 2)', 4326),
                TO_VECTOR('[1,2,3]'), 7, 9);
            INSERT INTO children (parent) VALUES (2);
            ANALYZE TABLE children UPDATE HISTOGRAM ON c, f WITH 10 BUCKETS;
            CREATE TABLE huge (id INT PRIMARY KEY, b LONGBLOB);
            INSERT INTO huge VALUES (1, REPEAT(UNHEX('0027225C0A0DFF1A'), 500000)), (2, ''), (3, NULL);
            CREATE TABLE numbers (n INT PRIMARY KEY) PARTITION BY RANGE (n) (PARTITION p0 VALUES LESS THAN (50),
                PARTITION p1 VALUES LESS THAN MAXVALUE);
            INSERT INTO numbers WITH RECURSIVE s (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < 1000) SELECT n FROM s;
            CREATE TABLE old_engine (t TEXT) ENGINE=MyISAM;
            INSERT INTO old_engine VALUES ('x');
            SET sql_generate_invisible_primary_key = 1; CREATE TABLE unkeyed (t TEXT); SET sql_generate_invisible_primary_key = 0;
            INSERT INTO unkeyed VALUES ('a'), ('b');
            CREATE TABLE bare (t TEXT);
            CREATE VIEW v AS SELECT p.name, c.j FROM parents p JOIN children c ON c.parent = p.id;
            CREATE VIEW `over` AS SELECT * FROM v;
            DELIMITER //
            CREATE DEFINER=gone@'%' FUNCTION f(x INT) RETURNS INT DETERMINISTIC COMMENT 'USE `app`;' RETURN x + 1//
            CREATE PROCEDURE p() BEGIN SELECT 'USE `mysql`;
            -- Dump completed'; /* it's; */ -- don't
            END//
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
            CREATE TABLE work.a (n BIGINT PRIMARY KEY);
            CREATE TABLE work.b (n BIGINT PRIMARY KEY);
            CREATE ROLE readers, `Writers ``of`` x`;
            CREATE USER app@'%' IDENTIFIED BY 'secret of the app' DEFAULT ROLE `Writers ``of`` x`;
            GRANT ALL ON work.* TO app@'%'; GRANT SELECT, BINLOG_ADMIN ON *.* TO app@'%' WITH GRANT OPTION;
            CREATE USER locked@localhost IDENTIFIED BY 'x' FAILED_LOGIN_ATTEMPTS 1 PASSWORD_LOCK_TIME 1;
            GRANT PROXY ON readers TO locked@localhost WITH GRANT OPTION; GRANT readers TO locked@localhost WITH ADMIN OPTION;
            """;

    private HardMysql(MysqlServer server) {
        super(MariadbConfig.MYSQL, server, AGENT_USER);
    }

    /** Starts one that has the agent's user only, with options beside those that every one has. */
    static HardMysql start(String... options) {
        return new HardMysql(MysqlServer.start(options));
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
