package io.holdfast.agent.adapter.redis;

import io.holdfast.agent.adapter.LiveData;
import io.holdfast.agent.adapter.OutputCheck;
import io.holdfast.agent.adapter.RestoreFiles;
import io.holdfast.agent.adapter.RestoreOrder;
import io.holdfast.agent.attempt.JobException;
import io.holdfast.agent.attempt.StopSignal;
import io.holdfast.agent.config.RedisConfig;
import io.holdfast.agent.process.ProcessRunner;
import io.holdfast.format.json.Json;
import io.holdfast.format.manifest.Manifest;
import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.Hello;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * A server's databases and users, as a restore replaces them: the live server becomes a replica of a second one that has
 * loaded the snapshot, and stays one, which takes no writes, until it is opened again. It loads what it gets beside what
 * it has ({@code repl-diskless-load swapdb}), so a load that fails leaves the old data. A backup is restored only when it
 * is on the live server's disk as well, since the server could not take it back after its next start.
 */
final class RedisData implements LiveData {
    private static final String DATA_FILE = "data.rdb";
    private static final String USERS_FILE = "users.json";
    private static final String SETTINGS_FILE = "settings.json";
    private static final String KEYS_FILE = "keys.json";
    private static final String HISTORY_FILE = "history.json";
    private static final String PUT_BACK_FILE = "put-back.json";

    /** The live server's settings that a restore changes. */
    private static final List<String> SETTINGS = List.of(
            "repl-diskless-load",
            "masterauth",
            "masteruser",
            "tls-replication",
            "replica-read-only",
            "replica-serve-stale-data");

    private static final Duration PAUSE = Duration.ofHours(1);
    private static final Duration LINK = Duration.ofSeconds(30);
    private static final long LOOK_MILLIS = 50;

    private final RedisConfig config;
    private final ProcessRunner runner;
    private final StopSignal stop;

    /** In the time of {@link System#nanoTime}. */
    private long pausedUntil;

    RedisData(RedisConfig config, ProcessRunner runner, StopSignal stop) {
        this.config = config;
        this.runner = runner;
        this.stop = stop;
    }

    @Override
    public long preflight(Manifest manifest) throws IOException, InterruptedException {
        RestoreFiles.artifact(manifest, RedisDump.DATA);
        RestoreFiles.artifact(manifest, RedisDump.USERS);
        Hello.Tool tool = ScratchServer.find(config, runner, stop);
        try (Connection connection = Connection.open(config, stop)) {
            Info info = Info.of(connection);
            info.requireRestorable(manifest.engineVersion());
            NeededCommands.require(connection);
            String misfit = info.misfit(tool);
            if (misfit != null) {
                throw new JobException(FailureCode.TOOL_VERSION, misfit, ScratchServer.NAME_ITS_FOLDER);
            }
            return info.dataBytes();
        }
    }

    @Override
    public void stage(RestoreOrder order, RestoreFiles files) throws IOException, InterruptedException {
        RestoreFiles.fetch(order, RedisDump.DATA, files.backup().resolve(DATA_FILE), new RdbCheck());
        RestoreFiles.fetch(order, RedisDump.USERS, files.backup().resolve(USERS_FILE), OutputCheck.ANYTHING);
        users(files.backup());
        try (Connection connection = Connection.open(config, stop);
                ScratchServer _ = scratch(connection, files.backup())) {
            // It can be loaded, which nobody would want to learn while writes are paused.
        }
    }

    @Override
    public void close(RestoreFiles files) throws IOException {
        try (Connection connection = Connection.open(config, stop)) {
            write(files.closed().resolve(USERS_FILE), connection.texts("ACL", "LIST"));
            Map<String, String> settings = new TreeMap<>();
            for (String name : SETTINGS) {
                List<String> found = connection.texts("CONFIG", "GET", name);
                if (found.size() == 2) {
                    settings.put(name, found.getLast());
                }
            }
            write(files.closed().resolve(HISTORY_FILE), Info.of(connection).history());
            write(files.closed().resolve(SETTINGS_FILE), settings);
            pausedUntil = System.nanoTime() + PAUSE.toNanos();
            connection.call("CLIENT", "PAUSE", Long.toString(PAUSE.toMillis()), "WRITE");
        }
    }

    @Override
    public void save(RestoreFiles files) throws IOException {
        try (InputStream snapshot = RedisDump.snapshot(config, stop)) {
            RestoreFiles.write(snapshot, files.old().resolve(DATA_FILE), OutputCheck.ANYTHING);
        }
        Files.copy(files.closed().resolve(USERS_FILE), files.old().resolve(USERS_FILE));
    }

    @Override
    public void replace(RestoreFiles files, Content by) throws IOException, InterruptedException {
        switch (by) {
            case BACKUP -> {
                load(files, by);
                try (Connection connection = Connection.open(config, stop)) {
                    persist(connection, files);
                }
            }
            case OLD -> putBack(files);
        }
    }

