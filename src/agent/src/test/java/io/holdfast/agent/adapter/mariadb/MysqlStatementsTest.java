package io.holdfast.agent.adapter.mariadb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** MySQL's statements about accounts, as MySQL 9.7 gives them; and whose version is whose. */
class MysqlStatementsTest {
    private static final String REST =
            " PASSWORD HISTORY DEFAULT PASSWORD REUSE INTERVAL DEFAULT PASSWORD REQUIRE CURRENT DEFAULT";
    private static final String APP = "CREATE USER `app`@`%` IDENTIFIED WITH 'caching_sha2_password' AS 0x24 ";
    private static final Account NAME = new Account("app", "%", false, List.of());

    private static Account app(String... rows) {
        return MysqlAccounts.described(NAME, List.of(rows), Set.of("`a`@`%` TO `app`@`%`", "`b,`@`%` TO `app`@`%`"));
    }

    @Test
    void rightsComeOneByOneAndTheDefaultRoleLast() {
        Account app = app(
                APP + "DEFAULT ROLE `a`@`%`,`b,`@`%` REQUIRE NONE PASSWORD EXPIRE DEFAULT ACCOUNT UNLOCK" + REST
                        + " ATTRIBUTE '{}'",
                "GRANT SELECT, CREATE USER ON *.* TO `app`@`%`",
                "GRANT BACKUP_ADMIN,ROLE_ADMIN ON *.* TO `app`@`%` WITH GRANT OPTION",
                "REVOKE SELECT ON `mysql`.* FROM `app`@`%`",
                "GRANT INSERT, UPDATE (`n`, `m`) ON `app`.`t` TO `app`@`%`",
                "GRANT `a`@`%`,`b,`@`%` TO `app`@`%` WITH ADMIN OPTION",
                "GRANT `mandatory`@`%` TO `app`@`%`",
                "GRANT PROXY ON `p`@`%` TO `app`@`%`");
        assertThat(app.statements())
                .containsExactly(
                        APP + "REQUIRE NONE PASSWORD EXPIRE DEFAULT ACCOUNT UNLOCK" + REST,
                        "GRANT BACKUP_ADMIN ON *.* TO `app`@`%` WITH GRANT OPTION",
                        "GRANT INSERT ON `app`.`t` TO `app`@`%`",
                        "GRANT PROXY ON `p`@`%` TO `app`@`%`",
                        "GRANT ROLE_ADMIN ON *.* TO `app`@`%` WITH GRANT OPTION",
                        "GRANT SELECT, CREATE USER ON *.* TO `app`@`%`",
                        "GRANT UPDATE (`m`) ON `app`.`t` TO `app`@`%`",
                        "GRANT UPDATE (`n`) ON `app`.`t` TO `app`@`%`",
                        "GRANT `a`@`%` TO `app`@`%` WITH ADMIN OPTION",
                        "GRANT `b,`@`%` TO `app`@`%` WITH ADMIN OPTION",
                        "REVOKE SELECT ON `mysql`.* FROM `app`@`%`",
                        "SET DEFAULT ROLE `a`@`%`,`b,`@`%` TO `app`@`%`");
    }

    @Test
    void limitsThatAreNoneAreNotTold() {
        String rest = "PASSWORD EXPIRE DEFAULT ACCOUNT UNLOCK" + REST;
        assertThat(app(APP + "REQUIRE SUBJECT ' WITH MAX_USER_CONNECTIONS 0 ' WITH MAX_USER_CONNECTIONS 0 " + rest)
                        .statements())
                .containsExactly(APP + "REQUIRE SUBJECT ' WITH MAX_USER_CONNECTIONS 0 ' " + rest);
        Account limited = app(APP + "REQUIRE NONE WITH MAX_QUERIES_PER_HOUR 0 MAX_USER_CONNECTIONS 3 " + rest
                + " PASSWORD_LOCK_TIME 2");
        assertThat(limited.statements())
                .containsExactly(APP + "REQUIRE NONE WITH MAX_USER_CONNECTIONS 3 " + rest + " PASSWORD_LOCK_TIME 2");
        assertThat(MysqlAccounts.make(app(APP + "REQUIRE NONE " + rest), limited))
                .contains("ALTER USER `app`@`%` WITH MAX_USER_CONNECTIONS 0 PASSWORD_LOCK_TIME 0 ACCOUNT LOCK");
    }

