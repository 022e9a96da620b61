package io.holdfast.testbed.load;

import io.holdfast.format.json.Json;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLContext;
import tools.jackson.databind.JsonNode;

/**
 * Says what an agent says, over a connection of its own with a certificate of its own: hello, then one question for a job
 * after the other. A job that it gets it works on for a while, with heartbeats, and then reports as cancelled, which ends
 * it. Nothing is dumped.
 */
final class SimulatedAgent implements Runnable {
    private static final String MEMORY = "{\"resident_bytes\":120000000,\"resident_with_children_bytes\":150000000,"
            + "\"heap_bytes\":30000000,\"direct_bytes\":1000000}";
    private static final Duration HEARTBEAT = Duration.ofSeconds(5);

    private final String instanceId;
    private final SSLContext tls;
    private final int port;
    private final Crowd crowd;
    private final AtomicLong ordered = new AtomicLong();
    private volatile boolean free;

    /** What all agents of a run have in common. */
    static final class Crowd {
        final Latencies handOvers = new Latencies();
        final AtomicInteger waiting = new AtomicInteger();
        final AtomicInteger failures = new AtomicInteger();
        final AtomicLong questions = new AtomicLong();
        private final Duration work;
        private volatile Latencies current = handOvers;
        private volatile boolean over;

        /** Makes a crowd whose jobs take so long. */
        Crowd(Duration work) {
            this.work = work;
        }

        /** From now on, times go here. */
        void record(Latencies latencies) {
            current = latencies;
        }

        void end() {
            over = true;
        }
    }

    SimulatedAgent(String instanceId, SSLContext tls, int port, Crowd crowd) {
        this.instanceId = instanceId;
        this.tls = tls;
        this.port = port;
        this.crowd = crowd;
    }

    String instanceId() {
        return instanceId;
    }

    /** Marks that a job for this agent is being ordered now; false while it has one. */
    boolean order() {
        if (!free) {
            return false;
        }
        free = false;
        ordered.set(System.nanoTime());
        return true;
    }

    @Override
    public void run() {
        boolean first = true;
        while (!crowd.over) {
            try (HttpsConnection connection = new HttpsConnection(tls, port, "")) {
                hello(connection);
                if (first) {
                    crowd.waiting.incrementAndGet();
                    first = false;
                }
                free = true;
                ask(connection);
            } catch (IOException e) {
                if (!crowd.over) {
                    crowd.failures.incrementAndGet();
                    pause(Duration.ofMillis(ThreadLocalRandom.current().nextInt(1000, 5000)));
                }
            }
        }
    }

    private void hello(HttpsConnection connection) throws IOException {
        HttpsConnection.Answer answer = connection.call(
                "POST",
                "/agent/v1/hello",
                "{\"session\":\"" + session()
                        + "\",\"service\":\"postgresql\",\"version\":\"1\",\"host\":\"db\",\"server_version\":\"17.1\","
                        + "\"tools\":[{\"name\":\"pg_dump\",\"version\":\"17.1\",\"path\":\"/usr/bin/pg_dump\"}],"
                        + "\"warnings\":[],\"protocol\":3"
                        + ",\"capabilities\":[\"backup\",\"restore\",\"format_2\"]}");
        if (answer.status() != 200) {
            throw new IOException("hello: " + answer.status() + " " + answer.text());
        }
    }

    private String session() {
        return "session-of-" + instanceId;
    }

    private void ask(HttpsConnection connection) throws IOException {
        String claim = "{\"session\":\"" + session() + "\",\"wait_seconds\":20,\"memory\":" + MEMORY + "}";
        while (!crowd.over) {
            crowd.questions.incrementAndGet();
            HttpsConnection.Answer answer = connection.call("POST", "/agent/v1/claim", claim);
            switch (answer.status()) {
                case 200 -> work(connection, Json.mapper().readTree(answer.text()));
                case 204 -> {}
                default -> throw new IOException("claim: " + answer.status() + " " + answer.text());
            }
        }
    }

    private void work(HttpsConnection connection, JsonNode job) throws IOException {
        long order = ordered.getAndSet(0);
        if (order != 0) {
            crowd.current.add(System.nanoTime() - order);
        }
        String path = "/agent/v1/jobs/" + job.get("job_id").longValue();
        int epoch = job.get("epoch").intValue();
        long end = System.nanoTime() + crowd.work.toNanos();
        while (!crowd.over && System.nanoTime() < end) {
            pause(
                    HEARTBEAT.toNanos() < end - System.nanoTime()
                            ? HEARTBEAT
                            : Duration.ofNanos(end - System.nanoTime()));
            connection.call(
                    "POST",
                    path + "/heartbeat",
                    "{\"epoch\":" + epoch + ",\"phase\":\"dumping\",\"detail\":null,\"bytes_in\":1,\"bytes_out\":1,"
                            + "\"estimated_bytes\":null,\"memory\":" + MEMORY + "}");
        }
        connection.call(
                "POST",
                path + "/fail",
                "{\"epoch\":" + epoch + ",\"code\":\"CANCELLED\",\"message\":\"the load test's job ends\"}");
        free = true;
    }

    private static void pause(Duration time) {
        try {
            Thread.sleep(time.isNegative() ? Duration.ZERO : time);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
