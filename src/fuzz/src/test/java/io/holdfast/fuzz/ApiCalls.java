package io.holdfast.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.holdfast.format.json.Json;
import io.holdfast.manager.Main;
import io.holdfast.protocol.Refusal;
import io.holdfast.testbed.load.HttpsConnection;
import io.holdfast.testbed.load.ManagerSetup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * Calls of a whole manager in this process, over its own listeners. An input's first byte is the route, the rest the body;
 * of a {@code GET} it is the query. Whatever is sent, the answer is one of the documented ones, and never that something
 * went wrong in the manager.
 */
final class ApiCalls implements Target {
    private static final int LARGE = 64 * 1024 * 1024;
    private static final int FOR_EACH_BYTE = 64;
    private static final int INTERNAL_ERROR = 500;
    private static final String INSTANCE = "shop-1";
    private static final String JSON = "application/json";
    private static final String FORM = "application/x-www-form-urlencoded";

    private final ManagerSetup setup;
    private final boolean agents;
    private final List<Call> calls;
    private final HttpsConnection operator;
    private HttpsConnection connection;
    private @Nullable Long job;

    /** A route, and bodies that it takes. */
    private record Call(String method, String path, String contentType, List<String> bodies) {
        static Call json(String method, String path, String... bodies) {
            return new Call(method, path, JSON, List.of(bodies));
        }
    }