    private void load(RestoreFiles files, Content content) throws IOException, InterruptedException {
        Path folder = files.of(content);
        try (Connection connection = Connection.open(config, stop)) {
            try (ScratchServer scratch = scratch(connection, folder)) {
                if (content == Content.BACKUP) {
                    requireStillPaused();
                }
                follow(connection, scratch);
                write(folder.resolve(KEYS_FILE), Info.of(connection).keys());
            }
            replaceUsers(connection, files, content);
        }
    }

    /** What was written after the pause is in no pre-restore copy. */
    private void requireStillPaused() throws JobException {
        if (System.nanoTime() > pausedUntil) {
            throw new JobException(
                    FailureCode.RESTORE_FAILED,
                    "the pre-restore copy took longer than writes are paused: " + PAUSE.toMinutes() + " minutes",
                    "put work_directory on a faster disk, or restore by hand as the adapter's page says");
        }
    }

    /** Leaves data alone that was never replaced, or that was put back before and may have been changed by users since. */
    private void putBack(RestoreFiles files) throws IOException, InterruptedException {
        Info info;
        try (Connection connection = Connection.open(config, stop)) {
            info = Info.of(connection);
        }
        Path putBack = files.closed().resolve(PUT_BACK_FILE);
        if (Files.exists(putBack) && texts(putBack).containsValue(info.process())) {
            return;
        }
        boolean untouched = neverReplaced(info, files);
        if (untouched && !info.replica()) {
            return;
        }
        if (!untouched) {
            load(files, Content.OLD);
        }
        write(putBack, Map.of("run_id", info.process()));
    }

    private static boolean neverReplaced(Info info, RestoreFiles files) throws IOException {
        Path history = files.closed().resolve(HISTORY_FILE);
        return Files.exists(history)
                && texts(history).equals(info.history())
                && !(info.replica() && (info.hasModules() || info.syncing()));
    }

    @Override
    public void validate(RestoreFiles files) throws IOException {
        Map<String, String> expected = texts(files.backup().resolve(KEYS_FILE));
        try (Connection connection = Connection.open(config, stop)) {
            Map<String, String> found = Info.of(connection).keys();
            if (!found.equals(expected)) {
                throw new JobException(
                        FailureCode.VALIDATION_FAILED,
                        "the databases have " + found + " keys instead of " + expected,
                        "restore a different backup, and run 'holdfast verify' on this one");
            }
        }
    }

    @Override
    public Result result(RestoreFiles files) throws IOException {
        List<AclUser> users = users(files.backup());
        try (Connection connection = Connection.open(config, stop)) {
            List<String> leftAlone = connection.texts("ACL", "USERS").stream()
                    .filter(name -> users.stream().noneMatch(user -> user.name().equals(name)))
                    .map(name -> "user " + name)
                    .toList();
            List<String> restored = new ArrayList<>(Info.of(connection).keys().keySet());
            return new Result(restored.isEmpty() ? List.of("db0") : restored, leftAlone, notes(connection, files));
        }
    }

    @Override
    public void open(RestoreFiles files, Content now) throws IOException, InterruptedException {
        Path file = files.closed().resolve(SETTINGS_FILE);
        if (!Files.exists(file)) {
            return; // nothing was changed yet
        }
        try (Connection connection = Connection.open(config, stop)) {
            Info info = Info.of(connection);
            Path putBack = files.closed().resolve(PUT_BACK_FILE);
            boolean wasPutBack = now == Content.OLD && Files.exists(putBack);
            if (wasPutBack && !texts(putBack).containsValue(info.process())) {
                throw new JobException(
                        FailureCode.SERVICE_UNREACHABLE, // the agent tries that again
                        "the server was restarted while its old data was put back");
            }
            if (info.replica()) {
                connection.call("REPLICAOF", "NO", "ONE");
            }
            for (Map.Entry<String, String> setting : texts(file).entrySet()) {
                connection.call("CONFIG", "SET", setting.getKey(), setting.getValue());
            }
            connection.call("CLIENT", "UNPAUSE");
            if (wasPutBack) {
                persistOld(connection, files);
            }
        }
    }

    /** What is on the disk may be anything, but users get their data all the same. */
    private void persistOld(Connection connection, RestoreFiles files) throws IOException, InterruptedException {
        try {
            persist(connection, files);
        } catch (JobException e) {
            if (e.code() == FailureCode.SERVICE_UNREACHABLE) {
                throw e; // the agent tries that again
            }
            throw new JobException(
                    FailureCode.NEEDS_OPERATOR,
                    "the old data is back and accepts writes, but would be lost at the server's next start: "
                            + e.getMessage(),
                    "make room on the server's disk, or do whatever else its log asks for; then restart the agent,"
                            + " before you restart the server",
                    e);
        }
    }

