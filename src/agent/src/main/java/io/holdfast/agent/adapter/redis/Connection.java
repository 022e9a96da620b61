package io.holdfast.agent.adapter.redis;

import io.holdfast.agent.attempt.JobException;
import io.holdfast.agent.attempt.StopSignal;
import io.holdfast.agent.config.Limits;
import io.holdfast.agent.config.RedisConfig;
import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.tls.TlsContexts;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/**
 * A connection that speaks RESP, the Redis serialization protocol, version 2 (redis.io/docs/reference/protocol-spec). For
 * one thread. It breaks when the attempt stops. Everything that goes wrong is a {@link JobException} without secrets.
 */
final class Connection implements AutoCloseable {
    private static final Duration CONNECT = Duration.ofSeconds(10);
    private static final int BUFFER_BYTES = 64 * 1024;

    private final Socket socket;
    private final InputStream in;
    private final StopSignal stop;
    private final StopSignal.Registration stopping;

    private Connection(Socket socket, StopSignal stop) throws IOException {
        this.socket = socket;
        this.in = new BufferedInputStream(socket.getInputStream(), BUFFER_BYTES);
        this.stop = stop;
        this.stopping = stop.onStop(this::breakOff);
    }

    /** Connects and logs in. */
    static Connection open(RedisConfig config, StopSignal stop) throws IOException {
        return open(config, config.idleTimeout(), stop);
    }

    /** The same for the agent's own questions, which hold up all else that it does. */
    static Connection openInPassing(RedisConfig config, StopSignal stop) throws IOException {
        return open(config, Limits.inPassing(config.idleTimeout()), stop);
    }

    private static Connection open(RedisConfig config, Duration idle, StopSignal stop) throws IOException {
        return open(config.host(), config.port(), config.user(), config.password(), config.caFile(), idle, stop);
    }

    /** Connects to a server on its own. */
    static Connection open(
            String host,
            int port,
            @Nullable String user,
            @Nullable String password,
            @Nullable Path caFile,
            Duration idle,
            StopSignal stop)
            throws IOException {
        stop.check();
        Socket socket = new Socket();
        Connection connection;
        try {
            socket.connect(new InetSocketAddress(host, port), (int) CONNECT.toMillis());
            socket.setSoTimeout((int) Math.min(Integer.MAX_VALUE, idle.toMillis()));
            socket.setTcpNoDelay(true);
            connection = new Connection(caFile == null ? socket : secured(socket, host, port, caFile), stop);
        } catch (IOException e) {
            socket.close();
            throw unreachable(host + ":" + port + " cannot be reached: " + e.getMessage(), e);
        }
        try {
            if (password != null) {
                connection.call(user == null ? List.of("AUTH", password) : List.of("AUTH", user, password), "AUTH");
            }
            return connection;
        } catch (IOException e) {
            connection.close();
            throw e;
        }
    }

    /** Sends a command and gives its answer: a text, a {@link Long}, a list of such, or null. */
    @Nullable Object call(String... command) throws IOException {
        return call(List.of(command), command[0]);
    }

    /** The same for any number of words. */
    @Nullable Object call(List<String> command) throws IOException {
        return call(command, command.getFirst());
    }

    /** A command whose answer is a text. */
    String text(String... command) throws IOException {
        return String.valueOf(call(command));
    }

    /** A command whose answer is a list of texts. */
    List<String> texts(String... command) throws IOException {
        List<String> texts = new ArrayList<>();
        if (call(command) instanceof List<?> list) {
            list.forEach(element -> texts.add(String.valueOf(element)));
        }
        return texts;
    }

    private @Nullable Object call(List<String> command, String name) throws IOException {
        try {
            send(command);
            return answer(name);
        } catch (JobException e) {
            throw e;
        } catch (IOException e) {
            stop.check();
            throw broken(e);
        }
    }

    /** Asks for what a new replica gets: a snapshot in the RDB format. The connection is good for nothing else then. */
    InputStream snapshot() throws IOException {
        Info info = Info.of(this);
        call("REPLCONF", "capa", "eof");
        if (info.product().equals("valkey")) {
            // One that does not tell gets the format of old versions, and nothing at all if the data does not fit into
            // it.
            tell("version", info.version());
        }
        tell("rdb-only", "1"); // spares the server the changes after the snapshot
        try {
            send(List.of("SYNC"));
            String line = line();
            while (line.isEmpty()) {
                line = line(); // it only shows that it is alive
            }
            if (line.startsWith("$EOF:")) {
                return new SnapshotStream(this, in, line.substring(5).getBytes(StandardCharsets.ISO_8859_1));
            }
            if (line.startsWith("$")) {
                return new SnapshotStream(this, in, Long.parseLong(line.substring(1)));
            }
            throw refusal("SYNC", line.substring(1));
        } catch (JobException e) {
            throw e;
        } catch (IOException e) {
            stop.check();
            throw broken(e);
        }
    }

