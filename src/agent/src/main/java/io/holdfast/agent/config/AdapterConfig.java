package io.holdfast.agent.config;

import io.holdfast.protocol.settings.SettingsReader;
import java.util.Optional;

/** What the agent is told about its data service. Each kind reads its own settings. */
public sealed interface AdapterConfig
        permits PostgresqlConfig,
                MariadbConfig,
                RedisConfig,
                RabbitmqConfig,
                SearchConfig,
                DirectoryConfig,
                CommandConfig,
                BbrConfig {
    /** Reads the settings of the kind that they name; empty, and a mistake is noted, when there is no such kind. */
    static Optional<AdapterConfig> read(SettingsReader settings) {
        String kind = settings.text("kind");
        return switch (kind) {
            case "postgresql" -> Optional.of(PostgresqlConfig.read(settings));
            case "mariadb", MariadbConfig.MYSQL -> Optional.of(MariadbConfig.read(kind, settings));
            case "redis", "valkey" -> Optional.of(RedisConfig.read(kind, settings));
            case "rabbitmq" -> Optional.of(RabbitmqConfig.read(settings));
            case "opensearch", "elasticsearch" -> Optional.of(SearchConfig.read(kind, settings));
            case "directory" -> Optional.of(DirectoryConfig.read(settings));
            case "command" -> Optional.of(CommandConfig.read(settings));
            case "bbr" -> Optional.of(BbrConfig.read(settings));
            default -> {
                if (!kind.isEmpty()) {
                    settings.mistake(
                            "kind",
                            "must be one of postgresql, mariadb, mysql, redis, valkey, rabbitmq, opensearch,"
                                    + " elasticsearch, directory, command, bbr");
                }
                settings.disregardOthers();
                yield Optional.empty();
            }
        };
    }
}