    private void persist(Connection connection, RestoreFiles files) throws IOException, InterruptedException {
        if (!changedUsers(files).isEmpty() && hasAclFile(connection)) {
            connection.call("ACL", "SAVE");
        }
        new Persistence(connection, config.toolTimeout()).persist();
    }

    private ScratchServer scratch(Connection connection, Path folder) throws IOException, InterruptedException {
        Path program = Path.of(ScratchServer.find(config, runner, stop).path());
        String databases = connection.texts("CONFIG", "GET", "databases").getLast();
        return ScratchServer.start(config, program, folder.resolve(DATA_FILE), databases, runner, stop);
    }

    /** Lets the live server follow the scratch server until it has all that that one has. */
    private void follow(Connection connection, ScratchServer scratch) throws IOException, InterruptedException {
        connection.call("CONFIG", "SET", "repl-diskless-load", "swapdb");
        connection.call("CONFIG", "SET", "replica-read-only", "yes");
        // Else it refuses to write its data to its disk, and users' reads, once the second server has ended.
        connection.call("CONFIG", "SET", "replica-serve-stale-data", "yes");
        if (connection.texts("CONFIG", "GET", "tls-replication").contains("yes")) {
            connection.call("CONFIG", "SET", "tls-replication", "no");
        }
        connection.call("CONFIG", "SET", "masteruser", "");
        connection.call("CONFIG", "SET", "masterauth", scratch.password());
        connection.call("REPLICAOF", config.scratchAddress(), Integer.toString(scratch.port()));
        connection.call("CLIENT", "UNPAUSE"); // from here on it refuses writes
        long end = System.nanoTime() + config.toolTimeout().toNanos();
        long linkBy = System.nanoTime() + LINK.toNanos();
        while (true) {
            scratch.requireRunning();
            Info live = Info.of(connection);
            Info other = scratch.info();
            if (live.linkUp()
                    && live.offset().equals(other.offset())
                    && live.keys().equals(other.keys())) {
                return;
            }
            if (live.linkUp() || live.syncing()) {
                linkBy = System.nanoTime() + LINK.toNanos();
            }
            if (System.nanoTime() > Math.min(end, linkBy)) {
                throw new JobException(
                        FailureCode.RESTORE_FAILED,
                        "the server does not load the snapshot from the second server at " + config.scratchAddress(),
                        "see the server's log; it must be able to reach adapter.scratch_address");
            }
            Thread.sleep(LOOK_MILLIS);
        }
    }

    /** Users that only the live server has stay; of the agent's own neither rights nor password are changed. */
    private static void replaceUsers(Connection connection, RestoreFiles files, Content by) throws IOException {
        String own = connection.text("ACL", "WHOAMI");
        List<AclUser> before = users(files.closed());
        for (AclUser user : users(files.backup())) {
            if (user.name().equals(own) || before.contains(user)) {
                continue;
            }
            List<String> command = switch (by) {
                case BACKUP -> user.make();
                case OLD ->
                    before.stream()
                            .filter(old -> old.name().equals(user.name()))
                            .findFirst()
                            .map(AclUser::make)
                            .orElse(List.of("ACL", "DELUSER", user.name()));
            };
            connection.call(command);
        }
    }

    /** Those of the backup that the live server had otherwise, or not at all. */
    private static List<AclUser> changedUsers(RestoreFiles files) throws IOException {
        List<AclUser> changed = new ArrayList<>(users(files.backup()));
        changed.removeAll(users(files.closed()));
        return changed;
    }

    private static List<String> notes(Connection connection, RestoreFiles files) throws IOException {
        List<String> notes = new ArrayList<>();
        if (!changedUsers(files).isEmpty() && !hasAclFile(connection)) {
            notes.add("users were changed, but the server has no aclfile: after its next start they are again as in its"
                    + " configuration");
        }
        return notes;
    }

    private static boolean hasAclFile(Connection connection) throws IOException {
        return !String.join("", connection.texts("CONFIG", "GET", "aclfile")).equals("aclfile");
    }

    private static List<AclUser> users(Path folder) throws IOException {
        return List.of(read(folder.resolve(USERS_FILE), String[].class)).stream()
                .map(AclUser::parse)
                .toList();
    }

    private static Map<String, String> texts(Path file) throws IOException {
        Map<String, String> texts = new TreeMap<>();
        read(file, JsonNode.class)
                .properties()
                .forEach(entry -> texts.put(entry.getKey(), entry.getValue().stringValue()));
        return texts;
    }

    private static void write(Path file, Object value) throws IOException {
        Files.deleteIfExists(file);
        RestoreFiles.write(
                new ByteArrayInputStream(Json.mapper().writeValueAsBytes(value)), file, OutputCheck.ANYTHING);
    }

    private static <T> T read(Path file, Class<T> type) throws IOException {
        try {
            return Json.mapper().readValue(Files.readAllBytes(file), type);
        } catch (JacksonException e) {
            throw JobException.corrupt("the backup's " + file.getFileName() + " cannot be read", e);
        }
    }
}
