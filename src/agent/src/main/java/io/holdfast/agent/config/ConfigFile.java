package io.holdfast.agent.config;

import io.holdfast.protocol.settings.SettingsReader;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

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
        AgentConfig.Manager manager = manager(settings.object("manager"));
        Path workDirectory = Path.of(settings.text("work_directory"));
        List<Path> trustedCaFiles = settings.files("trusted_ca_files");
        int compressionLevel = settings.integer("compression_level", 1, 1, 19);
        int workers = settings.integer("workers", 2, 1, 64);
        int uploadsInFlight = settings.integer("uploads_in_flight", 4, 1, 64);
        int storePatience = settings.integer("store_patience_seconds", 900, 1, 86_400);
        String statusFile = settings.optionalText("status_file");
        int stopWithin = settings.integer("stop_within_seconds", 0, 0, 86_400);
        int memoryAlertMb = settings.integer("memory_alert_mb", 0, 0, Integer.MAX_VALUE);
        AgentConfig.BackupFrom backupFrom = backupFrom(settings);
        int mostBehind = settings.integer("max_replica_lag_seconds", 60, 1, 86_400);
        Optional<AdapterConfig> adapter = AdapterConfig.read(settings.object("adapter"));
        settings.finish();
        return new AgentConfig(
                manager,
                workDirectory,
                trustedCaFiles,
                compressionLevel,
                workers,
                uploadsInFlight,
                Duration.ofSeconds(storePatience),
                statusFile == null ? null : Path.of(statusFile),
                Duration.ofSeconds(stopWithin),
                memoryAlertMb,
                backupFrom,
                Duration.ofSeconds(mostBehind),
                adapter.orElseThrow());
    }

    private static AgentConfig.Manager manager(SettingsReader settings) {
        URI url = settings.converted("url", text -> {
            URI parsed = URI.create(text);
            if (!"https".equals(parsed.getScheme()) || parsed.getHost() == null) {
                throw new IllegalArgumentException("must be an https address");
            }
            return parsed;
        });
        int index = settings.integer("index", -1, -1, 9999);
        return new AgentConfig.Manager(
                url == null ? URI.create("") : url,
                settings.file("ca_file"),
                settings.file("certificate_file"),
                settings.file("private_key_file"),
                index < 0 ? null : (Integer) index);
    }

    private static AgentConfig.BackupFrom backupFrom(SettingsReader settings) {
        String text = settings.optionalText("backup_from");
        return switch (text == null ? "replica" : text) {
            case "replica" -> AgentConfig.BackupFrom.REPLICA;
            case "primary" -> AgentConfig.BackupFrom.PRIMARY;
            default -> {
                settings.mistake("backup_from", "must be replica or primary");
                yield AgentConfig.BackupFrom.REPLICA;
            }
        };
    }
}
