package io.holdfast.testbed.load;

import static io.holdfast.testbed.load.Load.say;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** What a manager does while agents wait for jobs and get some, more and more often. */
final class Measurement {
    private static final double GIGA = 1e9;
    private static final long MIB = 1 << 20;
    private static final int OPERATORS = 8;
    private static final int CONNECTING_AT_ONCE = 100;
    private static final Duration SETTLE = Duration.ofSeconds(25);
    private static final Duration BETWEEN_PAGES = Duration.ofMillis(250);

    private final ManagerProcess manager;
    private final Connector operator;
    private final Connector scraper;
    private final int instances;
    private final Random random = new Random(1);
    private final AtomicInteger refused = new AtomicInteger();

    /** Makes connections. */
    interface Connector {
        HttpsConnection connect() throws IOException;
    }

    /** Makes simulated agents. */
    interface Agents {
        /** The agent of the instance with this number. */
        SimulatedAgent agent(int number, SimulatedAgent.Crowd crowd);
    }

    /**
     * Prepares it.
     *
     * @param operator connects as an operator
     * @param scraper connects as one who reads metrics
     */
    Measurement(ManagerProcess manager, Connector operator, Connector scraper, int instances) {
        this.manager = manager;
        this.operator = operator;
        this.scraper = scraper;
        this.instances = instances;
    }

    /**
     * Measures, and prints what comes out.
     *
     * @param rates how many jobs a second, one after the other
     * @param each how long each rate
     * @param work how long a job takes
     */
    void run(Agents agents, int count, List<Integer> rates, Duration each, Duration work)
            throws IOException, InterruptedException {
        lists();
        SimulatedAgent.Crowd crowd = new SimulatedAgent.Crowd(work);
        List<SimulatedAgent> all = connect(agents, count, crowd);
        Thread.sleep(SETTLE);
        long asked = crowd.questions.get();
        Watch watch = new Watch();
        Thread.sleep(each);
        say("%d agents wait: %.0f questions/s, %s"
                .formatted(count, (crowd.questions.get() - asked) / watch.seconds(), watch));
        for (int rate : rates) {
            step(all, crowd, rate, each);
        }
        crowd.end();
        say("failed connections of agents: %d; refused orders: %d".formatted(crowd.failures.get(), refused.get()));
        say("the manager's memory at most: %d MiB".formatted(manager.residentBytes(true) / MIB));
    }

    private final class Watch {
        private final long begin = System.nanoTime();
        private final double cpu = manager.cpuSeconds();

        Watch() throws IOException {}

        double seconds() {
            return (System.nanoTime() - begin) / GIGA;
        }

        @Override
        public String toString() {
            try {
                return "%.2f processors, %d MiB"
                        .formatted((manager.cpuSeconds() - cpu) / seconds(), manager.residentBytes(false) / MIB);
            } catch (IOException e) {
                return "the manager has ended";
            }
        }
    }

    private List<SimulatedAgent> connect(Agents agents, int count, SimulatedAgent.Crowd crowd)
            throws IOException, InterruptedException {
        List<SimulatedAgent> all = new ArrayList<>();
        for (int i = 1; i <= count; i++) {
            // Spread over all instances.
            all.add(agents.agent((int) ((long) (i - 1) * instances / count) + 1, crowd));
        }
        Watch watch = new Watch();
        int begun = 0;
        for (SimulatedAgent agent : all) {
            while (begun - crowd.waiting.get() > CONNECTING_AT_ONCE) {
                Thread.sleep(5);
            }
            begun++;
            Thread.ofVirtual().name(agent.instanceId()).start(agent);
        }
        while (crowd.waiting.get() < count) {
            Thread.sleep(50);
        }
        say("%d agents are connected after %.0f s, %s".formatted(count, watch.seconds(), watch));
        return all;
    }

    private void step(List<SimulatedAgent> all, SimulatedAgent.Crowd crowd, int rate, Duration each)
            throws IOException, InterruptedException {
        Latencies handOvers = new Latencies();
        crowd.record(handOvers);
        Map<String, Latencies> pages = new LinkedHashMap<>();
        Watch watch = new Watch();
        long end = System.nanoTime() + each.toNanos();
        List<Thread> threads = new ArrayList<>();
        for (String path : pagePaths()) {
            Latencies times = new Latencies();
            pages.merge(path.replaceAll("load-[0-9]+", "{id}").replaceAll("after=.*", "after=…"), times, (a, b) -> a);
            threads.add(Thread.ofVirtual().start(() -> ask(path, times, end)));
        }
        Semaphore due = new Semaphore(0);
        for (int i = 0; i < OPERATORS; i++) {
            threads.add(Thread.ofVirtual().start(() -> order(all, due, end)));
        }
        long begin = System.nanoTime();
        for (long n = 0; begin + n * (long) GIGA / rate < end; n++) {
            long at = begin + n * (long) GIGA / rate;
            if (at > System.nanoTime()) {
                Thread.sleep(Duration.ofNanos(at - System.nanoTime()));
            }
            due.release();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        say("%d jobs/s: hand-over %s, %s, orders that waited: %d"
                .formatted(rate, handOvers, watch, due.availablePermits()));
        pages.forEach((path, times) -> say("    %-52s %s".formatted(path, times)));
    }

    private void order(List<SimulatedAgent> all, Semaphore due, long end) {
        try (HttpsConnection connection = operator.connect()) {
            while (true) {
                if (!due.tryAcquire(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS)) {
                    return;
                }
                SimulatedAgent agent;
                do {
                    agent = all.get(random.nextInt(all.size()));
                } while (!agent.order());
                if (connection
                                .call(
                                        "POST",
                                        "/backup_agent/backup",
                                        "{\"instance_guid\":\"" + agent.instanceId() + "\"}")
                                .status()
                        != 201) {
                    refused.incrementAndGet();
                }
            }
        } catch (IOException e) {
            refused.incrementAndGet();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private List<String> pagePaths() {
        return List.of(
                "/instances?limit=100&after=" + Catalogue.instanceId(instances / 2),
                "/agents?limit=100&after=" + Catalogue.instanceId(instances / 2) + "/0",
                "/instances/" + Catalogue.instanceId(instances / 3) + "/backups?limit=100",
                "/instances/" + Catalogue.instanceId(instances / 3) + "/restores?limit=100");
    }

    private void ask(String path, Latencies times, long end) {
        try (HttpsConnection connection = operator.connect()) {
            while (System.nanoTime() < end) {
                long begin = System.nanoTime();
                if (connection.call("GET", path, "").status() != 200) {
                    refused.incrementAndGet();
                }
                times.add(System.nanoTime() - begin);
                Thread.sleep(BETWEEN_PAGES);
            }
        } catch (IOException e) {
            refused.incrementAndGet();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** What comes as a whole, once each. */
    private void lists() throws IOException {
        try (HttpsConnection connection = operator.connect();
                HttpsConnection metrics = scraper.connect()) {
            whole(connection, "/instances");
            whole(metrics, "/metrics");
            whole(metrics, "/metrics");
        }
    }

    private void whole(HttpsConnection connection, String path) throws IOException {
        Watch watch = new Watch();
        HttpsConnection.Answer answer = connection.call("GET", path, "");
        say("%s: %d, %.1f MB in %.1f s, %s"
                .formatted(path, answer.status(), answer.text().length() / 1e6, watch.seconds(), watch));
    }
}
