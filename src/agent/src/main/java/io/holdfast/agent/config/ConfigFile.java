package io.holdfast.agent.config;

import io.holdfast.agent.process.Command;
import io.holdfast.protocol.settings.SettingsReader;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads the configuration file. */
public final class ConfigFile {
    private ConfigFile() {}

    /**
     * Reads and checks all of it; an unknown key is a mistake too.
     *
     * @throws IOException when the file cannot be read
     * @throws IllegalArgumentException with one line for each mistake, each beginning with its key
     */
    public static AgentConfig read(Path file) throws IOException {
        SettingsReader settings = SettingsReader.of(file);
        String statusFile = settings.optionalText("status_file");
        AgentConfig config = new AgentConfig(
                manager(settings.object("manager")),
                Path.of(settings.text("work_directory")),
                settings.files("trusted_ca_files"),
                settings.integer("compression_level", 1, 1, 19),
                settings.integer("workers", 2, 1, 64),
                settings.integer("uploads_in_flight", 1, 1, 16),
                statusFile == null ? null : Path.of(statusFile),
                Duration.ofSeconds(settings.integer("stop_within_seconds", 0, 0, 86_400)),
                settings.integer("memory_alert_mb", 0, 0, Integer.MAX_VALUE),
                adapter(settings.object("adapter")));
        settings.finish();
        return config;
    }

    private static AgentConfig.Manager manager(SettingsReader settings) {
        URI url = settings.converted("url", text -> {
            URI parsed = URI.create(text);
            if (!"https".equals(parsed.getScheme()) || parsed.getHost() == null) {
                throw new IllegalArgumentException("must be an https address");
            }
            return parsed;
        });
        return new AgentConfig.Manager(
                url == null ? URI.create("") : url,
                settings.file("ca_file"),
                settings.file("certificate_file"),
                settings.file("private_key_file"));
    }

    private static PostgresqlConfig adapter(SettingsReader settings) {
        String kind = settings.text("kind");
        if (!kind.isEmpty() && !kind.equals("postgresql")) {
            settings.mistake("kind", "must be postgresql");
        }
        String database = settings.optionalText("maintenance_database");
        List<String> directories = settings.texts("tool_directories");
        int toolTimeout = settings.integer("tool_timeout_seconds", 0, 0, Integer.MAX_VALUE);
        return new PostgresqlConfig(
                settings.text("host"),
                settings.integer("port", 5432, 1, 65535),
                settings.text("user"),
                password(settings),
                database == null ? "postgres" : database,
                directories.isEmpty() ? PostgresqlConfig.DEFAULT_TOOL_DIRECTORIES : directories,
                settings.flag("refuse_unsafe_tools", false),
                Duration.ofSeconds(settings.integer("idle_timeout_seconds", 3600, 1, Integer.MAX_VALUE)),
                toolTimeout == 0 ? Command.UNLIMITED : Duration.ofSeconds(toolTimeout));
    }

    private static @Nullable String password(SettingsReader settings) {
        String password = settings.optionalText("password");
        Path file = settings.optionalFile("password_file");
        if (file == null) {
            return password;
        }
        if (password != null) {
            settings.mistake("password", "must not stand beside password_file");
        }
        try {
            return Files.isReadable(file) ? Files.readString(file).strip() : null;
        } catch (IOException e) {
            settings.mistake("password_file", "names a file that cannot be read: " + file);
            return null;
        }
    }
}
