package io.holdfast.agent.config;

import io.holdfast.protocol.settings.SettingsReader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How to reach an OpenSearch or Elasticsearch cluster.
 *
 * @param kind {@code opensearch} or {@code elasticsearch}
 * @param host a host name or an address of one node
 * @param port of its HTTP interface
 * @param user who backs up and restores, or null when nobody is asked for
 * @param password the user's password, or null
 * @param caFile who signed the node's certificate; null for a connection without TLS
 * @param repositoryPath a folder for snapshots that the agent and all nodes share, below the nodes' {@code path.repo};
 *     null when the engine writes them to where only it can read them
 * @param engineRepository that place; null when there is a folder
 * @param idleTimeout how long a node may leave a request without an answer
 * @param toolTimeout how long a snapshot, or a restore of one, may take
 */
public record SearchConfig(
        String kind,
        String host,
        int port,
        @Nullable String user,
        @Nullable String password,
        @Nullable Path caFile,
        @Nullable Path repositoryPath,
        @Nullable EngineRepository engineRepository,
        Duration idleTimeout,
        Duration toolTimeout)
        implements AdapterConfig {

    /**
     * A snapshot repository of the engine, as it is registered.
     *
     * @param type such as {@code s3}
     * @param settings as the engine names them, such as {@code bucket} and {@code base_path}
     */
    public record EngineRepository(String type, Map<String, String> settings) {
        public EngineRepository {
            settings = Map.copyOf(settings);
        }
    }

    private static final String PATH = "repository_path";
    private static final String ENGINE = "engine_repository";

    /** Reads the settings and notes all mistakes in them. */
    static SearchConfig read(String kind, SettingsReader settings) {
        String host = settings.text("host");
        int port = settings.integer("port", 9200, 1, 65535);
        String user = settings.optionalText("user");
        String password = Password.read(settings);
        if (user == null && password != null) {
            settings.mistake("user", "is missing, as there is a password");
        }
        Path path = settings.has(PATH) ? settings.converted(PATH, SearchConfig::folder) : null;
        EngineRepository repository = settings.has(ENGINE) ? repository(settings.object(ENGINE)) : null;
        if (settings.has(PATH) == settings.has(ENGINE)) {
            settings.mistake(PATH, "or " + ENGINE + " must be given, but not both");
        }
        return new SearchConfig(
                kind,
                host,
                port,
                user,
                password,
                settings.optionalFile("ca_file"),
                path,
                repository,
                Limits.idleTimeout(settings),
                Limits.toolTimeout(settings));
    }

    private static EngineRepository repository(SettingsReader settings) {
        Map<String, String> its = settings.map("settings");
        for (String key : its.keySet()) {
            if (key.endsWith("access_key") || key.endsWith("secret_key") || key.endsWith("token")) {
                settings.mistake("settings." + key, "belongs in the keystore of the engine's nodes");
            }
        }
        return new EngineRepository(settings.text("type"), its);
    }

    private static Path folder(String text) {
        Path path = Path.of(text);
        if (!path.isAbsolute() || path.getParent() == null || !path.equals(path.normalize())) {
            throw new IllegalArgumentException("must be an absolute path without . and .., and not /");
        }
        return path;
    }

    /** Never shows the password. */
    @Override
    public String toString() {
        return "SearchConfig[" + kind + " " + user + "@" + host + ":" + port + "]";
    }
}
