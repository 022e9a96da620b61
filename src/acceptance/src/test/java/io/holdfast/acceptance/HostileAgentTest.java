package io.holdfast.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;

/** What somebody with an agent's certificate, or with none, can do to a manager with BOSH's default memory. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HostileAgentTest {
    /** As jobs/backup-manager computes it from its memory_mb. */
    private static final String DEFAULT_HEAP = "-Xmx292m";

    private static final int AT_ONCE = 12;

    private final Landscape landscape = new Landscape();
    private final AgentClient agent = new AgentClient(landscape, "shop-1");
    private String job = "";

    @BeforeAll
    void begin() {
        landscape.startManager(DEFAULT_HEAP, "-XX:-UseSerialGC", "-XX:+UseG1GC", "-XX:+ExitOnOutOfMemoryError");
        Api api = landscape.api();
        api.send("PUT", "/instances/shop-1", "");
        api.startBackup("shop-1");
        JsonNode claimed = agent.claimJob();
        job = AgentClient.path(claimed, "");
    }

    @AfterAll
    void stop() {
        landscape.close();
    }

    private static String times(int count, IntFunction<String> each) {
        return IntStream.range(0, count).mapToObj(each).collect(Collectors.joining(","));
    }

    @Test
    void s4_aDozenLargeBodiesOfAnAgentDoNotEndTheManager() throws Exception {
        byte[] large = facts(500_000).getBytes(StandardCharsets.US_ASCII);
        CountDownLatch sent = new CountDownLatch(AT_ONCE);
        List<Callable<Boolean>> calls = new ArrayList<>();
        for (int i = 0; i < AT_ONCE; i++) {
            SSLContext identity = landscape.certificates().agentContext("shop-" + i);
            calls.add(() -> sendAllAtOnce(identity, large, sent));
        }
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<Boolean> each : threads.invokeAll(calls)) {
                each.get();
            }
        }
        assertThat(landscape.manager().isAlive()).isTrue();
        assertThat(agent.post("/agent/v1/hello", AgentClient.hello()).status()).isEqualTo(200);
        assertThat(landscape.api().get("/readyz").status()).isEqualTo(200);
    }

    /** Sends a body but for its end, which follows when all others have come as far, and waits for the answer. */
    private boolean sendAllAtOnce(SSLContext identity, byte[] body, CountDownLatch sent) throws InterruptedException {
        try (Socket socket = connect(identity)) {
            OutputStream out = socket.getOutputStream();
            out.write(head(job + "backup-complete", body.length));
            try {
                out.write(body, 0, body.length - 1);
            } finally {
                sent.countDown();
            }
            sent.await();
            out.write(body, body.length - 1, 1);
            return socket.getInputStream().read() >= 0;
        } catch (IOException e) {
            // The manager has heard enough.
            sent.countDown();
            return false;
        }
    }

    private Socket connect(SSLContext context) throws IOException {
        Socket socket = context.getSocketFactory()
                .createSocket("127.0.0.1", landscape.agentsUri().getPort());
        socket.setSoTimeout(30_000);
        return socket;
    }

    private static byte[] head(String path, int length) {
        return ("POST " + path + " HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: " + length
                        + "\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII);
    }

    private static String facts(int count) {
        return "{\"epoch\":1,\"engine_version\":null,\"artifacts\":[],\"facts\":{"
                + times(count, i -> "\"" + Integer.toString(i, 36) + "\":" + i) + "}}";
    }

    @Test
    void s4_listsAreShort() {
        Api.Answer facts = agent.post(job + "backup-complete", facts(140_000));
        assertThat(facts.status()).isEqualTo(413);
        assertThat(facts.json().get("description").asString()).contains("'facts'", "100000");
        Api.Answer more = agent.post(job + "backup-complete", facts(160_000));
        assertThat(more.status()).isEqualTo(413);
        assertThat(more.json().get("description").asString()).contains("too many values");
        Api.Answer names = agent.post(
                job + "restore-complete",
                "{\"epoch\":1,\"restored\":[" + times(60_000, i -> "\"\"")
                        + "],\"left_alone\":[],\"kept\":[],\"notes\":[]}");
        assertThat(names.status()).isEqualTo(413);
        assertThat(names.json().get("description").asString()).contains("'restored'");
        Api.Answer warnings = agent.post(
                "/agent/v1/hello",
                AgentClient.hello().replace("\"warnings\":[]", "\"warnings\":[" + times(201, i -> "\"w\"") + "]"));
        assertThat(warnings.status()).isEqualTo(413);
        assertThat(warnings.json().get("description").asString()).contains("'warnings'", "200");
    }

    @Test
    void s4_bodiesAreNoLargerThanTheirRouteNeeds() {
        assertThat(agent.post(job + "fail", body("message", 70_000)).status()).isEqualTo(413);
        assertThat(agent.post(job + "heartbeat", body("detail", 20_000)).status())
                .isEqualTo(413);
        assertThat(agent.post("/agent/v1/hello", body("host", 70_000)).status()).isEqualTo(413);
        assertThat(agent.post(job + "restore-complete", body("notes", 1_100_000))
                        .status())
                .isEqualTo(413);
        assertThat(agent.post(job + "backup-complete", body("engine_version", 4_300_000))
                        .status())
                .isEqualTo(413);
    }

    @Test
    void s14_whatTheManagerMakesIsForItsUserAlone() throws IOException {
        List<String> open = new ArrayList<>();
        for (String part : List.of("state", "store")) {
            try (Stream<Path> made = Files.walk(landscape.folder().resolve(part))) {
                assertThat(made.peek(each -> {
                            if (!mode(each).endsWith("------")) {
                                open.add(each + " " + mode(each));
                            }
                        }))
                        .hasSizeGreaterThan(3);
            }
        }
        assertThat(open).isEmpty();
    }

    private static String mode(Path file) {
        try {
            return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String body(String field, int length) {
        return "{\"" + field + "\":\"" + "x".repeat(length) + "\"}";
    }

    @Test
    void s3_withoutAGoodCertificateNothingIsReadOfABody() throws Exception {
        try (Socket socket = connect(landscape.certificates().trustingContext())) {
            // The body never comes.
            socket.getOutputStream().write(head("/agent/v1/hello", 1000));
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(answer).startsWith("HTTP/1.1 401 ").contains("CertificateRequired", "Connection: close");
        }
    }
}
