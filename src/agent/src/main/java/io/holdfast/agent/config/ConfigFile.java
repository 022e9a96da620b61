package io.holdfast.agent.config;

import io.holdfast.agent.process.Command;
import io.holdfast.format.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** Reads the configuration file. */
public final class ConfigFile {
    /** The configuration cannot be used; names every mistake with its key, and never a value that may be secret. */
    public static final class ConfigException extends Exception {
        private static final long serialVersionUID = 1L;

        private final transient List<String> mistakes;

        ConfigException(Path file, List<String> mistakes) {
            super(file + " cannot be used:\n  " + String.join("\n  ", mistakes));
            this.mistakes = List.copyOf(mistakes);
        }

        public List<String> mistakes() {
            return mistakes;
        }
    }

    private ConfigFile() {}

    /** Reads and checks all of it; an unknown key is a mistake too. */
    public static AgentConfig read(Path file) throws ConfigException {
        JsonNode root;
        try {
            root = Json.mapper().readTree(Files.readAllBytes(file));
        } catch (IOException e) {
            throw new ConfigException(file, List.of("the file cannot be read: " + e.getMessage()));
        } catch (JacksonException e) {
            // The message would quote what stands there, which may be a password.
            throw new ConfigException(
                    file,
                    List.of("the file is not JSON: see line " + e.getLocation().getLineNr()));
        }
        List<String> mistakes = new ArrayList<>();
        AgentConfig config = read(new Section("", root, mistakes));
        if (!mistakes.isEmpty()) {
            throw new ConfigException(file, mistakes);
        }
        return config;
    }

    private static AgentConfig read(Section root) {
        AgentConfig config = new AgentConfig(
                manager(root.section("manager")),
                Path.of(root.string("work_directory")),
                root.readableFiles("trusted_ca_files"),
                root.number("compression_level", 3, 1, 19),
                root.number("workers", 2, 1, 64),
                root.number("uploads_in_flight", 2, 1, 16),
                adapter(root.section("adapter")));
        root.refuseOthers();
        return config;
    }

    private static AgentConfig.Manager manager(Section section) {
        AgentConfig.Manager manager = new AgentConfig.Manager(
                section.httpsUrl("url"),
                section.readableFile("ca_file"),
                section.readableFile("certificate_file"),
                section.readableFile("private_key_file"));
        section.refuseOthers();
        return manager;
    }

    private static PostgresqlConfig adapter(Section section) {
        String kind = section.string("kind");
        if (!kind.isEmpty() && !kind.equals("postgresql")) {
            section.mistake("kind", "must be postgresql");
        }
        int toolTimeout = section.number("tool_timeout_seconds", 0, 0, Integer.MAX_VALUE);
        PostgresqlConfig config = new PostgresqlConfig(
                section.string("host"),
                section.number("port", 5432, 1, 65535),
                section.string("user"),
                password(section),
                section.string("maintenance_database", "postgres"),
                section.strings("tool_directories", PostgresqlConfig.DEFAULT_TOOL_DIRECTORIES),
                section.flag("refuse_unsafe_tools", false),
                Duration.ofSeconds(section.number("idle_timeout_seconds", 3600, 1, Integer.MAX_VALUE)),
                toolTimeout == 0 ? Command.UNLIMITED : Duration.ofSeconds(toolTimeout));
        section.refuseOthers();
        return config;
    }

    private static @Nullable String password(Section section) {
        String password = section.optionalString("password");
        if (!section.has("password_file")) {
            return password;
        }
        if (password != null) {
            section.mistake("password", "must not stand beside password_file");
        }
        Path file = section.readableFile("password_file");
        try {
            return Files.isReadable(file) ? Files.readString(file).strip() : null;
        } catch (IOException e) {
            section.mistake("password_file", "names a file that cannot be read: " + file);
            return null;
        }
    }
}
