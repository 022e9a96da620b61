package io.holdfast.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.testbed.PostgresCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/**
 * Two managers that share a PostgreSQL database behind one address, an S3 store and three agents, all of them processes
 * of their own, while one after the other is killed as {@code kill -9} does and comes back. Backups are asked for by hand
 * and by a schedule of every minute. {@code scripts/day-of-kills} runs it for longer, with other seeds.
 */
class KilledProcessesTest {
    private static final Logger log = LoggerFactory.getLogger(KilledProcessesTest.class);
    private static final Duration LENGTH = Duration.ofSeconds(Integer.getInteger("kills.seconds", 30));
    private static final long SEED = Long.getLong("kills.seed", 1);
    private static final int MANAGERS = 2;
    private static final List<String> INSTANCES = List.of("shop-1", "shop-2", "shop-3");
    /** Nobody asks for backups of this one but the schedule, which skips a slot while another backup is under way. */
    private static final String SCHEDULED_ONLY = "shop-3";

    @TempDir
    Path folder = Path.of("");

    private final Map<Integer, JavaProcess> managers = new ConcurrentHashMap<>();
    private final Map<String, JavaProcess> agents = new ConcurrentHashMap<>();
    private final AtomicBoolean over = new AtomicBoolean();

    @Test
    void dl12_dl13_dl14_noAcceptedBackupIsLostOrMadeTwiceWhoeverIsKilled() throws Exception {
        Files.createDirectories(folder.resolve("s3"));
        try (PostgresCluster state = PostgresCluster.start(Map.of("max_connections", "100"));
                StoreProcess store = StoreProcess.start(folder.resolve("s3"));
                Landscape landscape = new Landscape(store.settings())
                        .with("max_attempts", 100)
                        .with("lease_seconds", 5)
                        .scheduled(Map.of("cron", "* * * * *", "spread_minutes", 0))
                        .withStateIn(state)
                        .balancing(MANAGERS)) {
            for (int i = 0; i < MANAGERS; i++) {
                managers.put(i, landscape.startManagerBeside(i));
            }
            for (String instance : INSTANCES) {
                agents.put(instance, landscape.startAgent(instance, 0, data(instance)));
                landscape.awaitAgent(instance);
            }

            Map<String, List<Long>> accepted = new HashMap<>();
            try (ExecutorService askers = Executors.newVirtualThreadPerTaskExecutor()) {
                Map<String, Future<List<Long>>> asking = new HashMap<>();
                for (String instance : INSTANCES) {
                    if (instance.equals(SCHEDULED_ONLY)) {
                        continue;
                    }
                    asking.put(instance, askers.submit(() -> ask(landscape, instance)));
                }
                kill(landscape, state, store);
                over.set(true);
                for (Map.Entry<String, Future<List<Long>>> each : asking.entrySet()) {
                    accepted.put(each.getKey(), each.getValue().get());
                }
            }
            accepted.forEach(
                    (instance, numbers) -> assertThat(numbers).as(instance).isNotEmpty());
            for (String instance : INSTANCES) {
                allIsWell(landscape, state, instance, accepted.getOrDefault(instance, List.of()));
            }
        }
    }

    private Map<String, Object> data(String instance) throws IOException {
        Path data = Files.createDirectories(folder.resolve(instance));
        byte[] content = new byte[12 << 20];
        new Random(instance.hashCode()).nextBytes(content);
        Files.write(data.resolve("content"), content);
        return Map.of("kind", "directory", "path", data.toString());
    }

    /** Asks for one backup after the other, each until an answer comes, with the same key each time. */
    private List<Long> ask(Landscape landscape, String instance) throws InterruptedException {
        Api api = landscape.api();
        List<Long> numbers = new ArrayList<>();
        for (int i = 0; !over.get(); i++) {
            String key = instance + "-" + i;
            for (boolean answered = false; !answered; ) {
                Api.Answer answer = api.send("POST", "/instances/" + instance + "/backups", "", "Idempotency-Key", key);
                answered = answer.status() == 201;
                if (answered) {
                    numbers.add(answer.json().get("id").longValue());
                } else {
                    assertThat(answer.status())
                            .as("what a caller sees of a killed server: " + answer)
                            .isIn(0, 500, 503);
                }
                Thread.sleep(200);
            }
            Api.Answer last = new Api.Answer(0, "");
            while (!over.get() && !(last.status() == 200 && hasEnded(last.json()))) {
                Thread.sleep(200);
                last = api.get("/instances/" + instance + "/backups/" + numbers.getLast());
            }
        }
        return numbers;
    }

