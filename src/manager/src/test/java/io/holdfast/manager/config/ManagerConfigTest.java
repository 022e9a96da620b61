package io.holdfast.manager.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.manager.config.StateConfig.EmbeddedState;
import io.holdfast.manager.config.StateConfig.PostgresqlState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ManagerConfigTest {
    @TempDir
    Path folder;

    private String good;

    @BeforeEach
    void files() throws IOException {
        for (String name : new String[] {"cert", "key", "ca", "master", "signing"}) {
            Files.writeString(folder.resolve(name), "x");
        }
        good = """
                {"state_directory": "D/state", "listen": "127.0.0.1:8443", "agents_listen": "[::1]:8444",
                 "agents_url": "https://manager:8444",
                 "tls": {"certificate_file": "D/cert", "private_key_file": "D/key", "agents_ca_file": "D/ca"},
                 "operators": [{"name": "admin", "password": "long enough pass"}],
                 "keys": {"master_identity_file": "D/master", "signing_key_file": "D/signing"},
                 "store": {"kind": "directory", "path": "D/store"}}
                """.replace("D/", folder + "/");
    }

    private ManagerConfig read(String text) throws IOException {
        return ManagerConfig.read(Files.writeString(folder.resolve("config.json"), text));
    }

    @Test
    void whatIsNotSetHasADefault() throws IOException {
        ManagerConfig config = read(good);
        assertThat(config.jobs().lease()).isEqualTo(Duration.ofSeconds(15));
        assertThat(config.jobs().maxAttempts()).isEqualTo(5);
        assertThat(config.readBack()).isTrue();
        assertThat(config.freshAfterDays()).isEqualTo(14);
        assertThat(config.agentsListen().getPort()).isEqualTo(8444);
        assertThat(config.garbageCollection().minAge()).isEqualTo(Duration.ofDays(1));
        assertThat(config.schedule().platform().cron()).hasToString("30 1 * * *");
        assertThat(config.schedule().platform().zone()).isEqualTo(ZoneOffset.UTC);
        assertThat(config.schedule().spread()).isEqualTo(Duration.ofHours(1));
        assertThat(config.retention().rules())
                .isEqualTo(new KeepRules(3, Duration.ofDays(7), 14, 8, 12, 0, 3, ZoneOffset.UTC));
        assertThat(config.retention().verifiedOnly()).isTrue();
        assertThat(config.retention().deletedInstance()).isEqualTo(Duration.ofDays(30));
        assertThat(config.stateCopy()).isEqualTo(new StateCopyConfig(true, Duration.ofDays(1), 7));
    }

    @Test
    void theStateMayLieInPostgresql() throws IOException {
        String elsewhere = good.replace("\"listen\"", """
                "database": {"kind": "postgresql", "host": "db", "name": "holdfast", "user": "me", "password": "a secret",
                  "ca_file": "D/ca"}, "listen\"""".replace("D/", folder + "/"));
        assertThat(read(elsewhere).state())
                .isEqualTo(new PostgresqlState("db", 5432, "holdfast", "me", "a secret", true, folder.resolve("ca")));
        assertThat(read(elsewhere).state().toString()).doesNotContain("a secret");
        assertThat(read(good).state()).isEqualTo(new EmbeddedState(folder.resolve("state")));
    }

    @Test
    void brokersAndTheOpenidProviderAreRead() throws IOException {
        ManagerConfig config = read(good.replace("\"listen\"", """
                "brokers": [{"name": "broker", "password": "another long one"},
                  {"name": "second", "password": "a second long one", "id_prefix": "second-"}],
                 "login": {"url": "https://me:8443", "idle_minutes": 5, "openid": {"issuer": "https://uaa/oauth/token",
                  "client_id": "me", "client_secret": "a secret", "operator_group": "admins"}},
                 "cloud_controller": {"url": "https://api"}, "listen\""""));
        assertThat(config.brokers())
                .containsExactly(
                        new ManagerConfig.Broker("broker", "another long one", null),
                        new ManagerConfig.Broker("second", "a second long one", "second-"));
        assertThat(config.login().idle()).isEqualTo(Duration.ofMinutes(5));
        assertThat(config.login().longest()).isEqualTo(Duration.ofHours(12));
        LoginConfig.Openid openid = Objects.requireNonNull(config.login().openid());
        assertThat(openid.scopes()).containsExactly("openid");
        assertThat(openid.audience()).isEqualTo("cloud_controller");
        assertThat(config.toString()).doesNotContain("a secret", "another long one", "a second long one");
        assertThat(Objects.requireNonNull(config.cloudController()).url()).hasToString("https://api");
    }

    @Test
    void mistakesInUsersAndLoginsAreNamed() {
        assertThatThrownBy(() -> read(good.replace("\"listen\"", """
                        "brokers": [{"name": "admin", "password": "another long one"}, {"name": "a:b", "password": "x"}],
                         "login": {"idle_minutes": 0, "openid": {"issuer": "ftp://x", "secret": "x"}}, "listen\"""")))
                .message()
                .contains("brokers must not have the name of an operator", "brokers[1].name", "brokers[1].password")
                .contains("login.idle_minutes", "login.url", "login.openid.issuer", "login.openid.client_id")
                .contains("login.openid.client_secret", "login.openid.secret is not a known key");
    }

    @Test
    void mistakesInTheDatabaseAreNamed() {
        assertThatThrownBy(() -> read(good.replace("\"listen\"", """
                        "database": {"kind": "mysql", "host": "db", "port": 0, "file": "x"}, "listen\"""")))
                .message()
                .contains("database.kind must be sqlite or postgresql", "database.port", "database.file")
                .contains("database.name", "database.user", "database.password");
        assertThatThrownBy(() -> read(good.replace("\"state_directory\": \"" + folder + "/state\",", "")))
                .hasMessageContaining("state_directory");
    }

    @Test
    void scheduleAndRetentionAreRead() throws IOException {
        ManagerConfig config = read(good.replace("}}", """
                }, "schedule": {"cron": "0 3 * * sun", "time_zone": "Europe/Berlin", "spread_minutes": 0,
                  "maintenance_windows": [{"from": "22:00", "to": "04:00", "days": ["sat"]},
                                          {"cron": "0 12 1 * *", "duration_minutes": 90, "time_zone": "UTC"}]},
                 "retention": {"last": 0, "yearly": 2, "min_good_copies": 1}, "verification": {"enabled": false}}
                """));
        assertThat(config.schedule().windows()).hasSize(2);
        assertThat(config.retention().rules().zone()).isEqualTo(ZoneId.of("Europe/Berlin"));
        assertThat(config.retention().rules().yearly()).isEqualTo(2);
        assertThat(config.retention().verifiedOnly()).isFalse();
    }

    @Test
    void mistakesInScheduleAndRetentionAreNamed() {
        assertThatThrownBy(() -> read(good.replace("}}", """
                        }, "schedule": {"cron": "0 0 31 2 *", "time_zone": "Mars", "maintenance_windows": [
                             {"from": "22", "to": "04:00", "days": ["someday"]}, {"cron": "0 1 * * *"}]},
                         "retention": {"min_good_copies": 0, "last": -1, "forever": true}}
                        """)))
                .message()
                .contains("schedule.cron must name a day that comes")
                .contains("schedule.time_zone must be a time zone")
                .contains("schedule.maintenance_windows[0].from must be a time of day")
                .contains("schedule.maintenance_windows[0].days must have nothing but")
                .contains("schedule.maintenance_windows[1].duration_minutes is missing")
                .contains("retention.min_good_copies must be between 1 and")
                .contains("retention.last must be between 0 and")
                .contains("retention.forever is not a known key");
    }

    @Test
    void reuseCanBeSwitchedOffAndIsBoundToAYear() throws IOException {
        assertThat(read(reuse("\"fresh_after_days\": 0")).freshAfterDays()).isZero();
        assertThat(read(reuse("\"fresh_after_days\": 365")).freshAfterDays()).isEqualTo(365);
        assertThatThrownBy(() -> read(reuse("\"fresh_after_days\": 366, \"days\": 1")))
                .message()
                .contains("reuse.fresh_after_days must be between 0 and 365", "reuse.days is not a known key");
        assertThatThrownBy(() -> read(reuse("\"fresh_after_days\": -1")))
                .hasMessageContaining("reuse.fresh_after_days");
    }

    private String reuse(String settings) {
        return good.replace("}}", "}, \"reuse\": {" + settings + "}}");
    }

    @Test
    void everyMistakeIsNamedAtOnceWithItsKey() {
        String bad = good.replace("\"listen\": \"127.0.0.1:8443\"", "\"listen\": 8443, \"lissen\": 1")
                .replace(folder + "/cert", folder + "/missing")
                .replace("long enough pass", "short")
                .replace("\"directory\"", "\"tape\"")
                .replace("\"path\"", "\"paht\"")
                .replace("}}", "}, \"jobs\": {\"lease_seconds\": 1, \"heartbeat_seconds\": \"5\"}}");
        assertThatThrownBy(() -> read(bad))
                .isInstanceOf(IllegalArgumentException.class)
                .message()
                .contains("listen must be a text")
                .contains("lissen is not a known key")
                .contains("tls.certificate_file names a file that cannot be read")
                .contains("operators[0].password must have at least 12 characters")
                .contains("store.kind must be directory or s3")
                .contains("store.paht is not a known key")
                .contains("jobs.lease_seconds must be between")
                .contains("jobs.heartbeat_seconds must be a whole number")
                .doesNotContain("short");
    }

    @Test
    void withoutAnOperatorThereIsNoStart() {
        assertThatThrownBy(() -> read(good.replaceAll("\\[\\{\"name.*}]", "[]")))
                .hasMessageContaining("operators must name at least one operator");
    }

    @Test
    void theKeysAreGivenOrDerivedButNotBoth() throws IOException {
        String secret = good.replace("\"master_identity_file\"", "\"secret_file\"");
        assertThatThrownBy(() -> read(secret)).hasMessageContaining("keys.secret_file must not stand beside");
        assertThatThrownBy(() -> read(good.replaceAll("\"keys\": \\{[^}]*}", "\"keys\": {}")))
                .hasMessageContaining("keys.secret_file is missing, or master_identity_file and signing_key_file are");
        assertThat(read(good.replaceAll(
                                "\"keys\": \\{[^}]*}", "\"keys\": {\"secret_file\": \"" + folder + "/master\"}"))
                        .keys()
                        .secretFile())
                .isEqualTo(folder.resolve("master"));
    }

    @Test
    void aFileThatIsNoJsonIsRefusedWithTheLine() {
        assertThatThrownBy(() -> read(good + "}"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("not valid JSON");
    }

    @Test
    void secretsAreNotPrinted() throws IOException {
        String s3 = good.replaceAll(
                "\"store\": \\{.*}",
                "\"store\": {\"kind\": \"s3\", \"bucket\": \"b\", \"access_key_id\": \"AKIA\","
                        + " \"secret_access_key\": \"TOPSECRET\"}}");
        assertThat(read(s3).toString()).doesNotContain("TOPSECRET").doesNotContain("long enough pass");
    }
}