    @Test
    void accountIsMadeLockedWhateverItsTextsSay() {
        String create = APP + "REQUIRE SUBJECT 'a ACCOUNT UNLOCK' PASSWORD EXPIRE DEFAULT ACCOUNT UNLOCK" + REST
                + " ATTRIBUTE '{\"comment\": \"ACCOUNT UNLOCK\"}'";
        Account app = app(create);
        assertThat(app.open()).isTrue();
        assertThat(MysqlAccounts.make(app, null))
                .containsExactly(create.replace("DEFAULT ACCOUNT UNLOCK", "DEFAULT ACCOUNT LOCK"));
        assertThat(app(create.replace("DEFAULT ACCOUNT UNLOCK", "DEFAULT ACCOUNT LOCK"))
                        .open())
                .isFalse();
        assertThat(MysqlAccounts.make(app.removed(), app)).containsExactly("DROP USER IF EXISTS `app`@`%`");
    }

    @Test
    void accountThatIsThereIsChangedAndLosesWhatItShouldNotHave() {
        String create = APP + "REQUIRE NONE PASSWORD EXPIRE DEFAULT ACCOUNT UNLOCK" + REST;
        Account now = app(
                create + " ATTRIBUTE '{\"a\": 1, \"b\": {\"c\\\\\"d\": 2}}'",
                "GRANT SELECT ON `x`.* TO `app`@`%`",
                "GRANT PROXY ON `p`@`%` TO `app`@`%` WITH GRANT OPTION",
                "GRANT `a`@`%`,`b,`@`%` TO `app`@`%`");
        Account wanted = app(create, "GRANT `a`@`%` TO `app`@`%`");
        List<String> made = MysqlAccounts.make(wanted, now);
        assertThat(made).noneMatch(statement -> statement.startsWith("DROP") || statement.startsWith("CREATE"));
        assertThat(made)
                .contains(
                        "ALTER USER" + create.substring(11).replace("UNLOCK", "LOCK"),
                        "ALTER USER `app`@`%` DEFAULT ROLE NONE",
                        "REVOKE IF EXISTS ALL PRIVILEGES, GRANT OPTION FROM `app`@`%`",
                        "REVOKE IF EXISTS PROXY ON `p`@`%` FROM `app`@`%`",
                        "REVOKE IF EXISTS `b,`@`%` FROM `app`@`%`")
                .doesNotContain("REVOKE IF EXISTS `a`@`%` FROM `app`@`%`");
        assertThat(made).anyMatch(statement -> statement.contains(" ATTRIBUTE ") && statement.contains("\"a\": null"));
    }

    @Test
    void backupOfTheOtherProductOrOfANewerSeriesIsRefused() {
        ServerFacts facts = new ServerFacts(MysqlProduct.MYSQL, "9.7.4-2", Set.of(), false, "", 0, "");
        assertThatCode(() -> facts.requireAsNewAs("8.4.6")).doesNotThrowAnyException();
        assertThatCode(() -> facts.requireAsNewAs("9.7.9")).doesNotThrowAnyException();
        assertThatThrownBy(() -> facts.requireAsNewAs("9.8.0")).hasMessageContaining("MySQL 9.8.0");
        assertThatThrownBy(() -> facts.requireAsNewAs("10.11.14-MariaDB")).hasMessageContaining("not MySQL's");
        ServerFacts mariadb = new ServerFacts(MariadbProduct.MARIADB, "10.11.14-MariaDB", Set.of(), false, "", 0, "");
        assertThatThrownBy(() -> mariadb.requireAsNewAs("9.7.4-2")).hasMessageContaining("not MariaDB's");
    }

    @Test
    void versionsOfOneProductAreNoneOfTheOther() {
        for (String mysql : List.of(
                "9.7.4-2",
                "8.4.6",
                "8.4.5-5.1",
                "mysqldump  Ver 9.7.4-2 for Linux on x86_64 ((Debian))",
                "mysqldump  Ver 8.4.6 for Linux on x86_64 (MySQL Community Server - GPL)")) {
            assertThat(MysqlProduct.MYSQL.version(mysql)).as(mysql).isGreaterThanOrEqualTo(MysqlProduct.MYSQL.oldest());
            assertThat(MariadbProduct.MARIADB.version(mysql)).as(mysql).isNull();
        }
        for (String mariadb : List.of(
                "10.11.14-MariaDB-0+deb12u2",
                "5.5.5-10.6.12-MariaDB",
                "mariadb-dump  Ver 10.19 Distrib 10.11.14-MariaDB, for debian-linux-gnu (x86_64)",
                "mysqldump from 11.8.3-MariaDB, client 10.19 for debian-linux-gnu (x86_64)")) {
            assertThat(MysqlProduct.MYSQL.version(mariadb)).as(mariadb).isNull();
            assertThat(MariadbProduct.MARIADB.version(mariadb)).as(mariadb).isNotNull();
        }
    }
}
