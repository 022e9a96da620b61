package io.holdfast.manager;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.holdfast.manager.http.RefusalLog;
import io.holdfast.testbed.Certificates;
import java.io.IOException;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** Whoever is not let in is in the log, in one way for all: by the name that was tried, the address and the reason. */
class RefusalsTest {
    private static final String HELLO = """
            {"session":"s-1","service":"postgresql","version":"1","host":"vm","tools":[],"warnings":[],"protocol":3,"capabilities":[]}""";

    @TempDir
    static Path folder;

    private static RunningManager running;

    private final ListAppender<ILoggingEvent> log = new ListAppender<>();

    @BeforeAll
    static void start() throws IOException {
        running = new RunningManager(folder);
    }

    @AfterAll
    static void stop() {
        running.close();
    }

    /** Other tests in this process may have taken the log's lines: some come back, and what was left out is told. */
    @BeforeEach
    void listen() throws Exception {
        log.start();
        ((Logger) LoggerFactory.getLogger(RefusalLog.class)).addAppender(log);
        linesComeBack();
        get("/instances", Map.of());
        told();
    }

    private static void linesComeBack() throws InterruptedException {
        Thread.sleep(1000);
    }

    @AfterEach
    void listenNoMore() {
        ((Logger) LoggerFactory.getLogger(RefusalLog.class)).detachAppender(log);
    }

    private List<String> told() {
        List<String> lines =
                log.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
        log.list.clear();
        return lines;
    }

    private int get(String path, Map<String, String> headers) throws Exception {
        return running.send("GET", path, "", headers).statusCode();
    }

