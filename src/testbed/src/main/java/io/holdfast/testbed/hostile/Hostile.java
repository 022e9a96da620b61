package io.holdfast.testbed.hostile;

import io.holdfast.format.json.Json;
import io.holdfast.testbed.Certificates;
import io.holdfast.testbed.load.HttpsConnection;
import io.holdfast.testbed.load.Latencies;
import io.holdfast.testbed.load.ManagerProcess;
import io.holdfast.testbed.load.ManagerSetup;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * A real manager with real agents that make backups, operators and agents that call, and a crowd of hostile connections:
 * compares how long the calls take without the crowd, before and after, and within, and says whether what is promised holds. {@code scripts/hostile}
 * says what and how.
 */
public final class Hostile implements AutoCloseable {
    private static final int SERVICES = 3;
    private static final int FILES = 20;
    private static final int FILE_BYTES = 200_000;
    private static final long AFTERWARDS_MILLIS = 5000;
    /** Below that nobody notices, and the machine's own doings are all that is measured. */
    private static final double UNNOTICED_MILLIS = 10;

    private static final String BROKERS_PASSWORD = "a long password";

    private final Path folder;
    private final Path root;
    private final Size size;
    private final ManagerSetup setup;
    private final ManagerProcess manager;
    private final List<Process> agents = new ArrayList<>();
    private final List<Probe> probes;
    private final List<Backups> backups = new ArrayList<>();
    private final List<String> broken = new ArrayList<>();

    /**
     * How much of it there is.
     *
     * @param connections of the crowd, in all
     * @param eachSecond how many of them are opened in a second
     * @param seconds how long is measured before the crowd comes, and after; the same time goes before that
     * @param memory the manager's in MB
     * @param mostTimes how many times as long calls may take in the crowd
     */
    public record Size(int connections, int eachSecond, int seconds, int memory, double mostTimes) {}

    private Hostile(Path folder, Path root, Size size) throws IOException, InterruptedException {
        this.folder = folder;
        this.root = root;
        this.size = size;
        setup = new ManagerSetup(folder);
        Path config = setup.config(Map.of(
                "brokers", List.of(Map.of("name", "hostile", "password", BROKERS_PASSWORD)),
                "schedule", Map.of("enabled", false)));
        manager = new ManagerProcess(
                List.of(root.resolve("scripts/lib/start-manager").toString()),
                config,
                Files.readAllLines(folder.resolve("java.args")),
                folder.resolve("manager.log"));
        setup.awaitReady(manager::isAlive);
        probes = probes();
    }

