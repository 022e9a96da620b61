package io.holdfast.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.format.json.Json;
import io.holdfast.protocol.ProtocolVersion;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Agents of other releases than the manager's. Each test is of an instance of its own. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ProtocolVersionsTest {
    private static final String ALL = "[\"backup\",\"restore\",\"format_2\",\"skip_broken\",\"fly\"]";

    private final Landscape landscape = new Landscape();
    private final Api api = landscape.api();

    @BeforeAll
    void start() {
        landscape.serve();
    }

    @AfterAll
    void stop() {
        landscape.close();
    }

    private static String hello(int protocol, String capabilities) {
        ObjectNode hello = (ObjectNode) Json.mapper().readTree(AgentClient.hello());
        hello.put("protocol", protocol);
        hello.set("capabilities", Json.mapper().readTree(capabilities));
        return hello.put("of_a_later_release", "passed over").toString();
    }

    /** A restore, and its job as the agent got it. */
    private record Restore(String instance, long number, JsonNode job) {}

    /** Makes a backup and asks for it to be restored, which the agent with this hello gets to do. */
    private Restore restoreOf(AgentClient agent, String instance, String hello) {
        assertThat(agent.post("/agent/v1/hello", AgentClient.hello()).status()).isEqualTo(200);
        long backup = api.startBackup(instance);
        JsonNode job = agent.claimJob();
        assertThat(agent.post(AgentClient.path(job, "backup-complete"), agent.uploadBackup(job))
                        .status())
                .isEqualTo(204);
        assertThat(api.awaitBackup(instance, backup).get("status").asString()).isEqualTo("done");
        assertThat(agent.post("/agent/v1/hello", hello).status()).isEqualTo(200);
        long restore = api.startRestore(instance, backup);
        return new Restore(instance, restore, claimed(agent.post("/agent/v1/claim", AgentClient.claim(20))));
    }

    private static JsonNode claimed(Api.Answer answer) {
        assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
        return answer.json();
    }

    private static Api.Answer beat(AgentClient agent, JsonNode job, String phase) {
        String heartbeat = AgentClient.heartbeat(job.get("epoch").intValue()).replace("dumping", phase);
        return agent.post(AgentClient.path(job, "heartbeat"), heartbeat);
    }

    private static Api.Answer cutOver(AgentClient agent, JsonNode job) {
        return agent.post(AgentClient.path(job, "cut-over"), "{\"epoch\":" + job.get("epoch") + "}");
    }

    private JsonNode listed(String instance) {
        return api.get("/agents")
                .json()
                .valueStream()
                .filter(each -> each.get("instance_id").asString().equals(instance))
                .findFirst()
                .orElseThrow();
    }

    private int cancel(Restore restore) {
        return api.post("/instances/" + restore.instance() + "/restores/" + restore.number() + "/cancel")
                .status();
    }

    private String phase(Restore restore) {
        return api.restore(restore.instance(), restore.number())
                .get("progress")
                .get("phase")
                .asString();
    }

    @Test
    void anAgentOfTheNewestProtocolAsksByACallOfItsOwn() {
        AgentClient agent = new AgentClient(landscape, "newest");
        Restore restore = restoreOf(agent, "newest", hello(3, ALL));
        assertThat(restore.job().has("resume")).isFalse();
        assertThat(beat(agent, restore.job(), "swapping").status()).isEqualTo(200);
        assertThat(phase(restore)).isEqualTo("leased");
        for (int i = 0; i < 2; i++) {
            assertThat(cutOver(agent, restore.job()).json().get("leave").asString())
                    .isEqualTo("GRANTED");
        }
        assertThat(cancel(restore)).isEqualTo(409);
        JsonNode listed = listed("newest");
        assertThat(listed.get("protocol").intValue()).isEqualTo(3);
        assertThat(listed.get("warnings")).isEmpty();
    }

    @Test
    void anAgentOfTheNewestProtocolIsToldOfACancelThatCameFirst() {
        AgentClient agent = new AgentClient(landscape, "newest-cancelled");
        Restore restore = restoreOf(agent, "newest-cancelled", hello(3, ALL));
        assertThat(cancel(restore)).isEqualTo(202);
        for (int i = 0; i < 2; i++) {
            assertThat(cutOver(agent, restore.job()).json().get("leave").asString())
                    .isEqualTo("CANCELLED");
        }
    }

    @Test
    void whatAnAgentCannotDoIsRefusedWithTheReason() {
        AgentClient agent = new AgentClient(landscape, "limited");
        assertThat(agent.post("/agent/v1/hello", AgentClient.hello()).status()).isEqualTo(200);
        long backup = api.startBackup("limited");
        JsonNode job = agent.claimJob();
        agent.post(AgentClient.path(job, "backup-complete"), agent.uploadBackup(job));
        api.awaitBackup("limited", backup);
        assertThat(agent.post("/agent/v1/hello", hello(3, "[\"backup\"]")).status())
                .isEqualTo(200);
        long restore = api.startRestore("limited", backup);
        assertThat(agent.post("/agent/v1/claim", AgentClient.claim(20)).status())
                .isEqualTo(204);
        JsonNode failed = api.awaitRestore("limited", restore);
        assertThat(failed.get("live_data").asString()).isEqualTo("untouched");
        JsonNode reason = failed.get("reason");
        assertThat(reason.get("code").asString()).isEqualTo("AGENT_OUTDATED");
        assertThat(reason.get("message").asString()).contains("lacks: restore, format_2");
        assertThat(reason.get("hint").asString()).contains("release");
        assertThat(listed("limited").get("capabilities").toString()).isEqualTo("[\"backup\"]");
    }

    @Test
    void anAgentThatIsNewerThanTheManagerIsSpokenWithInTheManagersProtocol() {
        AgentClient agent = new AgentClient(landscape, "newer");
        Api.Answer welcome = agent.post("/agent/v1/hello", hello(4, ALL));
        assertThat(welcome.json().get("protocol").intValue()).isEqualTo(3);
        assertThat(listed("newer").get("warnings").toString()).contains("speaks protocol 4", "deploy that release");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void anAgentThatIsTooOldIsRefusedAndShown(int protocol) {
        String instance = "too-old-" + protocol;
        AgentClient agent = new AgentClient(landscape, instance);
        ObjectNode hello = (ObjectNode) Json.mapper().readTree(hello(protocol, ALL));
        if (protocol == ProtocolVersion.FIRST) {
            hello.remove(List.of("protocol", "capabilities"));
        }
        Api.Answer refusal = agent.post("/agent/v1/hello", hello.toString());
        assertThat(refusal.status()).isEqualTo(409);
        assertThat(refusal.json().get("error").asString()).isEqualTo("ProtocolTooOld");
        assertThat(refusal.json().get("hint").asString()).contains("deploy");
        assertThat(agent.post("/agent/v1/claim", AgentClient.claim(0)).status()).isEqualTo(409);
        JsonNode listed = listed(instance);
        assertThat(listed.get("online").booleanValue()).isFalse();
        assertThat(listed.get("warnings").toString()).contains("it gets no jobs");
    }
}
