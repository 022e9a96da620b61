package io.holdfast.agent.adapter.redis;

import io.holdfast.agent.adapter.ToolFolders;
import io.holdfast.agent.attempt.JobException;
import io.holdfast.agent.attempt.StopSignal;
import io.holdfast.agent.config.RedisConfig;
import io.holdfast.agent.process.Command;
import io.holdfast.agent.process.ProcessRunner;
import io.holdfast.agent.process.RunningProcess;
import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.Hello;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A second server that has loaded a snapshot, for the live one to follow; it writes nothing to the disk. */
final class ScratchServer implements AutoCloseable {
    /** What to do about a program that is missing, or not the live server's. */
    static final String NAME_ITS_FOLDER = "name the folder of the server's own program in adapter.tool_directories";

    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final Duration IDLE = Duration.ofSeconds(30);
    private static final long LOOK_MILLIS = 50;
    private static final int LOG_LINES = 5;

    private final RunningProcess process;
    private final Path log;
    private final int port;
    private final String password;
    private final String address;
    private final StopSignal stop;

    private ScratchServer(
            RunningProcess process, Path log, String address, int port, String password, StopSignal stop) {
        this.process = process;
        this.log = log;
        this.address = address;
        this.port = port;
        this.password = password;
        this.stop = stop;
    }

    /** The program and its version: the service's own, wherever it is, before that of the other. */
    static Hello.Tool find(RedisConfig config, ProcessRunner runner, StopSignal stop)
            throws IOException, InterruptedException {
        List<String> programs = config.kind().equals("valkey")
                ? List.of("valkey-server", "redis-server")
                : List.of("redis-server", "valkey-server");
        for (String name : programs) {
            for (Path folder : ToolFolders.matching(config.toolDirectories())) {
                Path program = folder.resolve(name);
                if (Files.isExecutable(program)) {
                    return new Hello.Tool(name, version(program, runner, stop), program.toString(), null);
                }
            }
        }
        throw new JobException(
                FailureCode.TOOL_MISSING,
                "no folder of " + config.toolDirectories()
                        + " has redis-server or valkey-server, which a restore needs",
                NAME_ITS_FOLDER);
    }

    private static String version(Path program, ProcessRunner runner, StopSignal stop)
            throws IOException, InterruptedException {
        ProcessRunner.Outcome outcome =
                runner.known(new Command(List.of(program.toString(), "--version"), Map.of(), LIMIT, LIMIT), stop);
        String version = outcome.output().replaceFirst("(?s).* v=([0-9.]+).*", "$1");
        if (!outcome.end().good() || !version.matches("\\d+\\.[\\d.]+")) {
            throw new JobException(FailureCode.TOOL_VERSION, program + " does not tell its version");
        }
        return version;
    }

    /**
     * Starts one and waits until it has loaded the snapshot.
     *
     * @param snapshot an RDB file, which is left as it is
     * @param databases how many the live server has
     */
    static ScratchServer start(
            RedisConfig config, Path program, Path snapshot, String databases, ProcessRunner runner, StopSignal stop)
            throws IOException, InterruptedException {
        byte[] secret = new byte[24];
        new SecureRandom().nextBytes(secret);
        String password = HexFormat.of().formatHex(secret);
        int port = freePort(config.scratchAddress());
        Path log = snapshot.resolveSibling("scratch.log");
        String settings = """
                bind %s
                port %d
                requirepass %s
                databases %s
                dir "%s"
                dbfilename "%s"
                logfile "%s"
                save ""
                appendonly no
                maxmemory 0
                daemonize no
                repl-diskless-sync yes
                repl-diskless-sync-delay 0
                """.formatted(
                config.scratchAddress(), port, password, databases, snapshot.getParent(), snapshot.getFileName(), log);
        // From its standard input, so that the password is in no argument.
        RunningProcess process =
                runner.start(new Command(List.of(program.toString(), "-"), Map.of(), IDLE, config.toolTimeout()), stop);
        process.feed(settings.getBytes(StandardCharsets.UTF_8));
        ScratchServer server = new ScratchServer(process, log, config.scratchAddress(), port, password, stop);
        try {
            server.awaitLoaded();
            return server;
        } catch (IOException | InterruptedException e) {
            server.close();
            throw e;
        }
    }

    int port() {
        return port;
    }

    String password() {
        return password;
    }

    Info info() throws IOException {
        try (Connection connection = Connection.open(address, port, null, password, null, IDLE, stop)) {
            return Info.of(connection);
        }
    }

    /** Throws when it has ended, with what it has logged last. */
    void requireRunning() throws IOException {
        if (!process.running()) {
            throw new JobException(
                    FailureCode.RESTORE_FAILED,
                    "the second server could not load the snapshot: " + lastWords(),
                    "use a server program of the live server's version, with its modules, and make sure that the agent's"
                            + " machine has memory for the data");
        }
    }

    private void awaitLoaded() throws IOException, InterruptedException {
        @Nullable JobException last;
        do {
            Thread.sleep(LOOK_MILLIS);
            requireRunning();
            try (Connection connection = Connection.open(address, port, null, password, null, IDLE, stop)) {
                connection.call("DBSIZE"); // refused while it loads
                return;
            } catch (JobException e) {
                last = e;
            }
        } while (last.code() == FailureCode.SERVICE_UNREACHABLE);
        throw last;
    }

    private String lastWords() throws IOException {
        if (!Files.exists(log)) {
            return "it did not start";
        }
        List<String> lines =
                Files.readString(log, StandardCharsets.ISO_8859_1).lines().toList();
        return String.join("; ", lines.subList(Math.max(0, lines.size() - LOG_LINES), lines.size()));
    }

    private static int freePort(String address) throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName(address))) {
            return socket.getLocalPort();
        }
    }

    @Override
    public void close() {
        process.close();
    }
}