    /**
     * Runs it, and ends with 1 when a promise does not hold.
     *
     * @param arguments a folder with a file {@code java.args}, the clone's folder, and then {@link Size}'s numbers
     */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        List<String> broken = run(
                Path.of(arguments[0]),
                Path.of(arguments[1]),
                new Size(
                        Integer.parseInt(arguments[2]),
                        Integer.parseInt(arguments[3]),
                        Integer.parseInt(arguments[4]),
                        Integer.parseInt(arguments[5]),
                        Double.parseDouble(arguments[6])));
        broken.forEach(each -> System.out.println("BROKEN: " + each));
        System.out.println(broken.isEmpty() ? "all of it holds" : broken.size() + " promises are broken");
        System.exit(broken.isEmpty() ? 0 : 1);
    }

    /**
     * Runs it with jars that are built.
     *
     * @param folder where all of it lies, with a file {@code java.args}: the arguments of the manager's JVM
     * @return which promises do not hold
     */
    public static List<String> run(Path folder, Path root, Size size) throws IOException, InterruptedException {
        try (Hostile hostile = new Hostile(folder, root, size)) {
            return hostile.run();
        }
    }

    private List<Probe> probes() {
        String hello =
                "{\"session\":\"probe\",\"service\":\"postgresql\",\"version\":\"1\",\"host\":\"db\",\"tools\":[],"
                        + "\"warnings\":[],\"protocol\":3"
                        + ",\"capabilities\":[\"backup\",\"restore\",\"format_2\"]}";
        String claim = "{\"session\":\"probe\",\"wait_seconds\":0,\"memory\":{\"resident_bytes\":1,"
                + "\"resident_with_children_bytes\":1,\"heap_bytes\":1,\"direct_bytes\":1}}";
        var agentsTls = setup.certificates().agentContext("probe");
        Probe.Connector agent = () -> new HttpsConnection(agentsTls, setup.agentsPort(), "");
        return List.of(
                new Probe(
                        "operator, connection kept",
                        setup::operator,
                        connection -> connection.call("GET", "/instances", ""),
                        false,
                        100),
                new Probe(
                        "operator, new connection",
                        setup::operator,
                        connection -> connection.call("GET", "/queue", ""),
                        true,
                        500),
                new Probe(
                        "agent, connection kept",
                        agent,
                        connection -> {
                            HttpsConnection.Answer answer = connection.call("POST", "/agent/v1/claim", claim);
                            return answer.status() == 409 ? connection.call("POST", "/agent/v1/hello", hello) : answer;
                        },
                        false,
                        100),
                new Probe(
                        "agent, new connection",
                        agent,
                        connection -> connection.call("POST", "/agent/v1/hello", hello),
                        true,
                        500));
    }

    private List<String> run() throws IOException, InterruptedException {
        startServices();
        try (HttpsConnection broker =
                new HttpsConnection(setup.certificates().trustingContext(), setup.port(), crowds())) {
            HttpsConnection.Answer registered =
                    broker.call("PUT", "/instances/hostile", "{\"service\":\"postgresql\"}");
            if (registered.status() != 201) {
                throw new IllegalStateException(registered.text());
            }
        }
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < SERVICES; i++) {
            Backups each = new Backups(setup, service(i));
            backups.add(each);
            threads.add(Thread.ofPlatform().start(each));
        }
        probes.forEach(each -> threads.add(Thread.ofPlatform().start(each)));
        // The compilers have done their work after that.
        Thread.sleep(size.seconds() * 1000L);
        probes.forEach(Probe::next);
        Thread.sleep(size.seconds() * 1000L);
        List<Latencies> quiet = times();
        int orderedBefore = ordered();
        String crowd = crowd();
        List<Latencies> crowded = times();
        int orderedDuring = ordered() - orderedBefore;
        // Without it again: what else the machine does meanwhile counts on both sides.
        Thread.sleep(AFTERWARDS_MILLIS);
        probes.forEach(Probe::next);
        Thread.sleep(size.seconds() * 1000L);
        List<Latencies> afterwards = times();
        for (int i = 0; i < quiet.size(); i++) {
            quiet.get(i).add(afterwards.get(i));
        }
        probes.forEach(Probe::stop);
        backups.forEach(Backups::stop);
        for (Thread each : threads) {
            each.join();
        }
        tell(quiet, crowded);
        tellRest(crowd, orderedDuring);
        return broken;
    }

    /** Of each probe, since this was asked last. */
    private List<Latencies> times() {
        return probes.stream().map(Probe::next).toList();
    }

    private int ordered() {
        return backups.stream().mapToInt(Backups::ordered).sum();
    }

    private static String service(int number) {
        return "service-" + number;
    }

    private static String crowds() {
        return "Authorization: Basic "
                + Base64.getEncoder()
                        .encodeToString(("hostile:" + BROKERS_PASSWORD).getBytes(StandardCharsets.US_ASCII))
                + "\r\n";
    }

    /** Folders with files in them, and an agent beside each. */
    private void startServices() throws IOException, InterruptedException {
        Random random = new Random(1);
        for (int i = 0; i < SERVICES; i++) {
            Path data = Files.createDirectories(folder.resolve("data-" + i));
            for (int file = 0; file < FILES; file++) {
                byte[] content = new byte[FILE_BYTES];
                random.nextBytes(content);
                Files.write(data.resolve("file-" + file), content);
            }
            Certificates.Issued identity = setup.certificates().agent(service(i), 0);
            Map<String, Object> config = Map.of(
                    "manager",
                    Map.of(
                            "url", "https://127.0.0.1:" + setup.agentsPort(),
                            "ca_file", setup.certificates().caFile().toString(),
                            "certificate_file", identity.certificateFile().toString(),
                            "private_key_file", identity.privateKeyFile().toString()),
                    "work_directory",
                    folder.resolve("work-" + i).toString(),
                    "trusted_ca_files",
                    List.of(setup.certificates().caFile().toString()),
                    "adapter",
                    Map.of("kind", "directory", "path", data.toString()));
            Path file = Files.write(
                    folder.resolve("agent-" + i + ".json"), Json.mapper().writeValueAsBytes(config));
            agents.add(new ProcessBuilder(
                            root.resolve("scripts/lib/start-agent").toString(), file.toString())
                    .redirectErrorStream(true)
                    .redirectOutput(folder.resolve("agent-" + i + ".log").toFile())
                    .start());
        }
        for (int i = 0; i < SERVICES; i++) {
            while (!isRegistered(service(i))) {
                Thread.sleep(100);
            }
        }
    }

    private boolean isRegistered(String instance) throws IOException {
        try (HttpsConnection operator = setup.operator()) {
            HttpsConnection.Answer answer = operator.call("GET", "/instances/" + instance, "");
            if (answer.status() >= 500) {
                throw new IllegalStateException(answer.status() + " " + answer.text());
            }
            return answer.status() == 200;
        }
    }

    /** Has the crowd open all of its connections, and answers what it said at last. */
    private String crowd() throws IOException, InterruptedException {
        Path keys = folder.resolve("hostile.p12");
        setup.certificates().writeAgentKeyStore("hostile", keys);
        ProcessBuilder builder = new ProcessBuilder(
                        "nice",
                        "-n",
                        "19",
                        Path.of(System.getProperty("java.home"), "bin/java").toString(),
                        "-Xmx3g",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        Crowd.class.getName(),
                        keys.toString(),
                        Integer.toString(setup.port()),
                        Integer.toString(setup.agentsPort()),
                        Integer.toString(size.connections()),
                        Integer.toString(size.eachSecond()))
                .redirectError(folder.resolve("crowd.log").toFile());
        builder.environment().put("CROWD_CREDENTIALS", crowds().strip());
        Process process = builder.start();
        String last = "";
        try (BufferedReader said =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII))) {
            for (String line = said.readLine(); line != null && !line.equals("all"); line = said.readLine()) {
                last = line;
            }
            process.getOutputStream().close();
            for (String line = said.readLine(); line != null; line = said.readLine()) {
                last = line;
            }
        }
        process.waitFor();
        return last;
    }

    private void tell(List<Latencies> without, List<Latencies> within) {
        System.out.printf(
                "%-28s %9s %9s %9s %9s %7s%n", "milliseconds", "median", "in crowd", "95 %", "in crowd", "calls");
        for (int i = 0; i < probes.size(); i++) {
            Probe probe = probes.get(i);
            Latencies quiet = without.get(i);
            Latencies crowded = within.get(i);
            System.out.printf(
                    "%-28s %9.1f %9.1f %9.1f %9.1f %7d%n",
                    probe.name(),
                    quiet.millis(0.5),
                    crowded.millis(0.5),
                    quiet.millis(0.95),
                    crowded.millis(0.95),
                    crowded.count());
            for (double share : new double[] {0.5, 0.95}) {
                double most = size.mostTimes() * Math.max(quiet.millis(share), UNNOTICED_MILLIS);
                require(
                        crowded.millis(share) <= most,
                        "%s: %.0f %% of the calls take up to %.1f ms in the crowd, more than %.1f ms"
                                .formatted(probe.name(), share * 100, crowded.millis(share), most));
            }
            probe.failures().forEach(each -> require(false, probe.name() + " is refused: " + each));
        }
    }

    private void tellRest(String crowd, int orderedDuring) throws IOException {
        System.out.println("the crowd: " + crowd);
        require(crowd.contains("opened=" + size.connections() + " "), "the crowd did not come in: " + crowd);
        long peak = manager.isAlive() ? manager.residentBytes(true) / (1024 * 1024) : -1;
        System.out.println("the manager's memory: " + peak + " MB at most, of " + size.memory());
        require(manager.isAlive(), "the manager has ended");
        require(peak <= size.memory(), "the manager took " + peak + " MB");
        int followed = backups.stream().mapToInt(Backups::followed).sum();
        System.out.println("backups: " + ordered() + " ordered, " + orderedDuring + " of them in the crowd, " + followed
                + " followed by their events; all ended well and verify, unless told below");
        require(orderedDuring >= SERVICES, "hardly a backup was made in the crowd");
        backups.forEach(each -> each.failures().forEach(what -> require(false, what)));
    }

    private void require(boolean holds, String otherwise) {
        if (!holds) {
            broken.add(otherwise);
        }
    }

    @Override
    public void close() {
        agents.forEach(Process::destroy);
        manager.close();
        for (Process agent : agents) {
            try {
                agent.waitFor();
            } catch (InterruptedException e) {
                agent.destroyForcibly();
            }
        }
    }
}