    private static boolean hasEnded(JsonNode backup) {
        return List.of("done", "failed").contains(backup.path("status").asString(""));
    }

    private void kill(Landscape landscape, PostgresCluster state, StoreProcess store) throws Exception {
        Random random = new Random(SEED);
        Instant end = Instant.now().plus(LENGTH);
        int kills = 0;
        while (Instant.now().isBefore(end)) {
            Thread.sleep(500 + random.nextInt(2_500));
            int down = 200 + random.nextInt(2_500);
            int victim = random.nextInt(MANAGERS + INSTANCES.size() + 2);
            kills++;
            if (victim < MANAGERS) {
                log.info("seed {}: manager {} is killed for {} ms", SEED, victim, down);
                Objects.requireNonNull(managers.get(victim)).kill();
                Thread.sleep(down);
                managers.put(victim, landscape.startManagerBeside(victim));
            } else if (victim < MANAGERS + INSTANCES.size()) {
                String instance = INSTANCES.get(victim - MANAGERS);
                log.info("seed {}: the agent of {} is killed for {} ms", SEED, instance, down);
                Objects.requireNonNull(agents.get(instance)).kill();
                Thread.sleep(down);
                agents.put(instance, landscape.startAgent(instance, 0, data(instance)));
            } else if (victim == MANAGERS + INSTANCES.size()) {
                log.info("seed {}: PostgreSQL is killed for {} ms", SEED, down);
                state.crash();
                Thread.sleep(down);
                state.startAgain();
            } else {
                log.info("seed {}: the store is killed for {} ms", SEED, down);
                store.kill();
                Thread.sleep(down);
                store.startAgain();
            }
        }
        log.info("{} kills in {}", kills, LENGTH);
    }

    private void allIsWell(Landscape landscape, PostgresCluster state, String instance, List<Long> accepted) {
        Api api = landscape.api();
        assertThat(accepted).as(instance).doesNotHaveDuplicates();
        String path = "/instances/" + instance + "/backups";
        if (api.get(path).json().isEmpty()) {
            // A short run may end before the minute does.
            assertThat(instance).isEqualTo(SCHEDULED_ONLY);
            assertThat(LENGTH).isLessThan(Duration.ofMinutes(2));
            return;
        }
        // The schedule goes on: wait for all that was queued by the end of the kills.
        long last = api.get(path).json().get(0).get("id").longValue();
        api.await(
                path,
                list -> list.valueStream()
                        .filter(each -> each.get("id").longValue() <= last)
                        .allMatch(each -> List.of("done", "failed")
                                .contains(each.get("status").asString())));
        Map<Long, JsonNode> backups = api.get(path)
                .json()
                .valueStream()
                .filter(each -> each.get("id").longValue() <= last)
                .collect(Collectors.toMap(each -> each.get("id").longValue(), each -> each));

        assertThat(backups.keySet()).as("what was accepted is there").containsAll(accepted);
        assertThat(backups.values())
                .as(instance + "\n" + landscape.logs())
                .allSatisfy(each -> assertThat(each.get("status").asString())
                        .as(each.toString())
                        .isEqualTo("done"));
        // By hand or by schedule, each once; and each attempt of a job but the last was given up.
        long scheduled = Long.parseLong(state.psql("postgres", """
                SELECT count(DISTINCT s.job) FROM slot s JOIN instance i ON i.id = s.instance JOIN backup b ON b.job = s.job
                WHERE i.instance_id = '%s' AND b.id <= %d""".formatted(instance, last)));
        assertThat(backups).hasSize(accepted.size() + (int) scheduled);
        assertThat(state.psql(
                        "postgres", "SELECT job FROM attempt WHERE outcome = 'DONE' GROUP BY job HAVING count(*) > 1"))
                .isEmpty();
        if (instance.equals(SCHEDULED_ONLY)) {
            assertThat(scheduled)
                    .as("slots that were missed run once, so some minutes may lack")
                    .isGreaterThanOrEqualTo(LENGTH.toMinutes() / 2);
        }
        log.info("{}: {} by hand, {} by schedule, all done", instance, accepted.size(), scheduled);

        JsonNode newest = Objects.requireNonNull(backups.get(last));
        assertThat(api.post(path + "/" + last + "/verify").status()).isEqualTo(202);
        api.await(
                path + "/" + last,
                each -> each.get("verification").get("state").asString().equals("passed"));
        assertThat(newest.get("size").longValue()).isGreaterThan(12 << 20);
    }
}
