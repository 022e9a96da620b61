package io.holdfast.testbed;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import javax.net.ssl.HttpsURLConnection;

/**
 * A real object store: Ceph's monitor, one object server in memory, and the RADOS Gateway with its S3 interface over
 * TLS, all on 127.0.0.1, with one bucket. It needs Debian's packages {@code ceph-mon ceph-osd radosgw ceph-common},
 * some 12 seconds to start and 150 MB beside the objects.
 */
public final class CephCluster implements AutoCloseable {
    /** The bucket that is there. */
    public static final String BUCKET = "backups";

    /** The region that clients sign with. */
    public static final String REGION = "default";

    private static final List<String> PROGRAMS =
            List.of("ceph", "ceph-authtool", "ceph-mon", "ceph-osd", "monmaptool", "radosgw", "radosgw-admin");
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Path directory;
    private final Certificates certificates;
    private final List<Process> servers = new ArrayList<>();
    private final int gatewayPort;
    private final String accessKey;
    private final String secretKey;

    private CephCluster(Path directory, Certificates certificates) throws IOException, InterruptedException {
        this.directory = directory;
        this.certificates = certificates;
        int first = FreePorts.row(3);
        List<Integer> ports = List.of(first, first + 1, first + 2);
        this.gatewayPort = ports.get(2);
        try {
            String fsid = UUID.randomUUID().toString();
            String monitor = "[v2:127.0.0.1:%d,v1:127.0.0.1:%d]".formatted(ports.get(0), ports.get(1));
            writeConfiguration(fsid, monitor);
            makeKeys();
            startMonitor(fsid, monitor);
            startObjectServer();
            startGateway();
            String user =
                    run("radosgw-admin", "-n", "client.rgw", "user", "create", "--uid=tester", "--display-name=tester");
            this.accessKey = field(user, "access_key");
            this.secretKey = field(user, "secret_key");
            makeBucket();
        } catch (IOException | InterruptedException | RuntimeException e) {
            close();
            throw e;
        }
    }

    /**
     * Starts a cluster.
     *
     * @param directory for its files; made if missing
     * @param certificates issues the gateway's certificate
     */
    public static CephCluster start(Path directory, Certificates certificates) {
        for (String program : PROGRAMS) {
            if (!Files.isExecutable(Path.of("/usr/bin", program))) {
                throw new IllegalStateException(program + " is missing"
                        + " (hint: apt-get install --no-install-recommends ceph-mon ceph-osd radosgw ceph-common)");
            }
        }
        try {
            Files.createDirectories(directory);
            return new CephCluster(directory, certificates);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while Ceph was starting", e);
        }
    }

    /** Where the gateway listens. */
    public URI endpoint() {
        return URI.create("https://127.0.0.1:" + gatewayPort);
    }

    public String accessKey() {
        return accessKey;
    }

    public String secretKey() {
        return secretKey;
    }

    /**
     * Runs a cluster until the process is ended, for scripts.
     *
     * @param args a folder for the cluster's files, a folder for the certificates, and a file that is written when the cluster
     *     is ready, as {@link S3ProxyServer#main} writes it
     */
    public static void main(String[] args) throws IOException, InterruptedException {
        if (args.length != 3) {
            System.err.println("arguments: FOLDER CERTIFICATE_FOLDER READY_FILE");
            System.exit(2);
        }
        Certificates certificates = new Certificates(Path.of(args[1]));
        CephCluster cluster = start(Path.of(args[0]), certificates);
        S3ProxyServer.writeReady(
                Path.of(args[2]),
                cluster.endpoint(),
                BUCKET,
                REGION,
                cluster.accessKey(),
                cluster.secretKey(),
                certificates.caFile());
        new CountDownLatch(1).await();
    }

    @Override
    public void close() {
        // All of it goes away with its folder: nothing needs an orderly end.
        servers.reversed().forEach(Process::destroyForcibly);
        for (Process server : servers) {
            server.onExit().join();
        }
    }

    private void writeConfiguration(String fsid, String monitor) throws IOException {
        Files.writeString(directory.resolve("ceph.conf"), """
                [global]
                fsid = %s
                mon host = %s
                public addr = 127.0.0.1
                cluster addr = 127.0.0.1
                keyring = %3$s/keyring
                run dir = %3$s
                admin socket =
                log file =
                mon cluster log file =
                log to stderr = true
                auth cluster required = cephx
                auth service required = cephx
                auth client required = cephx
                auth allow insecure global id reclaim = false
                mon data = %3$s/mon
                osd data = %3$s/osd
                osd objectstore = memstore
                memstore device bytes = 4294967296
                osd crush chooseleaf type = 0
                osd pool default size = 1
                osd pool default min size = 1
                osd pool default pg num = 4
                osd pool default pg autoscale mode = off
                mon allow pool size one = true
                mon max pg per osd = 2000
                """.formatted(fsid, monitor, directory));
        Files.createDirectories(directory.resolve("mon"));
        Files.createDirectories(directory.resolve("osd"));
        // Ceph 18 of Debian looks for its object classes in lib/ of the folder that it is started in.
        Files.createSymbolicLink(directory.resolve("lib"), Path.of("/usr/lib"));
    }

