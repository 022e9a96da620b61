package io.holdfast.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.format.json.Json;
import io.holdfast.testbed.Certificates;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What agents, and those who claim to be some, may say wrongly: a clear 4xx, and nothing changes. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class WrongAgentInputTest {
    private static final byte[] SEGMENT = "no segment".getBytes(StandardCharsets.UTF_8);
    private static final Set<String> OPTIONAL = Set.of(
            "server_version",
            "detail",
            "estimated_bytes",
            "engine_version",
            "hint",
            "live_data",
            "protocol",
            "capabilities");

    /** How many of the calls, the first ones, are about no job. */
    private static final int OF_NO_JOB = 3;

    /** A call of the agents' protocol with a body that is right for the running job. */
    private record Call(String path, String body) {}

    private final Landscape landscape = new Landscape().with("lease_seconds", 600);
    private final ManagerDatabase database = new ManagerDatabase(landscape);
    private final List<Call> calls = new ArrayList<>();
    private final AgentClient agent = new AgentClient(landscape, "shop-1");
    private final AgentClient other = new AgentClient(landscape, "shop-2");
    private String job = "";
    private String address = "";
    private Refusals refusals = new Refusals();
    private Map<String, List<List<String>>> before = Map.of();
    private List<Path> storedBefore = List.of();
    private String logBefore = "";

    @BeforeAll
    void beginBackup() {
        landscape.startManager();
        Api api = landscape.api();
        api.send("PUT", "/instances/shop-1", "");
        api.startBackup("shop-1");
        JsonNode claimed = agent.claimJob();
        assertThat(other.post("/agent/v1/hello", AgentClient.hello()).status()).isEqualTo(200);
        job = "/agent/v1/jobs/" + claimed.get("job_id").longValue();
        int epoch = claimed.get("epoch").intValue();
        String report = agent.uploadBackup(claimed);
        address = agent.allowedUpload(claimed, SEGMENT);
        calls.add(new Call("/agent/v1/hello", AgentClient.hello()));
        calls.add(new Call("/agent/v1/claim", AgentClient.claim(0)));
        calls.add(new Call("/agent/v1/snapshots", "{\"session\":\"session-of-a-test\",\"backups\":[\"t1\"]}"));
        calls.add(new Call(job + "/resume", "{\"session\":\"session-of-a-test\",\"epoch\":" + epoch + "}"));
        calls.add(new Call(job + "/heartbeat", AgentClient.heartbeat(epoch)));
        calls.add(new Call(job + "/cut-over", "{\"epoch\":" + epoch + "}"));
        calls.add(new Call(job + "/uploads", AgentClient.upload(epoch, 1, SEGMENT)));
        calls.add(new Call(job + "/lent", "{\"epoch\":" + epoch + ",\"first\":0,\"count\":1}"));
        calls.add(new Call(
                job + "/borrowed",
                "{\"epoch\":" + epoch + ",\"segments\":[{\"artifact\":\"app\",\"position\":0,\"line\":0,"
                        + "\"fingerprint\":\"" + "0f".repeat(32) + "\"}]}"));
        calls.add(new Call(job + "/downloads", "{\"epoch\":" + epoch + ",\"first\":0,\"count\":1}"));
        calls.add(new Call(job + "/backup-complete", report));
        calls.add(new Call(
                job + "/restore-complete",
                "{\"epoch\":" + epoch + ",\"restored\":[],\"left_alone\":[],\"kept\":[],\"notes\":[]}"));
        calls.add(new Call(
                job + "/fail",
                "{\"epoch\":" + epoch
                        + ",\"code\":\"DUMP_FAILED\",\"message\":\"m\",\"hint\":null,\"live_data\":null}"));
    }

    @BeforeEach
    void look() {
        refusals = new Refusals();
        before = database.contents();
        storedBefore = landscape.stored("");
        logBefore = landscape.logs();
    }

    @AfterEach
    void nothingHasChanged() {
        assertThat(database.contents()).isEqualTo(before);
        assertThat(landscape.stored("")).isEqualTo(storedBefore);
        assertThat(landscape.logs().substring(logBefore.length())).doesNotContain("request failed, id");
    }

    @AfterAll
    void stop() {
        landscape.close();
    }

    @Test
    void certificatesThatAreNotGoodAreRefused() {
        Certificates own = landscape.certificates();
        Certificates foreign = new Certificates(landscape.folder().resolve("foreign"));
        Api none = new Api(landscape.agentsUri(), own.trustingContext(), Landscape.OPERATOR, landscape.password());
        AgentClient expired = new AgentClient(landscape, own.expiredAgent("shop-1", 0));
        AgentClient stranger = new AgentClient(landscape, foreign.agent("shop-1", 0));
        AgentClient nameless = new AgentClient(landscape, own.nameless("somebody"));
        AgentClient server = new AgentClient(landscape, own.server("somewhere"));
        for (Call call : calls) {
            refusals.expect(call + " without certificate", none.send("POST", call.path(), call.body()), 401);
            refusals.expect(call + " with an expired one", expired.post(call.path(), call.body()), 401);
            refusals.expect(call + " with one of a foreign CA", stranger.post(call.path(), call.body()), 401);
            refusals.expect(call + " with a server's", server.post(call.path(), call.body()), 401);
            refusals.expect(call + " with a nameless one", nameless.post(call.path(), call.body()), 403);
        }
        refusals.assertAll(landscape);
    }

    @Test
    void jobsOfOtherInstancesAreOutOfReach() {
        for (Call call : calls.subList(OF_NO_JOB, calls.size())) {
            refusals.expect(call + " by another instance", other.post(call.path(), call.body()), 409);
        }
        refusals.assertAll(landscape);
    }

    @Test
    void agentsThatHaveNotSaidHelloAreTold() {
        AgentClient silent = new AgentClient(landscape, "shop-3");
        for (Call call : calls.subList(1, calls.size())) {
            refusals.expect(call + " without hello", silent.post(call.path(), call.body()), 409);
        }
        refusals.expect(
                "claim of another session",
                agent.post("/agent/v1/claim", AgentClient.claim(0).replace("session-of-a-test", "another")),
                409);
        refusals.assertAll(landscape);
    }

    @Test
    void jobsThatAreNotTheCallersAreRefused() {
        for (Call call : calls.subList(OF_NO_JOB, calls.size())) {
            String end = call.path().substring(job.length());
            refusals.expect(call + " of no job", agent.post("/agent/v1/jobs/999" + end, call.body()), 409);
            ObjectNode stale = object(call.body());
            stale.put("epoch", 99);
            refusals.expect(call + " of another epoch", agent.post(call.path(), stale.toString()), 409);
            for (String number :
                    List.of("0x1", "-1", "9".repeat(30), "%00", "..%2f1", "1.0", "%D9%A1", "x".repeat(4000))) {
                refusals.expect(
                        call + " of job " + number,
                        agent.post("/agent/v1/jobs/" + number + end, call.body()),
                        400,
                        404);
            }
        }
        for (String end : List.of("/downloads", "/restore-complete", "/resume")) {
            refusals.expect(end + " of a backup", agent.post(job + end, body(end)), 409);
        }
        for (String end : List.of("/lent", "/borrowed")) {
            refusals.expect(end + " of a backup that nothing lends to", agent.post(job + end, body(end)), 400);
        }
        refusals.assertAll(landscape);
    }

    @Test
    void bodiesThatAreWrongAreRefused() {
        for (Call call : calls) {
            List<String> bodies = new ArrayList<>(List.of("null", "[]", "\"text\"", "1", "{", "{} {}", "\0"));
            for (String field : object(call.body()).propertyNames()) {
                bodies.add(with(call.body(), field, "[[[]]]"));
                bodies.add(with(call.body(), field, "1.5"));
                if (!OPTIONAL.contains(field)) {
                    bodies.add(with(call.body(), field, "null"));
                    ObjectNode less = object(call.body());
                    less.remove(field);
                    bodies.add(less.toString());
                }
            }
            for (String body : bodies) {
                refusals.expect(call.path() + " with " + body, agent.post(call.path(), body), 400);
            }
            refusals.expect(
                    call.path() + " as text",
                    agent.send("POST", call.path(), call.body(), "Content-Type", "text/plain"),
                    415);
            refusals.expect(call.path() + " with GET", agent.send("GET", call.path(), ""), 405);
        }
        refusals.assertAll(landscape);
    }

    @Test
    void hugeBodiesAreRefused() {
        String huge = "{\"session\":\"" + "x".repeat(5 << 20) + "\"}";
        for (Call call : calls) {
            refusals.expect(call.path() + " with 5 MB", agent.post(call.path(), huge), 413);
        }
        refusals.assertAll(landscape);
    }

    @Test
    void valuesThatCannotBeAreRefused() {
        String upload = body("/uploads");
        for (String[] wrong : new String[][] {
            {"artifact", "\"../x\""},
            {"artifact", "\"\""},
            {"artifact", "\"a.b\""},
            {"number", "-1"},
            {"number", "1000000000"},
            {"position", "-1"},
            {"fingerprint", "\"x\""},
            {"bytes", "0"},
            {"bytes", "4390913"},
            {"sha256", "\"x\""},
            {"md5", "\"x\""},
            {"share", "\"x\""},
            {"body", "\"x\""},
            {"epoch", "99999999999"}
        }) {
            refusals.expect(wrong[0], agent.post(job + "/uploads", withSegment(upload, wrong[0], wrong[1])), 400);
        }
        String report = body("/backup-complete");
        for (String[] wrong : new String[][] {
            {"\"segments\":[0-9]+", "\"segments\":0"},
            {"\"mean_bytes\":[0-9]+", "\"mean_bytes\":1000"},
            {"\"name\":\"app\"", "\"name\":\"../app\""},
            {"\"plaintext_bytes\":[0-9]+", "\"plaintext_bytes\":-1"},
            {"\\[\\{\"name.*?\\]", "[]"},
            {"\\[\\{\"name.*?\\]", "[null]"}
        }) {
            String changed = report.replaceFirst(wrong[0], wrong[1]);
            assertThat(changed).isNotEqualTo(report);
            refusals.expect(wrong[1], agent.post(job + "/backup-complete", changed), 400);
        }
        refusals.expect("word", agent.post("/agent/v1/hello", with(AgentClient.hello(), "service", "\"a b\"")), 400);
        refusals.expect(
                "phase", agent.post(job + "/heartbeat", with(body("/heartbeat"), "phase", "\"shopping\"")), 400);
        refusals.expect("code", agent.post(job + "/fail", with(body("/fail"), "code", "\"NO_SUCH_CODE\"")), 400);
        refusals.assertAll(landscape);
    }

    @Test
    void storeAddressesThatWereChangedAreRefused() {
        Api store = new Api(landscape.agentsUri(), landscape.certificates().trustingContext(), "nobody", "nothing");
        String content = new String(SEGMENT, StandardCharsets.UTF_8);
        char last = address.charAt(address.length() - 1);
        String root = address.substring(0, address.indexOf("/store/") + "/store".length());
        String query = address.substring(address.indexOf('?'));
        List<String> changed = List.of(
                address.substring(0, address.length() - 1) + (last == '0' ? '1' : '0'),
                address.replaceFirst("signature=.*", "signature="),
                address.replaceFirst("&signature=.*", ""),
                address.replaceFirst("\\?.*", ""),
                address.replaceFirst("size=[0-9]+", "size=9999"),
                address.replaceFirst("expires=[0-9]+", "expires=1000000000"),
                address.replaceFirst("expires=[0-9]+", "expires=99999999999"),
                address.replaceFirst("md5=[^&]*", "md5=AAAAAAAAAAAAAAAAAAAAAA"),
                address.replaceFirst("000001-", "000002-"),
                address.replace("shop-1", "shop-2"),
                root + "/..%2f..%2fetc%2fpasswd" + query,
                root + "/v1/../v1/instances" + query,
                root + "/%00" + query,
                root + "/" + query,
                root + query);
        for (String each : changed) {
            refusals.expect("PUT " + each, store.send("PUT", each, content), 403, 404, 400);
            refusals.expect("GET " + each, store.send("GET", each, ""), 403, 404, 400);
        }
        refusals.expect("GET of a PUT's", store.send("GET", address, ""), 403);
        refusals.expect("DELETE of a PUT's", store.send("DELETE", address, ""), 405);
        refusals.expect("longer", store.send("PUT", address, content + "x"), 400, 403);
        refusals.expect("shorter", store.send("PUT", address, content.substring(1)), 400, 403);
        refusals.expect("other content", store.send("PUT", address, "A" + content.substring(1)), 400, 403);
        refusals.expect(
                "other MD5", store.send("PUT", address, content, "Content-MD5", "AAAAAAAAAAAAAAAAAAAAAA=="), 400, 403);
        refusals.assertAll(landscape);
    }

    private String body(String end) {
        return calls.stream()
                .filter(call -> call.path().endsWith(end))
                .findFirst()
                .orElseThrow()
                .body();
    }

    private static String with(String body, String field, String value) {
        ObjectNode changed = object(body);
        changed.set(field, Json.mapper().readTree(value));
        return changed.toString();
    }

    /** Changes the attempt's number, or else a field of the first segment. */
    private static String withSegment(String body, String field, String value) {
        ObjectNode changed = object(body);
        ObjectNode target = changed.has(field)
                ? changed
                : (ObjectNode) changed.get("segments").get(0);
        target.set(field, Json.mapper().readTree(value));
        return changed.toString();
    }

    private static ObjectNode object(String body) {
        return (ObjectNode) Json.mapper().readTree(body);
    }
}
