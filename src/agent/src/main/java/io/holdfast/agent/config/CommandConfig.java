package io.holdfast.agent.config;

import io.holdfast.protocol.settings.SettingsReader;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The commands that back up and restore a data service. Each is a program's absolute path with its arguments, run without
 * a shell; an empty list means that there is none.
 *
 * @param dump writes a dump to its standard output
 * @param preDump is run before
 * @param postDump is run afterwards, whatever happened
 * @param restore reads a dump from its standard input, and replaces all data by it
 * @param preRestore is run before
 * @param postRestore is run afterwards, whatever happened
 * @param service how the service is stopped while it is restored; null when it runs on
 * @param check looks at the restored data
 * @param size prints about how many bytes a dump will have
 * @param endMark how a line near the dump's end begins, or null
 * @param minimumBytes the least that a dump has
 * @param safetyCopy whether a restore dumps what it replaces, for the way back
 * @param idleTimeout how long a command may neither take nor give a byte
 * @param toolTimeout how long the dump and the restore may take
 * @param stepTimeout how long each of the other commands may take, and the service to stop and to start
 */
public record CommandConfig(
        List<String> dump,
        List<String> preDump,
        List<String> postDump,
        List<String> restore,
        List<String> preRestore,
        List<String> postRestore,
        @Nullable Service service,
        List<String> check,
        List<String> size,
        @Nullable String endMark,
        long minimumBytes,
        boolean safetyCopy,
        Duration idleTimeout,
        Duration toolTimeout,
        Duration stepTimeout)
        implements AdapterConfig {

    /**
     * Stops and starts the service. Both may go on after their commands have ended, so each has another that tells.
     *
     * @param stop stops it
     * @param stopped ends with exit code 0 when it has stopped
     * @param start starts it
     * @param running ends with exit code 0 when it runs
     */
    public record Service(List<String> stop, List<String> stopped, List<String> start, List<String> running) {
        public Service {
            stop = List.copyOf(stop);
            stopped = List.copyOf(stopped);
            start = List.copyOf(start);
            running = List.copyOf(running);
        }
    }

    public CommandConfig {
        dump = List.copyOf(dump);
        preDump = List.copyOf(preDump);
        postDump = List.copyOf(postDump);
        restore = List.copyOf(restore);
        preRestore = List.copyOf(preRestore);
        postRestore = List.copyOf(postRestore);
        check = List.copyOf(check);
        size = List.copyOf(size);
    }

    /** Reads the settings and notes all mistakes in them. */
    static CommandConfig read(SettingsReader settings) {
        List<String> dump = command(settings, "dump_command");
        if (dump.isEmpty()) {
            settings.mistake("dump_command", "is missing");
        }
        String endMark = settings.optionalText("end_mark");
        long minimumBytes = settings.longInteger("minimum_bytes", 0, 0, Long.MAX_VALUE);
        if (endMark == null && minimumBytes == 0) {
            settings.mistake(
                    "end_mark",
                    "or minimum_bytes must be given: otherwise half a dump could be taken for a complete one");
        }
        return new CommandConfig(
                dump,
                command(settings, "pre_dump_command"),
                command(settings, "post_dump_command"),
                command(settings, "restore_command"),
                command(settings, "pre_restore_command"),
                command(settings, "post_restore_command"),
                service(settings),
                command(settings, "check_command"),
                command(settings, "size_command"),
                endMark,
                minimumBytes,
                settings.flag("pre_restore_copy", true),
                Limits.idleTimeout(settings),
                Limits.toolTimeout(settings),
                Duration.ofSeconds(settings.integer("step_timeout_seconds", 300, 1, Integer.MAX_VALUE)));
    }

    private static @Nullable Service service(SettingsReader settings) {
        List<String> keys = List.of("stop_command", "stopped_command", "start_command", "running_command");
        List<List<String>> commands =
                keys.stream().map(key -> command(settings, key)).toList();
        if (commands.stream().allMatch(List::isEmpty)) {
            return null;
        }
        for (int i = 0; i < keys.size(); i++) {
            if (commands.get(i).isEmpty()) {
                settings.mistake(
                        keys.get(i), "is missing: stopping and starting a service needs " + String.join(", ", keys));
            }
        }
        return new Service(commands.get(0), commands.get(1), commands.get(2), commands.get(3));
    }

    private static List<String> command(SettingsReader settings, String key) {
        List<String> command = settings.texts(key);
        if (!command.isEmpty() && !command.getFirst().startsWith("/")) {
            settings.mistake(key, "must begin with a program's absolute path");
        }
        return command;
    }
}