    private ApiCalls(boolean agents, List<Call> calls) throws Exception {
        Path folder = Files.createTempDirectory("holdfast-fuzz");
        Files.createDirectories(folder.resolve("certificates"));
        setup = new ManagerSetup(folder);
        Path config = setup.config(Map.of(
                "schedule", Map.of("enabled", false),
                "passphrases", Map.of("work_factor", 10),
                "brokers", List.of(Map.of("name", "broker", "password", "a long password")),
                "jobs", Map.of("lease_seconds", 3600, "heartbeat_seconds", 600, "max_attempts", 1)));
        Thread manager = Thread.ofPlatform().daemon().start(() -> {
            try {
                Main.main(new String[] {config.toString()});
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        setup.awaitReady(manager::isAlive);
        this.agents = agents;
        this.calls = calls;
        operator = setup.operator();
        connection = agents ? setup.agent(INSTANCE) : setup.operator();
        try (HttpsConnection agent = setup.agent(INSTANCE)) {
            require(200, agent.call("POST", "/agent/v1/hello", AgentBodies.HELLO));
        }
    }

    static ApiCalls ofOperators() throws Exception {
        return new ApiCalls(
                false,
                List.of(
                        Call.json(
                                "PUT",
                                "/instances/" + INSTANCE,
                                "{\"service\":\"postgresql\",\"exclude_from_auto_backup\":false}",
                                "{\"schedule\":{\"cron\":\"17 3 * * 1-5\",\"time_zone\":\"Europe/Berlin\"}}",
                                "{\"retention\":{\"last\":3,\"within_days\":2,\"daily\":7,\"weekly\":4,\"monthly\":12,\"yearly\":1}}",
                                "{\"schedule\":null,\"retention\":null,\"credentials_updated_by_user\":true}",
                                "{\"encryption_key\":\"correct horse battery staple\",\"custody\":\"managed\"}"),
                        Call.json("PUT", "/v1/instances/" + INSTANCE, "{\"exclude_from_auto_backup\":true}"),
                        Call.json(
                                "PUT",
                                "/instances/" + INSTANCE + "/owner",
                                "{\"owner\":\"broker\"}",
                                "{\"owner\":null}"),
                        Call.json("POST", "/owners/broker/hand-over", "{\"to\":\"admin\"}"),
                        Call.json(
                                "POST",
                                "/instances/" + INSTANCE + "/keys",
                                "{\"encryption_key\":\"correct horse battery staple\"}"),
                        Call.json("POST", "/backup_agent/backup", "{\"instance_guid\":\"" + INSTANCE + "\"}"),
                        Call.json("PUT", "/instances/" + INSTANCE + "/pause", "{\"reason\":\"moved\"}"),
                        Call.json("PUT", "/queue/pauses/store", "{\"reason\":\"the store is moved\"}"),
                        Call.json("PUT", "/agents/refused/serial/0a1b", "{\"reason\":\"stolen\"}"),
                        Call.json("POST", "/instances/" + INSTANCE + "/backups", "{}"),
                        Call.json("POST", "/instances/" + INSTANCE + "/cancel", "{}"),
                        Call.json("POST", "/instances/" + INSTANCE + "/backups/1/restore"),
                        Call.json("POST", "/instances/" + INSTANCE + "/backups/1/hold"),
                        Call.json("POST", "/backup_agent/restores"),
                        Call.json("POST", "/queue/jobs/1/move"),
                        new Call("PUT", "/instances/" + INSTANCE, FORM, List.of("service=postgresql")),
                        new Call("POST", "/login", FORM, List.of()),
                        Call.json("GET", "/instances", "limit=2", "limit=1&after=shop-0"),
                        Call.json("GET", "/instances/" + INSTANCE + "/backups", "limit=10"),
                        Call.json("GET", "/queue", "")));
    }

    static ApiCalls ofAgents() throws Exception {
        return new ApiCalls(
                true,
                List.of(
                        Call.json("POST", "/agent/v1/hello", AgentBodies.HELLO),
                        Call.json("POST", "/agent/v1/claim", AgentBodies.CLAIM),
                        Call.json("POST", "/agent/v1/snapshots", AgentBodies.SNAPSHOTS, AgentBodies.NO_SNAPSHOTS),
                        Call.json("POST", "/agent/v1/jobs/{job}/heartbeat", AgentBodies.HEARTBEAT),
                        Call.json("POST", "/agent/v1/jobs/{job}/uploads", AgentBodies.UPLOADS),
                        Call.json("POST", "/agent/v1/jobs/{job}/lent"),
                        Call.json("POST", "/agent/v1/jobs/{job}/borrowed"),
                        Call.json("POST", "/agent/v1/jobs/{job}/backup-complete", AgentBodies.RESULT),
                        Call.json("POST", "/agent/v1/jobs/{job}/fail", AgentBodies.FAILURE),
                        Call.json("POST", "/agent/v1/jobs/{job}/resume"),
                        Call.json("POST", "/agent/v1/jobs/{job}/cut-over"),
                        Call.json("POST", "/agent/v1/jobs/{job}/downloads"),
                        Call.json("POST", "/agent/v1/jobs/{job}/restore-complete")));
    }

    @Override
    public List<byte[]> seeds() {
        List<byte[]> seeds = new ArrayList<>();
        for (int i = 0; i < calls.size(); i++) {
            for (String body : calls.get(i).bodies()) {
                byte[] bytes = body.getBytes(UTF_8);
                byte[] seed = new byte[bytes.length + 1];
                seed[0] = (byte) i;
                System.arraycopy(bytes, 0, seed, 1, bytes.length);
                seeds.add(seed);
            }
        }
        return seeds;
    }

    @Override
    public boolean read(byte[] input) throws Exception {
        if (input.length == 0) {
            return false;
        }
        Call call = calls.get((input[0] & 0xff) % calls.size());
        byte[] body = Arrays.copyOfRange(input, 1, input.length);
        String path = call.path().contains("{job}") ? call.path().replace("{job}", Long.toString(job())) : call.path();
        HttpsConnection.Answer answer;
        try {
            answer = call.method().equals("GET")
                    ? connection.call("GET", path + "?" + asQuery(body), JSON, new byte[0])
                    : connection.call(call.method(), path, call.contentType(), body);
        } catch (IOException e) {
            // It was closed after an answer, or a claim waits for longer than this does.
            connection.close();
            connection = agents ? setup.agent(INSTANCE) : setup.operator();
            return false;
        }
        if (answer.status() >= INTERNAL_ERROR) {
            throw new AssertionError(call.method() + " " + path + ": " + answer.status() + " " + answer.text());
        }
        if (answer.status() < 300 && path.matches(".*(hello|claim|complete|fail)")) {
            job = null; // it has ended, or is another session's
        }
        if (answer.status() >= 400 && !call.contentType().equals(FORM)) {
            requireRefusal(answer);
        }
        return answer.status() < 300;
    }

    /** A job that this agent runs, in its first attempt. */
    private long job() throws IOException {
        if (!agents) {
            return 1;
        }
        while (job == null) {
            operator.call("POST", "/instances/" + INSTANCE + "/backups", "{}");
            try (HttpsConnection agent = setup.agent(INSTANCE)) {
                require(200, agent.call("POST", "/agent/v1/hello", AgentBodies.HELLO));
                HttpsConnection.Answer answer = agent.call("POST", "/agent/v1/claim", AgentBodies.CLAIM);
                if (answer.status() == 200) {
                    JsonNode claimed = Json.mapper().readTree(answer.text());
                    long id = claimed.get("job_id").longValue();
                    int epoch = claimed.get("epoch").intValue();
                    if (epoch == 1) {
                        job = id;
                    } else {
                        agent.call(
                                "POST",
                                "/agent/v1/jobs/" + id + "/fail",
                                AgentBodies.FAILURE.replace("\"epoch\":1", "\"epoch\":" + epoch));
                    }
                }
            }
        }
        return job;
    }

    private static void requireRefusal(HttpsConnection.Answer answer) {
        try {
            Refusal refusal = Json.mapper().readValue(answer.text(), Refusal.class);
            if (refusal.error() == null || refusal.description() == null) {
                throw new AssertionError(answer.status() + " without words: " + answer.text());
            }
        } catch (JacksonException e) {
            throw new AssertionError(answer.status() + " is no refusal: " + answer.text(), e);
        }
    }

    private static String asQuery(byte[] bytes) {
        StringBuilder query = new StringBuilder();
        for (byte each : bytes) {
            boolean plain = each > ' ' && each <= '~' && each != '#';
            query.append(plain ? Character.toString(each) : "%%%02x".formatted(each & 0xff));
        }
        return query.toString();
    }

    private static void require(int status, HttpsConnection.Answer answer) {
        if (answer.status() != status) {
            throw new IllegalStateException(answer.status() + " " + answer.text());
        }
    }

    @Override
    public long mostBytes(int length) {
        return LARGE + (long) FOR_EACH_BYTE * length;
    }
}
