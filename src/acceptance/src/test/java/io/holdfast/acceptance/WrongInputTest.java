package io.holdfast.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;

/** What operators may say wrongly, on every route: a clear 4xx, and nothing changes. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class WrongInputTest {
    private static final String INSTANCE = "shop-1";
    private static final Pattern DOCUMENTED = Pattern.compile("(GET|PUT|POST|DELETE) (/[^ `]*)");
    private static final List<String> BAD_INSTANCES = List.of(
            "..%2f..%2fetc",
            "%2e%2e",
            "..",
            "a%00b",
            "%00",
            "a%5c..%5cb",
            "x".repeat(129),
            "x".repeat(4000),
            "sh%C3%B6p",
            "%F0%9F%90%98",
            "a%20b",
            "a;b=c",
            "-a",
            "unknown");
    private static final List<String> BAD_NUMBERS = List.of(
            "0", "-1", "999999", "9".repeat(30), "1.5", "1e3", "abc", "%00", "..%2f1", "%D9%A1", "0x1", "1;2", "+1");

    /** A route: its path with {@code {…}} for variables, and a body that it takes. */
    private record Operation(String method, String pattern, String body) {
        String path(String instance, String number) {
            return pattern.replace("{id}", instance)
                    .replace("{n}", number)
                    .replace("{version}", number)
                    .replace("{owner}", "nobody-yet")
                    .replace("{kind}", "serial")
                    .replace("{value}", "2f9c");
        }

        /** Not for operators: for anybody, or (MetricsTest) for one user alone. */
        boolean isOpen() {
            return List.of("/healthz", "/readyz", "/metrics", "/openapi.yaml").contains(pattern);
        }

        boolean takesFields() {
            return !body.isEmpty();
        }
    }

    private static final List<Operation> OPERATIONS = List.of(
            new Operation("GET", "/instances", ""),
            new Operation("GET", "/instances/{id}", ""),
            new Operation("PUT", "/instances/{id}", "{\"exclude_from_auto_backup\":false}"),
            new Operation("DELETE", "/instances/{id}", "{\"delete_backups\":true}"),
            new Operation("PUT", "/instances/{id}/owner", "{\"owner\":\"admin\"}"),
            new Operation("POST", "/owners/{owner}/hand-over", "{\"to\":\"admin\"}"),
            new Operation("GET", "/v1/instances/{id}", ""),
            new Operation("PUT", "/v1/instances/{id}", "{\"exclude_from_auto_backup\":false}"),
            new Operation("GET", "/instances/{id}/config", ""),
            new Operation("GET", "/instances/{id}/retention", ""),
            new Operation("POST", "/instances/{id}/backups", ""),
            new Operation("GET", "/instances/{id}/backups", ""),
            new Operation("GET", "/instances/{id}/backups/{n}", ""),
            new Operation("DELETE", "/instances/{id}/backups/{n}", ""),
            new Operation("POST", "/instances/{id}/backups/{n}/cancel", ""),
            new Operation("POST", "/instances/{id}/backups/{n}/verify", ""),
            new Operation("POST", "/instances/{id}/backups/{n}/restore", ""),
            new Operation("GET", "/instances/{id}/backups/{n}/download", ""),
            new Operation("GET", "/instances/{id}/backups/{n}/deletion", ""),
            new Operation("POST", "/instances/{id}/backups/{n}/hold", "{\"reason\":\"audit\"}"),
            new Operation("DELETE", "/instances/{id}/backups/{n}/hold", ""),
            new Operation("GET", "/instances/{id}/events", ""),
            new Operation("GET", "/instances/{id}/restores", ""),
            new Operation("GET", "/instances/{id}/restores/{n}", ""),
            new Operation("POST", "/instances/{id}/restores/{n}/cancel", ""),
            new Operation("GET", "/instances/{id}/keys", ""),
            new Operation("POST", "/instances/{id}/keys", ""),
            new Operation("GET", "/instances/{id}/keys/{version}/key.age", ""),
            new Operation("GET", "/instances/{id}/keys/{version}/key.passphrase.age", ""),
            new Operation("POST", "/backup_agent/backup", "{\"instance_guid\":\"shop-1\"}"),
            new Operation("POST", "/backup_agent/backup_all", ""),
            new Operation("POST", "/backup_agent/restores", "{\"backup_id\":1,\"instance_id\":\"shop-1\"}"),
            new Operation("GET", "/queue", ""),
            new Operation("POST", "/queue/jobs/{n}/move", "{\"to\":\"first\"}"),
            new Operation("POST", "/queue/jobs/{n}/cancel", ""),
            new Operation("PUT", "/queue/pauses/everything", "{\"reason\":\"works\"}"),
            new Operation("DELETE", "/queue/pauses/everything", ""),
            new Operation("PUT", "/queue/pauses/store", "{\"reason\":\"works\"}"),
            new Operation("DELETE", "/queue/pauses/store", ""),
            new Operation("PUT", "/instances/{id}/pause", "{\"reason\":\"works\"}"),
            new Operation("DELETE", "/instances/{id}/pause", ""),
            new Operation("POST", "/instances/{id}/cancel", ""),
            new Operation("GET", "/agents", ""),
            new Operation("GET", "/agents/refused", ""),
            new Operation("PUT", "/agents/refused/{kind}/{value}", "{\"reason\":\"lost\"}"),
            new Operation("DELETE", "/agents/refused/{kind}/{value}", ""),
            new Operation("GET", "/store", ""),
            new Operation("DELETE", "/sessions", ""),
            new Operation("GET", "/metrics", ""),
            new Operation("GET", "/openapi.yaml", ""),
            new Operation("GET", "/healthz", ""),
            new Operation("GET", "/readyz", ""));

    private final Landscape landscape = new Landscape().with("lease_seconds", 600);
    private final Api api = landscape.api();
    private final RawRequest raw = new RawRequest(landscape);
    private final ManagerDatabase database = new ManagerDatabase(landscape);
    private Refusals refusals = new Refusals();
    private String logBefore = "";
    private Map<String, List<List<String>>> before = Map.of();

    @BeforeAll
    void makeBackup() {
        landscape.startManager();
        AgentClient agent = new AgentClient(landscape, INSTANCE);
        assertThat(api.send("PUT", "/instances/" + INSTANCE, "").status()).isEqualTo(201);
        assertThat(api.send("PUT", "/instances/shop-2", "").status()).isEqualTo(201);
        long backup = api.startBackup(INSTANCE);
        JsonNode job = agent.claimJob();
        assertThat(agent.post(AgentClient.path(job, "backup-complete"), agent.uploadBackup(job))
                        .status())
                .isEqualTo(204);
        JsonNode made = api.awaitBackup(INSTANCE, backup);
        assertThat(made.path("status").asString())
                .as(() -> made + landscape.logs())
                .isEqualTo("done");
        long restore = api.startRestore(INSTANCE, backup);
        assertThat(api.post("/instances/" + INSTANCE + "/restores/" + restore + "/cancel")
                        .status())
                .isEqualTo(202);
        // Records follow into the store a little later, and that is noted.
        Eventually.within(
                Duration.ofMinutes(1),
                landscape::logs,
                () -> database.rows("SELECT id FROM instance WHERE revision <> stored_revision")
                        .isEmpty());
    }

    @BeforeEach
    void look() {
        refusals = new Refusals();
        before = database.contents();
        logBefore = landscape.logs();
    }

    @AfterEach
    void nothingHasChanged() {
        assertThat(database.contents()).isEqualTo(before);
        assertThat(landscape.manager().isAlive()).isTrue();
        assertThat(landscape.logs().substring(logBefore.length())).doesNotContain("request failed, id");
    }

    @AfterAll
    void stop() {
        landscape.close();
    }

    @Test
    void everyDocumentedRouteIsTested() throws IOException {
        String document = Files.readString(JavaProcess.root().resolve("docs/api.md"));
        Set<String> documented = DOCUMENTED
                .matcher(document.substring(0, document.indexOf("## For browsers")))
                .results()
                .map(route -> route.group())
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(OPERATIONS.stream()
                        .map(operation -> operation.method() + " " + operation.pattern())
                        .toList())
                .containsAll(documented);
    }

    @Test
    void strangersAreRefused() {
        for (Operation operation : OPERATIONS) {
            if (operation.isOpen()) {
                continue;
            }
            String path = operation.path(INSTANCE, "1");
            for (Api stranger : List.of(
                    caller("", ""), caller(Landscape.OPERATOR, "wrong"), caller("nobody", landscape.password()))) {
                refusals.expect(
                        operation + " by a stranger", stranger.send(operation.method(), path, operation.body()), 401);
            }
        }
        refusals.assertAll(landscape);
    }

    private Api caller(String name, String password) {
        return new Api(api.base(), landscape.certificates().trustingContext(), name, password);
    }

    @Test
    void bodiesThatAreWrongAreRefused() {
        for (Operation operation : OPERATIONS) {
            if (operation.isOpen()) {
                continue;
            }
            String path = operation.path(INSTANCE, "1");
            for (String body : bodies(operation)) {
                refusals.expect(operation + " with " + body, api.send(operation.method(), path, body), 400);
            }
            String good = operation.takesFields() ? operation.body() : "{}";
            for (String type :
                    List.of("text/plain", "application/xml", "application/jsonx", "multipart/form-data", "/")) {
                refusals.expect(
                        operation + " as " + type, api.send(operation.method(), path, good, "Content-Type", type), 415);
            }
            refusals.expect(
                    operation + " with a form",
                    api.send(
                            operation.method(),
                            path,
                            "no_such_field=1",
                            "Content-Type",
                            "application/x-www-form-urlencoded"),
                    400);
            refusals.expect(
                    operation + " with a broken form",
                    api.send(
                            operation.method(),
                            path,
                            "instance_guid=%zz",
                            "Content-Type",
                            "application/x-www-form-urlencoded"),
                    400);
        }
        refusals.assertAll(landscape);
    }

    private static List<String> bodies(Operation operation) {
        List<String> bodies = new ArrayList<>(List.of(
                "{\"no_such_field\":1}",
                "[]",
                "[{}]",
                "\"text\"",
                "1",
                "null",
                "{",
                "{}}",
                "{} {}",
                "{\"a\"}",
                "\0",
                "[".repeat(30_000),
                "{\"exclude_from_auto_backup\":\"yes\",\"instance_guid\":{},\"backup_id\":[]}"));
        switch (operation.pattern()) {
            case "/instances/{id}" -> {
                if (operation.takesFields()) {
                    bodies.add("{\"exclude_from_auto_backup\":1}");
                    bodies.add("{\"exclude_from_auto_backup\":{}}");
                    bodies.add("{\"service\":7}");
                    bodies.add("{\"delete_backups\":\"yes\"}");
                    bodies.add("{\"schedule\":{\"cron\":\"61 * * * *\"}}");
                    bodies.add("{\"schedule\":{\"cron\":\"0 1 * * *\",\"time_zone\":\"Nowhere/None\"}}");
                    bodies.add("{\"schedule\":7}");
                    bodies.add("{\"retention\":{\"min_good_copies\":0}}");
                    bodies.add("{\"retention\":{\"last\":-1}}");
                    bodies.add("{\"retention\":[]}");
                    bodies.add("{\"service\":true}");
                    bodies.add("{\"service\":\"two words\"}");
                    bodies.add("{\"service\":\"" + "x".repeat(5000) + "\"}");
                }
            }
            case "/instances/{id}/owner" -> {
                bodies.add("{}");
                bodies.add("{\"owner\":7}");
                bodies.add("{\"owner\":\"nobody-known\"}");
            }
            case "/owners/{owner}/hand-over" -> {
                bodies.add("{}");
                bodies.add("{\"to\":null}");
                bodies.add("{\"to\":\"nobody-known\"}");
            }
            case "/agents/refused/{kind}/{value}" -> {
                if (operation.takesFields()) {
                    bodies.add("{}");
                    bodies.add("{\"reason\":1}");
                    bodies.add("{\"reason\":\"\"}");
                    bodies.add("{\"reason\":\"" + "x".repeat(5000) + "\"}");
                }
            }
            case "/instances/{id}/backups/{n}/hold" -> {
                if (operation.takesFields()) {
                    bodies.add("{}");
                    bodies.add("{\"reason\":1}");
                    bodies.add("{\"reason\":\"\"}");
                    bodies.add("{\"reason\":\"audit\",\"expires_at\":\"tomorrow\"}");
                }
            }
            case "/backup_agent/backup" -> {
                bodies.add("{}");
                bodies.add("{\"instance_guid\":null}");
                bodies.add("{\"instance_guid\":1}");
                bodies.add("{\"instance_guid\":\"shop-1\",\"more\":1}");
                bodies.add("{\"instance_guid\":\"../x\"}");
                bodies.add("{\"instance_guid\":\"a\\u0000b\"}");
            }
            case "/backup_agent/restores" -> {
                bodies.add("{}");
                bodies.add("{\"backup_id\":1}");
                bodies.add("{\"backup_id\":\"x\",\"instance_id\":\"shop-1\"}");
                bodies.add("{\"backup_id\":1.5,\"instance_id\":\"shop-1\"}");
                bodies.add("{\"backup_id\":-1,\"instance_id\":\"shop-1\"}");
                bodies.add("{\"backup_id\":1,\"instance_id\":{}}");
                bodies.add("{\"backup_id\":1,\"instance_id\":\"../x\"}");
            }
            default -> {}
        }
        return bodies;
    }

    @Test
    void pagesThatAreNoneAreRefused() {
        for (String path :
                List.of("/instances", "/agents", "/instances/shop-1/backups", "/instances/shop-1/restores")) {
            for (String query : List.of(
                    "limit=0",
                    "limit=1001",
                    "limit=-1",
                    "limit=1.5",
                    "limit=",
                    "limit=1&limit=1",
                    "limit=%zz",
                    "limit=" + "9".repeat(1000),
                    "offset=1",
                    "after=1&page=2")) {
                refusals.expect("GET " + path + "?" + query, raw("GET", path + "?" + query, ""), 400);
            }
        }
        for (String path : List.of("/agents", "/instances/shop-1/backups", "/instances/shop-1/restores")) {
            for (String after : List.of("x", "-1", "1.5", "%00", "..%2f1", "9".repeat(30))) {
                refusals.expect("GET " + path + " after " + after, raw("GET", path + "?after=" + after, ""), 400);
            }
        }
        refusals.assertAll(landscape);
    }

    @Test
    void hugeBodiesAreRefused() {
        String huge = "{\"service\":\"" + "x".repeat(1 << 20) + "\"}";
        for (Operation operation : OPERATIONS) {
            if (!operation.isOpen()) {
                refusals.expect(
                        operation + " with 10 MB",
                        api.send(operation.method(), operation.path(INSTANCE, "1"), huge),
                        413);
            }
        }
        refusals.assertAll(landscape);
    }

    @Test
    void idsThatAreNoneAreRefused() {
        for (Operation operation : OPERATIONS) {
            boolean registers = operation.method().equals("PUT");
            if (operation.pattern().contains("{id}")) {
                for (String instance : BAD_INSTANCES) {
                    if (!(registers && instance.equals("unknown"))) {
                        refusals.expect(
                                operation + " of " + instance,
                                raw(operation.method(), operation.path(instance, "1"), operation.body()),
                                400,
                                404);
                    }
                }
            }
            if (!operation.path("", "1").equals(operation.path("", "2"))) {
                for (String number : BAD_NUMBERS) {
                    refusals.expect(
                            operation + " of number " + number,
                            raw(operation.method(), operation.path(INSTANCE, number), operation.body()),
                            400,
                            404);
                }
                if (operation.pattern().contains("{id}")) {
                    refusals.expect(
                            operation + " of another instance's number",
                            raw(operation.method(), operation.path("shop-2", "1"), operation.body()),
                            404);
                }
            }
        }
        for (String body : List.of(
                "{\"backup_id\":1,\"instance_id\":\"shop-2\"}",
                "{\"backup_id\":99,\"instance_id\":\"shop-1\"}",
                "{\"backup_id\":1,\"instance_id\":99}")) {
            refusals.expect("older restore with " + body, api.send("POST", "/backup_agent/restores", body), 404);
        }
        refusals.expect(
                "older backup", api.send("POST", "/backup_agent/backup", "{\"instance_guid\":\"shop-9\"}"), 404);
        for (String agent :
                List.of("serial/xyz", "serial/" + "1".repeat(41), "fingerprint/2f9c", "host/db-3", "serial/")) {
            refusals.expect(
                    "refusal of " + agent,
                    raw("PUT", "/agents/refused/" + agent, "{\"reason\":\"lost\"}"),
                    400,
                    404,
                    422);
        }
        for (String path : List.of("//", "/instances/", "/instances//backups", "/..%2finstances", "/%")) {
            refusals.expect("GET " + path, raw("GET", path, ""), 400, 404);
        }
        for (String path : List.of("/store/x", "/store/../x", "/store/v2/instances?expires=9999999999&signature=00")) {
            refusals.expect("GET " + path + " without a signature", raw("GET", path, ""), 403, 400);
        }
        refusals.assertAll(landscape);
    }

    /** Sends a path as it stands, also one that is no URI. */
    private Api.Answer raw(String method, String path, String body) {
        return raw.send(method, path, body);
    }

    @Test
    void otherMethodsAreRefused() {
        Set<String> patterns = OPERATIONS.stream().map(Operation::pattern).collect(Collectors.toSet());
        for (String pattern : patterns) {
            Set<String> taken = OPERATIONS.stream()
                    .filter(operation -> operation.pattern().equals(pattern))
                    .map(Operation::method)
                    .collect(Collectors.toSet());
            for (String method : List.of("GET", "PUT", "POST", "DELETE", "PATCH", "OPTIONS", "FOO")) {
                if (!taken.contains(method)) {
                    String path = new Operation(method, pattern, "").path(INSTANCE, "1");
                    refusals.expect(method + " " + path, api.send(method, path, ""), 405);
                }
            }
        }
        refusals.assertAll(landscape);
    }

    @Test
    void idempotencyKeysThatAreWrongAreRefused() {
        String path = "/instances/" + INSTANCE + "/backups";
        for (String key : List.of("x".repeat(129), "two words")) {
            refusals.expect("key " + key, api.send("POST", path, "", "Idempotency-Key", key), 400);
        }
        refusals.assertAll(landscape);
    }

    @Test
    void repeatedRequestIsAnsweredTheSameAndDoneOnce() {
        String path = "/instances/shop-2/backups";
        Api.Answer first = api.send("POST", path, "", "Idempotency-Key", "once");
        Api.Answer again = api.send("POST", path, "", "Idempotency-Key", "once");
        assertThat(first.status()).isEqualTo(201);
        assertThat(again).isEqualTo(first);
        assertThat(api.get(path).json()).hasSize(1);
        before = database.contents();
        refusals.expect("another body", api.send("POST", path, "{}", "Idempotency-Key", "once"), 422);
        refusals.expect("another path", api.send("POST", "/instances/shop-2/keys", "", "Idempotency-Key", "once"), 422);
        refusals.assertAll(landscape);
    }

    @Test
    void notReadyWhenTheStoreIsGone() throws IOException {
        assertThat(api.get("/readyz").status()).isEqualTo(200);
        Path aside = landscape.folder().resolve("store-aside");
        Files.move(landscape.storeFolder(), aside);
        try {
            Api.Answer answer = api.get("/readyz");
            assertThat(answer.status()).as(answer.text()).isEqualTo(503);
            assertThat(answer.json().get("ready").booleanValue()).isFalse();
            assertThat(api.get("/healthz").status()).isEqualTo(200);
        } finally {
            Files.move(aside, landscape.storeFolder());
        }
        assertThat(api.get("/readyz").status()).isEqualTo(200);
    }

    @Test
    void restoreOfWhatIsNoGoodBackupIsRefused() {
        database.execute("UPDATE backup SET state = 'SUSPECT' WHERE id = 1");
        try {
            refusals.expect("restore", api.post("/instances/" + INSTANCE + "/backups/1/restore"), 422);
        } finally {
            database.execute("UPDATE backup SET state = 'DONE' WHERE id = 1");
        }
        refusals.expect("delete", api.send("DELETE", "/instances/" + INSTANCE + "/backups/1", ""), 409);
        refusals.expect("cancel", api.post("/instances/" + INSTANCE + "/backups/1/cancel"), 409);
        String longKey = "\"encryption_key\":\"a key that is long enough\"";
        for (String keys : List.of(
                "{\"encryption_key\":\"short\"}",
                "{\"encryption_key\":\" blank at its beginning\"}",
                "{\"custody\":\"user\",\"confirm_custody\":true}",
                "{\"custody\":\"user\"," + longKey + "}")) {
            refusals.expect("key " + keys, api.send("PUT", "/instances/" + INSTANCE, keys), 422);
        }
        refusals.expect("custody", api.send("PUT", "/instances/" + INSTANCE, "{\"custody\":\"mine\"}"), 400);
        refusals.expect(
                "restore with a key that is not set",
                api.send("POST", "/instances/" + INSTANCE + "/backups/1/restore", "{" + longKey + "}"),
                422);
        refusals.assertAll(landscape);
    }
}
