package io.holdfast.agent.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.agent.process.Command;
import io.holdfast.protocol.settings.SettingsReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AdapterConfigTest {
    @TempDir
    Path directory;

    @Test
    void directoryHasDefaults() throws Exception {
        assertThat(read("{\"kind\": \"directory\", \"path\": \"/var/data\"}"))
                .contains(new DirectoryConfig(
                        Path.of("/var/data"), List.of(), false, DirectoryConfig.ChangingFiles.WARN));
        assertThat(
                        read(
                                "{\"kind\": \"directory\", \"path\": \"/a\", \"exclude\": [\"x/*\"], \"drop_setuid\": true, \"changing_files\": \"fail\"}"))
                .contains(new DirectoryConfig(Path.of("/a"), List.of("x/*"), true, DirectoryConfig.ChangingFiles.FAIL));
    }

    @Test
    void everyMistakeIsNamedWithItsKey() {
        assertThatThrownBy(
                        () -> read(
                                "{\"kind\": \"directory\", \"path\": \"a/../b\", \"exclude\": [\"/a\"], \"changing_files\": \"x\", \"y\": 1}"))
                .hasMessageContaining("path must be an absolute path")
                .hasMessageContaining("exclude must have patterns relative to the directory")
                .hasMessageContaining("changing_files must be warn or fail")
                .hasMessageContaining("y is not a known key");
        assertThatThrownBy(() -> read("{\"kind\": \"directory\"}")).hasMessage("path is missing");
        assertThatThrownBy(() -> read("{\"kind\": \"directory\", \"path\": \"/\"}"))
                .hasMessageContaining("path must be");
    }

    @Test
    void unknownKindIsTheOnlyMistake() {
        assertThatThrownBy(() -> read("{\"kind\": \"oracle\", \"host\": \"h\"}"))
                .hasMessage(
                        "kind must be one of postgresql, mariadb, mysql, redis, valkey, rabbitmq, opensearch, elasticsearch,"
                                + " directory, command, bbr");
        assertThatThrownBy(() -> read("{}")).hasMessage("kind is missing");
    }

    @Test
    void mariadbHasDefaultsAndHidesItsPassword() throws Exception {
        AdapterConfig config = read("{\"kind\": \"mariadb\", \"host\": \"h\", \"user\": \"u\", \"password\": \"p\"}")
                .orElseThrow();
        assertThat(config)
                .isEqualTo(new MariadbConfig(
                        "mariadb",
                        "h",
                        3306,
                        "u",
                        "p",
                        null,
                        List.of(),
                        List.of("/usr/bin"),
                        Duration.ofHours(1),
                        Command.UNLIMITED))
                .hasToString("MariadbConfig[mariadb u@h:3306]");
    }

    @Test
    void redisAndValkeyHaveDefaultsAndHideTheirPassword() throws Exception {
        assertThat(read("{\"kind\": \"redis\", \"host\": \"h\"}"))
                .contains(new RedisConfig(
                        "redis",
                        "h",
                        6379,
                        null,
                        null,
                        null,
                        "127.0.0.1",
                        List.of("/usr/bin"),
                        Duration.ofHours(1),
                        Command.UNLIMITED));
        Path file = Files.writeString(directory.resolve("file"), "p\n");
        assertThat(read("""
                {"kind": "valkey", "host": "h", "port": 6380, "user": "u", "password_file": "%1$s", "ca_file": "%1$s",
                 "scratch_address": "10.0.0.1", "tool_directories": ["/opt/*/bin"], "idle_timeout_seconds": 2,
                 "tool_timeout_seconds": 3}
                """.formatted(file)).orElseThrow())
                .isEqualTo(new RedisConfig(
                        "valkey",
                        "h",
                        6380,
                        "u",
                        "p",
                        file,
                        "10.0.0.1",
                        List.of("/opt/*/bin"),
                        Duration.ofSeconds(2),
                        Duration.ofSeconds(3)))
                .hasToString("RedisConfig[valkey u@h:6380]");
    }

    @Test
    void mistakesForRedisAndValkeyAreNamed() {
        for (String kind : List.of("redis", "valkey")) {
            assertThatThrownBy(() -> read("""
                    {"kind": "%s", "port": 65536, "user": "u", "password": "hidden", "password_file": "/nonexistent",
                     "ca_file": "/nonexistent", "scratch_address": 1, "tool_directories": "/usr/bin",
                     "idle_timeout_seconds": 0, "tool_timeout_seconds": "1", "vhosts": []}
                    """.formatted(kind)))
                    .hasMessageContaining("host is missing")
                    .hasMessageContaining("port must be between 1 and 65535")
                    .hasMessageContaining("password must not be given together with password_file")
                    .hasMessageContaining("password_file names a file that cannot be read")
                    .hasMessageContaining("ca_file names a file that cannot be read")
                    .hasMessageContaining("scratch_address must be a text")
                    .hasMessageContaining("tool_directories must be an array of texts")
                    .hasMessageContaining("idle_timeout_seconds must be between 1 and")
                    .hasMessageContaining("tool_timeout_seconds must be a whole number")
                    .hasMessageContaining("vhosts is not a known key")
                    .hasMessageNotContaining("hidden");
        }
    }

    @Test
    void bbrHasDefaultsAndItsMistakesAreNamed() throws Exception {
        assertThat(read("{\"kind\": \"bbr\"}"))
                .contains(new BbrConfig(
                        Path.of("/var/vcap/jobs"),
                        List.of(),
                        Duration.ofHours(1),
                        Command.UNLIMITED,
                        Duration.ofMinutes(5)));
        assertThat(read("""
                {"kind": "bbr", "jobs_directory": "/jobs", "jobs": ["a"], "idle_timeout_seconds": 1,
                 "tool_timeout_seconds": 2, "lock_timeout_seconds": 3}
                """))
                .contains(new BbrConfig(
                        Path.of("/jobs"),
                        List.of("a"),
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(2),
                        Duration.ofSeconds(3)));
        assertThatThrownBy(() -> read("""
                {"kind": "bbr", "jobs_directory": "jobs", "jobs": ["../a", 1], "idle_timeout_seconds": -1,
                 "tool_timeout_seconds": -1, "lock_timeout_seconds": 0, "host": "h"}
                """))
                .hasMessageContaining("jobs_directory must be an absolute path")
                .hasMessageContaining("jobs must have names of BOSH jobs in it")
                .hasMessageContaining("jobs must have nothing but texts in it")
                .hasMessageContaining("idle_timeout_seconds must be between 1 and")
                .hasMessageContaining("tool_timeout_seconds must be between 0 and")
                .hasMessageContaining("lock_timeout_seconds must be between 1 and")
                .hasMessageContaining("host is not a known key");
    }

    @Test
    void rabbitmqHasDefaultsNeedsAPasswordAndHidesIt() throws Exception {
        AdapterConfig config = read("{\"kind\": \"rabbitmq\", \"host\": \"h\", \"user\": \"u\", \"password\": \"p\"}")
                .orElseThrow();
        assertThat(config)
                .isEqualTo(new RabbitmqConfig("h", 15672, "u", "p", null, List.of(), Duration.ofHours(1)))
                .hasToString("RabbitmqConfig[u@h:15672]");
        assertThatThrownBy(() ->
                        read("{\"kind\": \"rabbitmq\", \"host\": \"h\", \"user\": \"u\", \"tool_directories\": []}"))
                .hasMessageContaining("password or password_file must be given")
                .hasMessageContaining("tool_directories is not a known key");
    }

    @Test
    void redisUserNeedsAPasswordUnlessItIsTheDefaultOne() throws Exception {
        assertThatThrownBy(() -> read("{\"kind\": \"redis\", \"host\": \"h\", \"user\": \"u\"}"))
                .hasMessageContaining("password or password_file must be given with user");
        assertThat(read("{\"kind\": \"redis\", \"host\": \"h\", \"user\": \"u\", \"password\": \"p\"}")
                        .orElseThrow())
                .hasToString("RedisConfig[redis u@h:6379]");
        assertThat(read("{\"kind\": \"redis\", \"host\": \"h\", \"user\": \"default\"}"))
                .isPresent();
        assertThat(read("{\"kind\": \"valkey\", \"host\": \"h\"}")).isPresent();
    }

    @Test
    void searchEngineNeedsOnePlaceForSnapshotsWithoutSecretsInIt() throws Exception {
        assertThat(read("""
                {"kind": "opensearch", "host": "h", "engine_repository":
                  {"type": "s3", "settings": {"bucket": "b", "readonly": false, "max_restore": 7}}}
                """))
                .contains(new SearchConfig(
                        "opensearch",
                        "h",
                        9200,
                        null,
                        null,
                        null,
                        null,
                        new SearchConfig.EngineRepository(
                                "s3", Map.of("bucket", "b", "readonly", "false", "max_restore", "7")),
                        Duration.ofHours(1),
                        Command.UNLIMITED));
        assertThatThrownBy(() -> read("{\"kind\": \"elasticsearch\", \"host\": \"h\"}"))
                .hasMessageContaining("repository_path or engine_repository must be given, but not both");
        assertThatThrownBy(() -> read("""
                {"kind": "opensearch", "host": "h", "repository_path": "relative", "password": "hidden", "engine_repository":
                  {"settings": {"secret_key": "hidden", "bucket": []}, "name": "x"}}
                """))
                .hasMessageContaining("not both")
                .hasMessageContaining("repository_path must be an absolute path")
                .hasMessageContaining("user is missing, as there is a password")
                .hasMessageContaining("engine_repository.type is missing")
                .hasMessageContaining("engine_repository.settings.secret_key belongs in the keystore")
                .hasMessageContaining("engine_repository.settings.bucket must be a text, a number, or true or false")
                .hasMessageContaining("engine_repository.name is not a known key")
                .hasMessageNotContaining("hidden");
    }

    @Test
    void aCommandNeedsAWayToTellAWholeDump() {
        assertThatThrownBy(() -> read("{\"kind\": \"command\", \"dump_command\": [\"pg_dump\"]}"))
                .hasMessageContaining("dump_command must begin with a program's absolute path")
                .hasMessageContaining("end_mark or minimum_bytes must be given");
    }

    @Test
    void aServiceThatIsStoppedNeedsAllCommandsForThat() throws Exception {
        String command = "{\"kind\": \"command\", \"dump_command\": [\"/bin/dump\"], \"minimum_bytes\": 1";
        assertThatThrownBy(() -> read(command + ", \"stop_command\": [\"/bin/monit\", \"stop\", \"etcd\"]}"))
                .hasMessageContaining("stopped_command is missing")
                .hasMessageContaining("start_command is missing")
                .hasMessageContaining("running_command is missing");
        assertThat(read(command + "}"))
                .hasValueSatisfying(
                        config -> assertThat(((CommandConfig) config).service()).isNull());
        assertThat(read(command + ", \"stop_command\": [\"/bin/a\"], \"stopped_command\": [\"/bin/b\", \"x\"],"
                        + " \"start_command\": [\"/bin/c\"], \"running_command\": [\"/bin/d\"]}"))
                .hasValueSatisfying(config -> assertThat(((CommandConfig) config).service())
                        .isEqualTo(new CommandConfig.Service(
                                List.of("/bin/a"), List.of("/bin/b", "x"), List.of("/bin/c"), List.of("/bin/d"))));
    }

    private Optional<AdapterConfig> read(String json) throws Exception {
        SettingsReader settings = SettingsReader.of(Files.writeString(directory.resolve("config.json"), json));
        Optional<AdapterConfig> config = AdapterConfig.read(settings);
        settings.finish();
        return config;
    }
}