    private static Map<String, String> basic(String name, String password) {
        return Map.of(
                "Authorization",
                "Basic "
                        + Base64.getEncoder().encodeToString((name + ":" + password).getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void s11_wrongPasswordsAreLoggedWithNameAndAddressAndWithoutThePassword() throws Exception {
        for (String path : List.of("/metrics", "/instances", "/agents")) {
            assertThat(get(path, basic("adm\u001bin\nforged", "a guess that is a secret")))
                    .isEqualTo(401);
            assertThat(told())
                    .containsExactly(
                            "refused: GET " + path + " from 127.0.0.1: adm\u001bin\nforged: wrong name or password");
        }
    }

    @Test
    void s11_whoGuessesTooOftenIsLoggedToo() throws Exception {
        int refused = 0;
        for (int i = 0; i < 150; i++) {
            refused += get("/instances", basic("guessed", "guess " + i)) == 429 ? 1 : 0;
        }
        assertThat(refused).isPositive();
        linesComeBack();
        for (int i = 0; i < 5; i++) {
            get("/instances", basic("guessed", "another guess"));
        }
        assertThat(told()).contains("refused: GET /instances from 127.0.0.1: guessed: too many wrong passwords before");
    }

    @Test
    void s11_nobodyIsLoggedOnce() throws Exception {
        assertThat(get("/instances", Map.of())).isEqualTo(401);
        assertThat(told()).containsExactly("refused: GET /instances from 127.0.0.1: nobody: UNAUTHORIZED");
        assertThat(get("/metrics", Map.of())).isEqualTo(401);
        assertThat(told()).containsExactly("refused: GET /metrics from 127.0.0.1: nobody: no credentials");
        assertThat(get("/instances", Map.of("Authorization", "Basic ***"))).isEqualTo(401);
        assertThat(told())
                .containsExactly(
                        "refused: GET /instances from 127.0.0.1: nobody: an Authorization header that cannot be read");
    }

    @Test
    void s11_tokensAreLoggedByTheUserThatTheyNameAndWithoutThem() throws Exception {
        String said = Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString("{\"sub\":\"7\",\"user_name\":\"mallory\"}".getBytes(StandardCharsets.UTF_8));
        String token = "eyJhbGciOiJSUzI1NiJ9." + said + ".AAAA";
        assertThat(get("/instances", Map.of("Authorization", "Bearer " + token)))
                .isEqualTo(401);
        assertThat(told())
                .singleElement()
                .asString()
                .startsWith("refused: GET /instances from 127.0.0.1: token of mallory: ")
                .doesNotContain(said);
        assertThat(get("/instances", Map.of("Authorization", "Bearer no token at all")))
                .isEqualTo(401);
        assertThat(told())
                .singleElement()
                .asString()
                .startsWith("refused: GET /instances from 127.0.0.1: token of nobody: ");
    }

    @Test
    void addressesThatTheCallerGivesItselfAreNotBelieved() throws Exception {
        for (String header : List.of("X-Forwarded-For", "Forwarded", "X-Real-IP")) {
            String value = header.equals("Forwarded") ? "for=203.0.113.7" : "203.0.113.7";
            assertThat(get("/instances", Map.of(header, value))).isEqualTo(401);
            assertThat(told()).singleElement().asString().contains(" from 127.0.0.1: ");
        }
    }

    @Test
    void whoIsLetInIsLoggedOnceForALongTime() throws Exception {
        ListAppender<ILoggingEvent> arrivals = new ListAppender<>();
        arrivals.start();
        Logger logger = (Logger) LoggerFactory.getLogger("io.holdfast.manager.listener.ArrivalLog");
        logger.addAppender(arrivals);
        try {
            for (int i = 0; i < 3; i++) {
                assertThat(get("/instances", RunningManager.basic("broker-2"))).isEqualTo(200);
                assertThat(hello(running.agent("shop-arriving"))).isEqualTo(200);
                assertThat(get("/metrics", RunningManager.basic("metrics"))).isEqualTo(200);
            }
            assertThat(arrivals.list)
                    .extracting(ILoggingEvent::getFormattedMessage)
                    .containsExactly(
                            "let in: broker-2 from 127.0.0.1",
                            "let in: agent shop-arriving/0 from 127.0.0.1",
                            "let in: metrics from 127.0.0.1");
        } finally {
            logger.detachAppender(arrivals);
        }
    }

    @Test
    void s11_whatSomebodyMayNotDoIsLogged() throws Exception {
        assertThat(get("/agents", RunningManager.basic("broker-1"))).isEqualTo(403);
        assertThat(told()).containsExactly("refused: GET /agents from 127.0.0.1: broker-1: FORBIDDEN");
    }

    @Test
    void s11_loginsAreLoggedWithTheNameThatWasTried() throws Exception {
        HttpResponse<String> form = running.send("GET", "/login", "", Map.of());
        String token = form.body().replaceAll("(?s).*name=\"csrf_token\" value=\"([^\"]+)\".*", "$1");
        HttpResponse<String> answer = running.send(
                "POST",
                "/login",
                "name=adm%0Ain&password=guess-12345&csrf_token=" + URLEncoder.encode(token, StandardCharsets.UTF_8),
                Map.of("Cookie", RunningManager.cookie(form), "Content-Type", "application/x-www-form-urlencoded"));
        assertThat(answer.statusCode()).isEqualTo(401);
        assertThat(told())
                .contains("refused: POST /login from 127.0.0.1: adm\nin: wrong name or password")
                .noneMatch(line -> line.contains("guess-12345"));
    }

    @Test
    void s11_callsFromElsewhereThanASessionsPagesAreLogged() throws Exception {
        Map<String, String> session = running.operatorsSession();
        told();
        HttpResponse<String> answer =
                running.send("POST", "/instances/shop-1/backups", "", Map.of("Cookie", session.get("Cookie")));
        assertThat(answer.statusCode()).isEqualTo(403);
        assertThat(told())
                .containsExactly(
                        "refused: POST /instances/shop-1/backups from 127.0.0.1: admin: not from a page of the session");
    }

    @Test
    void s11_agentsAreLoggedByTheirCertificate() throws Exception {
        Certificates others = new Certificates(Files.createDirectories(folder.resolve("others")));
        assertThat(hello(running.client())).isEqualTo(401);
        assertThat(told())
                .containsExactly("refused: POST /agent/v1/hello from 127.0.0.1: nobody: the caller showed no client"
                        + " certificate");
        HttpClient stranger = HttpClient.newBuilder()
                .sslContext(others.agentContextTrusting(running.certificates, "shop-9"))
                .build();
        assertThat(hello(stranger)).isEqualTo(401);
        assertThat(told())
                .singleElement()
                .asString()
                .matches(
                        "refused: POST /agent/v1/hello from 127\\.0\\.0\\.1: holdfast://instance/shop-9/0 with certificate"
                                + " [0-9a-f]+ \\(SHA-256 [0-9a-f]{64}\\): the client certificate is not signed by the agents' CA,"
                                + " or not for this use");
        assertThat(hello(running.agent("shop-2"))).isEqualTo(200);
        assertThat(running.send(
                                "PUT",
                                "/agents/refused/instance/shop-2",
                                "{\"reason\":\"stolen\"}",
                                RunningManager.basic("admin"))
                        .statusCode())
                .isLessThan(300);
        assertThat(told()).isEmpty();
        assertThat(hello(running.agent("shop-2"))).isEqualTo(403);
        assertThat(told())
                .singleElement()
                .asString()
                .contains("holdfast://instance/shop-2/0 with certificate ", "refuse agents of this instance");
    }

    private static int hello(HttpClient client) throws Exception {
        return client.send(
                        RunningManager.request(running.agentsPort, "POST", "/agent/v1/hello", HELLO, Map.of())
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .statusCode();
    }

    @Test
    void s11_addressesThatNobodySignedAreLogged() throws Exception {
        HttpResponse<String> answer = running.client()
                .send(
                        RunningManager.request(
                                        running.agentsPort, "GET", "/store/v2/instances/x?signature=1", "", Map.of())
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).isEqualTo(403);
        assertThat(told())
                .singleElement()
                .asString()
                .startsWith("refused: GET /store/v2/instances/x from 127.0.0.1: an address of the store: ");
    }

    /** A flood leaves a bounded number of lines, and how many it was. Last: it takes the lines of the others. */
    @Test
    void s11_aFloodDoesNotFillTheDisk() throws Exception {
        int sent = 2000;
        HttpClient client = running.client();
        long begin = System.nanoTime();
        for (int i = 0; i < sent; i++) {
            assertThat(client.send(
                                    RunningManager.request(running.port, "GET", "/queue", "", Map.of())
                                            .build(),
                                    HttpResponse.BodyHandlers.discarding())
                            .statusCode())
                    .isEqualTo(401);
        }
        long seconds = (System.nanoTime() - begin) / 1_000_000_000L + 1;
        List<String> lines = told();
        assertThat(lines.size()).isLessThanOrEqualTo((int) (500 + 2 * 20 * seconds));
        Thread.sleep(100);
        assertThat(get("/queue", Map.of())).isEqualTo(401);
        assertThat(told().getFirst()).matches("refused: [0-9]+ more requests, not listed|refused: GET.*");
    }
}
