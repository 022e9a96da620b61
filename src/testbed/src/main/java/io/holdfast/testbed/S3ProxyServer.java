package io.holdfast.testbed;

import java.io.IOException;
import java.io.OutputStream;
import java.math.BigInteger;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;
import org.gaul.s3proxy.BlobStores;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;
import org.gaul.s3proxy.blobstore.BlobStore;

/**
 * An S3 server: S3Proxy in this process, over TLS on a free port of 127.0.0.1, with one bucket whose objects are files
 * below a folder. Credentials are made for the run. As a process of its own, with
 * {@code -Xmx96m}, it has 150 MB of resident memory when idle.
 */
public final class S3ProxyServer implements AutoCloseable {
    /** The bucket that is there. */
    public static final String BUCKET = "backups";

    /** The region that clients sign with. */
    public static final String REGION = "us-east-1";

    private static final String LOG_CONFIGURATION = "logback.configurationFile";

    private final String accessKey;
    private final String secretKey;
    private final Path directory;
    private final S3Proxy server;

    private S3ProxyServer(Path directory, String accessKey, String secretKey, S3Proxy.Builder builder) {
        this.directory = directory;
        this.accessKey = accessKey;
        this.secretKey = secretKey;
        Properties properties = new Properties();
        properties.setProperty("jclouds.filesystem.basedir", directory.toString());
        BlobStore objects = BlobStores.create("filesystem-nio2", properties);
        if (!objects.containerExists(BUCKET)) {
            objects.createContainer(BUCKET);
        }
        this.server = builder.blobStore(objects)
                .awsAuthentication(AuthenticationType.AWS_V4, accessKey, secretKey)
                // The SDK sends headers that S3Proxy would otherwise answer with 501.
                .ignoreUnknownHeaders(true)
                .jettyMaxThreads(40)
                .stopTimeout(0)
                .build();
    }

    /**
     * Starts a server.
     *
     * @param directory where the buckets lie; made if missing
     * @param certificates issues the server's certificate
     */
    public static S3ProxyServer start(Path directory, Certificates certificates) {
        return start(directory, certificates.serverContext("s3proxy"));
    }

    private static S3ProxyServer start(Path directory, SSLContext tls) {
        SecureRandom random = new SecureRandom();
        return start(
                directory,
                tls,
                URI.create("https://127.0.0.1:0"),
                "AK" + new BigInteger(80, random).toString(36).toUpperCase(Locale.ROOT),
                new BigInteger(200, random).toString(36));
    }

    private static S3ProxyServer start(
            Path directory, SSLContext tls, URI endpoint, String accessKey, String secretKey) {
        try {
            Files.createDirectories(directory);
            S3ProxyServer server = new S3ProxyServer(
                    directory,
                    accessKey,
                    secretKey,
                    S3Proxy.builder().secureEndpoint(endpoint).sslContext(tls));
            server.server.start();
            return server;
        } catch (Exception e) { // what S3Proxy declares
            throw new IllegalStateException("S3Proxy does not start", e);
        }
    }

    /** Where it listens. */
    public URI endpoint() {
        return URI.create("https://127.0.0.1:" + server.getSecurePort());
    }

    public String accessKey() {
        return accessKey;
    }

    public String secretKey() {
        return secretKey;
    }

    /** The file in which an object's bytes lie: for looking at it and for damaging it. */
    public Path file(String key) {
        return directory.resolve(BUCKET).resolve(key);
    }

    @Override
    public void close() {
        try {
            server.stop();
        } catch (Exception e) { // what S3Proxy declares
            throw new IllegalStateException("S3Proxy does not stop", e);
        }
    }

    /**
     * Runs a server until the process is ended, for scripts and for tests that kill it.
     *
     * @param args a folder for the objects, a folder for the certificates, and a file that is written when the server
     *     is ready: {@code endpoint}, {@code bucket}, {@code region}, {@code access_key}, {@code secret_key} and
     *     {@code ca_file} as {@code name=value} lines. If it is there already, the server comes back at that endpoint with
     *     those keys; the certificates' folder is then not written to
     */
    public static void main(String[] args) throws IOException, InterruptedException {
        if (args.length != 3) {
            System.err.println("arguments: OBJECT_FOLDER CERTIFICATE_FOLDER READY_FILE");
            System.exit(2);
        }
        // Without a configuration, logback writes every detail of every request.
        if (System.getProperty(LOG_CONFIGURATION) == null) {
            System.setProperty(LOG_CONFIGURATION, "io/holdfast/testbed/warnings-only.xml");
        }
        Path ready = Path.of(args[2]);
        Path keys = Path.of(args[1]).resolve("s3proxy.p12");
        if (Files.exists(ready)) {
            startAgain(Path.of(args[0]), keys, ready);
        } else {
            startFirst(Path.of(args[0]), new Certificates(Path.of(args[1])), keys, ready);
        }
        new CountDownLatch(1).await();
    }

    private static void startAgain(Path objects, Path keys, Path ready) throws IOException {
        Map<String, String> before = Files.readAllLines(ready).stream()
                .map(line -> line.split("=", 2))
                .collect(Collectors.toMap(pair -> pair[0], pair -> pair[1]));
        start(
                objects,
                Certificates.context(load(keys)),
                URI.create(before.get("endpoint")),
                Objects.requireNonNull(before.get("access_key")),
                Objects.requireNonNull(before.get("secret_key")));
    }

    private static KeyStore load(Path file) throws IOException {
        try {
            return KeyStore.getInstance(file.toFile(), new char[0]);
        } catch (GeneralSecurityException e) {
            throw new IOException(file + " cannot be read", e);
        }
    }

    private static void startFirst(Path objects, Certificates certificates, Path keys, Path ready) throws IOException {
        KeyStore store = certificates.serverKeys("s3proxy");
        try (OutputStream out = Files.newOutputStream(keys)) {
            store.store(out, new char[0]);
        } catch (GeneralSecurityException e) {
            throw new IOException(keys + " cannot be written", e);
        }
        S3ProxyServer server = start(objects, Certificates.context(store));
        writeReady(ready, server.endpoint(), BUCKET, REGION, server.accessKey, server.secretKey, certificates.caFile());
    }

    /** Says where a server is and who may use it, as {@code name=value} lines. */
    static void writeReady(
            Path file, URI endpoint, String bucket, String region, String accessKey, String secretKey, Path caFile)
            throws IOException {
        PrivateFile.write(file, """
                endpoint=%s
                bucket=%s
                region=%s
                access_key=%s
                secret_key=%s
                ca_file=%s
                """.formatted(endpoint, bucket, region, accessKey, secretKey, caFile.toAbsolutePath())
                .getBytes(StandardCharsets.UTF_8));
    }
}
