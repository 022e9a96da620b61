package io.holdfast.agent.config;

import io.holdfast.protocol.settings.SettingsReader;
import java.nio.file.Path;
import java.time.Duration;
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
 * @param repositoryPath a folder for snapshots that the agent and all nodes share, below the nodes' {@code path.repo}
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
        Path repositoryPath,
        Duration idleTimeout,
        Duration toolTimeout)
        implements AdapterConfig {

    /** Reads the settings and notes all mistakes in them. */
    static SearchConfig read(String kind, SettingsReader settings) {
        String host = settings.text("host");
        int port = settings.integer("port", 9200, 1, 65535);
        String user = settings.optionalText("user");
        String password = Password.read(settings);
        if (user == null && password != null) {
            settings.mistake("user", "is missing beside the password");
        }
        Path path = settings.converted("repository_path", SearchConfig::folder);
        return new SearchConfig(
                kind,
                host,
                port,
                user,
                password,
                settings.optionalFile("ca_file"),
                path == null ? Path.of("/") : path,
                Limits.idleTimeout(settings),
                Limits.toolTimeout(settings));
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