    private void makeKeys() throws IOException, InterruptedException {
        key("mon.", "mon", "allow *");
        key("client.admin", "mon", "allow *", "osd", "allow *");
        key("osd.0", "mon", "allow profile osd", "osd", "allow *");
        key("client.rgw", "mon", "allow rw", "osd", "allow rwx");
    }

    private void key(String name, String... capabilities) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("ceph-authtool", "keyring", "--gen-key", "-n", name));
        if (!Files.exists(directory.resolve("keyring"))) {
            command.add("--create-keyring");
        }
        for (int i = 0; i < capabilities.length; i += 2) {
            command.addAll(List.of("--cap", capabilities[i], capabilities[i + 1]));
        }
        runPlain(command);
    }

    private void startMonitor(String fsid, String monitor) throws IOException, InterruptedException {
        runPlain(List.of("monmaptool", "--create", "--fsid", fsid, "--addv", "a", monitor, "monmap"));
        run("ceph-mon", "--mkfs", "-i", "a", "--monmap", "monmap", "--keyring", "keyring");
        serve("ceph-mon", "-f", "-i", "a");
    }

    private void startObjectServer() throws IOException, InterruptedException {
        String id = UUID.randomUUID().toString();
        run("ceph", "--connect-timeout", "30", "osd", "new", id);
        run("ceph-osd", "-i", "0", "--mkfs", "--osd-uuid", id);
        serve("ceph-osd", "-f", "-i", "0");
    }

    private void startGateway() throws IOException, InterruptedException {
        Certificates.Issued issued = certificates.server("radosgw");
        Process gateway = serve(
                "radosgw",
                "-f",
                "-n",
                "client.rgw",
                "--rgw-frontends=beast ssl_endpoint=127.0.0.1:%d ssl_certificate=%s ssl_private_key=%s"
                        .formatted(gatewayPort, issued.certificateFile(), issued.privateKeyFile()));
        Instant deadline = Instant.now().plus(PATIENCE);
        while (!answers()) {
            if (!gateway.isAlive() || Instant.now().isAfter(deadline)) {
                throw new IllegalStateException("the Ceph gateway does not start; its logs are in " + directory);
            }
            Thread.sleep(200);
        }
    }

    private boolean answers() {
        try {
            return request("GET", "/").getResponseCode() == 200;
        } catch (IOException e) {
            return false;
        }
    }

    /** Makes the bucket with a request signed in S3's old and simple way, version 2. */
    private void makeBucket() throws IOException {
        HttpURLConnection request = request("PUT", "/" + BUCKET);
        String date = DateTimeFormatter.RFC_1123_DATE_TIME.format(Instant.now().atOffset(ZoneOffset.UTC));
        request.setRequestProperty("Date", date);
        request.setRequestProperty(
                "Authorization", "AWS " + accessKey + ":" + hmac("PUT\n\n\n" + date + "\n/" + BUCKET));
        if (request.getResponseCode() != 200) {
            throw new IOException("the Ceph gateway answers " + request.getResponseCode() + " to a new bucket");
        }
    }

    private HttpURLConnection request(String method, String path) throws IOException {
        HttpsURLConnection request =
                (HttpsURLConnection) endpoint().resolve(path).toURL().openConnection();
        request.setSSLSocketFactory(certificates.trustingContext().getSocketFactory());
        request.setConnectTimeout(5_000);
        request.setReadTimeout(30_000);
        request.setRequestMethod(method);
        return request;
    }

    private String hmac(String text) {
        try {
            Mac mac = Mac.getInstance("HmacSHA1");
            mac.init(new SecretKeySpec(secretKey.getBytes(StandardCharsets.UTF_8), "HmacSHA1"));
            return Base64.getEncoder().encodeToString(mac.doFinal(text.getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new AssertionError("every JDK has HMAC-SHA1", e);
        }
    }

    private Process serve(String program, String... arguments) throws IOException {
        Process server = start(command(program, arguments), program + ".log");
        servers.add(server);
        // A test run that ends early must not leave servers behind.
        Runtime.getRuntime().addShutdownHook(new Thread(server::destroyForcibly));
        return server;
    }

    private String run(String program, String... arguments) throws IOException, InterruptedException {
        return runPlain(command(program, arguments));
    }

    private String runPlain(List<String> command) throws IOException, InterruptedException {
        String log = command.getFirst() + "-" + UUID.randomUUID() + ".out";
        Process process = start(command, log);
        if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new IOException(command.getFirst() + " does not end");
        }
        String output = Files.readString(directory.resolve(log));
        if (process.exitValue() != 0) {
            throw new IOException(command.getFirst() + " ends with " + process.exitValue() + ": " + output);
        }
        return output;
    }

    private Process start(List<String> command, String log) throws IOException {
        return new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve(log).toFile())
                .start();
    }

    private static List<String> command(String program, String... arguments) {
        List<String> command = new ArrayList<>(List.of(program, "-c", "ceph.conf"));
        command.addAll(List.of(arguments));
        return command;
    }

    private static String field(String json, String name) {
        Matcher matcher = Pattern.compile("\"" + name + "\": \"([^\"\\\\]+)\"").matcher(json);
        if (!matcher.find()) {
            throw new IllegalStateException("radosgw-admin does not tell the " + name);
        }
        return matcher.group(1);
    }
}
