package io.holdfast.acceptance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** An S3 server that is a process of its own, so that it can be killed; it comes back as it was. */
final class StoreProcess implements AutoCloseable {
    private final Path folder;
    private Process process;

    private StoreProcess(Path folder) {
        this.folder = folder;
        this.process = launch();
    }

    static StoreProcess start(Path folder) {
        StoreProcess store = new StoreProcess(folder);
        Eventually.within(
                Duration.ofSeconds(60),
                () -> "the S3 server is ready; its log:\n" + store.log(),
                () -> Files.exists(store.ready()));
        return store;
    }

    private Process launch() {
        Path testbed = JavaProcess.root().resolve("src/testbed/target");
        try {
            return new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-Xmx256m",
                            "-XX:TieredStopAtLevel=1",
                            "-XX:+UseSerialGC",
                            "-cp",
                            testbed + "/*:" + testbed + "/lib/*",
                            "io.holdfast.testbed.S3ProxyServer",
                            folder.resolve("objects").toString(),
                            folder.resolve("certificates").toString(),
                            ready().toString())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(
                            folder.resolve("s3.log").toFile()))
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path ready() {
        return folder.resolve("ready");
    }

    private String log() {
        try {
            return Files.readString(folder.resolve("s3.log"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The manager's store settings. */
    Map<String, Object> settings() {
        Map<String, Object> settings = new HashMap<>(Map.of("kind", "s3"));
        Map<String, String> names = Map.of(
                "endpoint", "endpoint",
                "region", "region",
                "bucket", "bucket",
                "access_key", "access_key_id",
                "secret_key", "secret_access_key",
                "ca_file", "ca_file");
        try {
            for (String line : Files.readAllLines(ready())) {
                String[] pair = line.split("=", 2);
                settings.put(names.get(pair[0]), pair[1]);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return settings;
    }

    /** Where it listens. */
    URI endpoint() {
        return URI.create(String.valueOf(settings().get("endpoint")));
    }

    /** Ends it as {@code kill -9} does. */
    void kill() {
        process.destroyForcibly().onExit().join();
    }

    /** Starts it again after it was killed. */
    void startAgain() {
        process = launch();
    }

    @Override
    public void close() {
        kill();
    }
}