    /** Says something of itself as a replica does; a server that is older than the option does not know it. */
    private void tell(String option, String value) throws IOException {
        try {
            call("REPLCONF", option, value);
        } catch (JobException e) {
            if (e.code() != FailureCode.RESTORE_FAILED) {
                throw e;
            }
        }
    }

    /** What a lost connection is to people. */
    IOException broken(IOException e) throws IOException {
        stop.check();
        return e instanceof SocketTimeoutException
                ? new JobException(FailureCode.TOOL_TIMEOUT, "the server said nothing for too long", null, e)
                : unreachable("the connection to the server broke: " + e.getMessage(), e);
    }

    private void send(List<String> command) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        write(bytes, "*" + command.size() + "\r\n");
        for (String word : command) {
            write(bytes, "$" + word.getBytes(StandardCharsets.UTF_8).length + "\r\n" + word + "\r\n");
        }
        socket.getOutputStream().write(bytes.toByteArray());
    }

    private static void write(ByteArrayOutputStream bytes, String text) {
        bytes.writeBytes(text.getBytes(StandardCharsets.UTF_8));
    }

    private @Nullable Object answer(String command) throws IOException {
        try {
            return answer(line(), command);
        } catch (NumberFormatException e) {
            throw new IOException("the server does not speak the Redis protocol", e);
        }
    }

    private @Nullable Object answer(String line, String command) throws IOException {
        String rest = line.isEmpty() ? "" : line.substring(1);
        return switch (line.isEmpty() ? '?' : line.charAt(0)) {
            case '+' -> rest;
            case ':' -> Long.valueOf(rest);
            case '$' -> bulk(Integer.parseInt(rest));
            case '*' -> {
                List<@Nullable Object> list = new ArrayList<>();
                for (int left = Integer.parseInt(rest); left > 0; left--) {
                    list.add(answer(command));
                }
                yield list;
            }
            case '-' -> throw refusal(command, rest);
            default -> throw new IOException("the server does not speak the Redis protocol");
        };
    }

    private @Nullable String bulk(int length) throws IOException {
        if (length < 0) {
            return null;
        }
        byte[] bytes = in.readNBytes(length + 2);
        if (bytes.length < length + 2) {
            throw new IOException("it was closed");
        }
        return new String(bytes, 0, length, StandardCharsets.UTF_8);
    }

    private String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int next = in.read(); next != '\n'; next = in.read()) {
            if (next < 0) {
                throw new IOException("it was closed");
            }
            if (next != '\r') {
                line.write(next);
            }
        }
        return line.toString(StandardCharsets.UTF_8);
    }

    private static JobException refusal(String command, String message) {
        if (message.startsWith("NOAUTH")
                || message.startsWith("WRONGPASS")
                || message.startsWith("NOPERM")
                || message.contains("AUTH")
                || message.contains("invalid password")) {
            return new JobException(
                    FailureCode.SERVICE_DENIED,
                    "the server refuses " + command + ": " + message,
                    "check user and password in the agent's configuration, and the rights that the adapter's page names");
        }
        if (message.startsWith("LOADING")) {
            return unreachable("the server is still loading its data", null);
        }
        if (message.contains("max number of clients")) {
            return unreachable("the server accepts no more clients: " + message, null);
        }
        return new JobException(FailureCode.RESTORE_FAILED, "the server refuses " + command + ": " + message);
    }

    private static JobException unreachable(String message, @Nullable Throwable cause) {
        return new JobException(
                FailureCode.SERVICE_UNREACHABLE, message, "check that the server runs and can be reached", cause);
    }

    private static Socket secured(Socket plain, String host, int port, Path caFile) throws IOException {
        SSLSocket socket = (SSLSocket)
                TlsContexts.trustingAlso(List.of(caFile)).getSocketFactory().createSocket(plain, host, port, true);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        return socket;
    }

    private void breakOff() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        stopping.close();
        breakOff();
    }
}
