package io.holdfast.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.agent.attempt.CrashPoints;
import io.holdfast.agent.config.AdapterConfig;
import io.holdfast.agent.config.SearchConfig;
import io.holdfast.agent.process.Command;
import io.holdfast.format.json.Json;
import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.JobFailure;
import io.holdfast.testbed.SearchServer;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The contract against a real search engine with TLS and users, and what only search engines have. */
abstract class SearchContract extends ServerContract {
    static final String PASSWORD = "of the agent: \"quoted\"";
    static final Path ENGINES = Path.of("../engines/target");

    /** The longest that there can be, beside names that look like others'. */
    private static final String LONG_NAME = "l".repeat(255);

    private static final String ODD_NAME = "ünï-日本+b";
    private static final String NO_COPIES = "\"index.number_of_replicas\": 0";

    /** Indexes that the engine makes for itself. */
    private static final List<String> ENGINES_OWN = List.of(".opendistro_security", ".plugins-", ".security");

    SearchServer server;

    /** Starts it, and makes the user as the adapter's page says. */
    abstract SearchServer start() throws Exception;

    abstract String kind();

    @BeforeAll
    void startServer() throws Exception {
        server = start();
    }

    @AfterAll
    void stopServer() {
        server.close();
    }

    @Override
    AdapterConfig config() throws IOException {
        return withPassword(PASSWORD);
    }

    /** Whether the contract is held with a repository that the engine writes by itself, instead of with a folder. */
    abstract boolean inEngineRepository();

    @Override
    AdapterConfig withPassword(String password) throws IOException {
        return config(password, inEngineRepository());
    }

    private SearchConfig config(String password, boolean inEngineRepository) throws IOException {
        return new SearchConfig(
                kind(),
                server.host(),
                server.port(),
                "holdfast",
                password,
                server.caFile(),
                inEngineRepository ? null : repository(),
                inEngineRepository ? new SearchConfig.EngineRepository("fs", engineRepository()) : null,
                Duration.ofMinutes(1),
                Command.UNLIMITED);
    }

    /** The shared folder: the test's own, or the small disk in it while there is one. */
    private Path repository() throws IOException {
        Path small = directory.resolve("small");
        Path folder = Files.isDirectory(small) ? small : directory;
        own(folder);
        return folder;
    }

    /** Of a repository that the engine writes to by itself: what else there is than a folder, the engines do not all have. */
    Map<String, String> engineRepository() throws IOException {
        Path folder = Files.createDirectories(directory.resolve("engine"));
        own(directory);
        own(folder);
        return Map.of("location", folder.toString());
    }

    /** Gives a folder to the engine's user. */
    static void own(Path folder) throws IOException {
        Files.setOwner(
                folder,
                folder.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(SearchServer.USER));
    }

    @Override
    @Nullable AdapterConfig withTools(Path folder) {
        return null; // tar is the machine's
    }

    @Override
    String page() {
        return kind();
    }

    /** What only some distributions have. */
    void fillMore() {}

    /** The same for a change. */
    void changeMore() {}

    /** The same for the removal. */
    void loseMore() {}

    @Override
    void fill() {
        lose();
        make("plain", "{\"settings\": {" + NO_COPIES + ", \"index.number_of_shards\": 3}}");
        StringBuilder bulk = new StringBuilder();
        for (int i = 0; i < 300; i++) {
            bulk.append("{\"index\": {\"_id\": \"")
                    .append(i)
                    .append("\"}}\n{\"number\": ")
                    .append(i)
                    .append(", \"text\": \"t ")
                    .append(i)
                    .append("\"}\n");
        }
        ask("POST", "/plain/_bulk?refresh=true", bulk.toString());
        make("types", """
                {"settings": {"index.number_of_replicas": 0, "index.refresh_interval": "-1"},
                 "mappings": {"dynamic": "strict", "properties": {
                  "k": {"type": "keyword", "ignore_above": 10}, "l": {"type": "long"}, "d": {"type": "date"},
                  "b": {"type": "binary"}, "g": {"type": "geo_point"}, "ip": {"type": "ip"}, "f": {"type": "double"},
                  "o": {"type": "object", "enabled": false}, "bool": {"type": "boolean"},
                  "n": {"type": "nested", "properties": {"a": {"type": "integer"}}}}}}
                """);
        ask("PUT", "/types/_doc/" + encoded("an id/with ünicode & more"), """
                {"k": "", "l": 9223372036854775807, "d": "2026-02-29T00:00:00Z", "b": "AAH/", "ip": "::1", "f": 1e-300,
                 "g": {"lat": -90, "lon": 180}, "o": {"any": [1, {"deep": null}]}, "bool": false,
                 "n": [{"a": 1}, {"a": 2}, {"a": null}]}
                """.replace("2026-02-29", "2024-02-29"));
        ask("PUT", "/types/_doc/empty?routing=elsewhere", "{}");
        make(
                "huge",
                "{\"settings\": {" + NO_COPIES + "}, \"mappings\": {\"properties\": {\"v\": {\"type\": \"binary\"}}}}");
        ask("PUT", "/huge/_doc/1", "{\"v\": \"" + "QUJD".repeat(500_000) + "\"}");
        make("empty", "{\"settings\": {" + NO_COPIES + ", \"index.number_of_shards\": 2}}");
        make(LONG_NAME, "{\"settings\": {" + NO_COPIES + "}}");
        ask("PUT", "/" + LONG_NAME + "/_doc/1", "{\"a\": 1}");
        make(ODD_NAME, "{\"settings\": {" + NO_COPIES + "}}");
        ask("PUT", "/" + encoded(ODD_NAME) + "/_doc/1", "{\"a\": 1}");
        make(".hidden", "{\"settings\": {" + NO_COPIES + ", \"index.hidden\": true}}");
        make("locked", "{\"settings\": {" + NO_COPIES + "}}");
        ask("PUT", "/locked/_doc/1", "{\"a\": 1}");
        ask("PUT", "/locked/_settings", "{\"index.blocks.write\": true}");
        ask("PUT", "/locked/_settings", "{\"index.blocks.read_only\": true}");
        make("sealed", "{\"settings\": {" + NO_COPIES + "}}");
        ask("PUT", "/sealed/_settings", "{\"index.blocks.read_only\": true}");
        make("shut", "{\"settings\": {" + NO_COPIES + "}}");
        ask("POST", "/shut/_close", "");
        make(
                "load",
                "{\"settings\": {" + NO_COPIES + ", \"index.max_result_window\": 1000000},"
                        + " \"mappings\": {\"properties\": {\"a\": {\"type\": \"long\"}, \"b\": {\"type\": \"long\"}}}}");
        make("roll-1", "{\"settings\": {" + NO_COPIES + "}}");
        make("roll-2", "{\"settings\": {" + NO_COPIES + "}}");
        ask("POST", "/_aliases", """
                {"actions": [
                 {"add": {"index": "plain", "alias": "few", "filter": {"range": {"number": {"lt": 10}}}, "routing": "1"}},
                 {"add": {"index": "types", "alias": "few"}},
                 {"add": {"index": "roll-1", "alias": "roll", "is_write_index": false}},
                 {"add": {"index": "roll-2", "alias": "roll", "is_write_index": true}}]}
                """);
        ask("PUT", "/_component_template/part", "{\"template\": {\"settings\": {\"index.number_of_replicas\": 0}}}");
        ask("PUT", "/_index_template/whole", """
                {"index_patterns": ["whole-*"], "composed_of": ["part"], "priority": 7,
                 "template": {"aliases": {"all": {}}, "mappings": {"properties": {"x": {"type": "long"}}}}}
                """);
        ask("PUT", "/_ingest/pipeline/nothing", "{\"description\": \"does nothing\", \"processors\": []}");
        fillMore();
        ask("POST", "/_refresh", "");
    }

    @Override
    void change() {
        ask("PUT", "/plain/_doc/1?refresh=true", "{\"number\": 7000}");
        ask("PUT", "/plain/_doc/new?refresh=true", "{\"number\": 7001}");
        ask("DELETE", "/plain/_doc/2?refresh=true", "");
        ask("DELETE", "/types,huge", "");
        make("types", "{\"settings\": {" + NO_COPIES + ", \"index.number_of_shards\": 2}}");
        ask("PUT", "/locked/_settings", "{\"index.blocks.read_only\": null}");
        ask("PUT", "/sealed/_settings", "{\"index.blocks.read_only\": null}");
        ask("PUT", "/sealed/_doc/1?refresh=true", "{}");
        ask("PUT", "/sealed/_settings", "{\"index.blocks.read_only\": true}");
        ask("POST", "/shut/_open", "");
        ask("PUT", "/shut/_doc/1?refresh=true", "{}");
        ask("POST", "/_aliases", """
                {"actions": [
                 {"add": {"index": "roll-2", "alias": "roll", "is_write_index": false}},
                 {"add": {"index": "roll-1", "alias": "roll", "is_write_index": true}},
                 {"add": {"index": "plain", "alias": "new"}}]}
                """);
        ask("PUT", "/_ingest/pipeline/nothing", "{\"description\": \"changed\", \"processors\": []}");
        if (exists("/_index_template/whole")) {
            ask("DELETE", "/_index_template/whole", "");
        }
        changeMore();
    }

    @Override
    void lose() {
        loseMore();
        for (String index : indices()) {
            ask("PUT", "/" + encoded(index) + "/_settings", "{\"index.blocks.read_only\": null}");
            ask("DELETE", "/" + encoded(index), "");
        }
        for (String path :
                List.of("/_index_template/whole", "/_component_template/part", "/_ingest/pipeline/nothing")) {
            if (exists(path)) {
                ask("DELETE", path, "");
            }
        }
    }

    @Override
    String listing() {
        ask("POST", "/_refresh?expand_wildcards=open", "");
        Map<String, JsonNode> found = new TreeMap<>();
        List<String> lines = new ArrayList<>();
        for (JsonNode index : json("/_resolve/index/*?expand_wildcards=all").path("indices")) {
            found.put(index.path("name").asString(), index);
        }
        found.keySet().removeIf(name -> ENGINES_OWN.stream().anyMatch(name::startsWith));
        for (Map.Entry<String, JsonNode> index : found.entrySet()) {
            JsonNode whole = json("/" + encoded(index.getKey()) + "?expand_wildcards=all")
                    .path(index.getKey());
            ((ObjectNode) whole.path("settings").path("index")).remove("uuid");
            lines.add(index.getKey() + " " + index.getValue() + " " + whole);
            if (!index.getValue().toString().contains("closed")
                    && !index.getKey().equals("load")) {
                lines.addAll(documents(index.getKey()));
            }
        }
        lines.add(json("/_resolve/index/*").path("data_streams").toString());
        lines.add(sorted("/_component_template", "component_templates"));
        lines.add(sorted("/_index_template", "index_templates"));
        lines.add(server.send("GET", "/_ingest/pipeline", "").body());
        lines.add(json("/_cluster/settings").toString());
        JsonNode repositories = json("/_snapshot");
        repositories.forEach(repository -> ((ObjectNode) repository).remove("uuid"));
        lines.add(repositories.toString());
        return String.join("\n", lines);
    }

    /** The engine lists them in any order. */
    private String sorted(String path, String list) {
        return json(path)
                .path(list)
                .valueStream()
                .map(JsonNode::toString)
                .sorted()
                .toList()
                .toString();
    }

    private List<String> documents(String index) {
        List<String> documents = new ArrayList<>();
        for (JsonNode hit :
                json("/" + encoded(index) + "/_search?size=1000").path("hits").path("hits")) {
            ((ObjectNode) hit).remove("_score");
            String text = hit.toString();
            documents.add(text.length() > 2000 ? text.substring(0, 200) + text.hashCode() : text);
        }
        return documents.stream().sorted().toList();
    }

    @Override
    void spoil() {
        ask("DELETE", "/huge", "");
    }

    @Override
    void garble(Path staged) throws IOException {
        String unpacked =
                repository() + "/" + Objects.requireNonNull(staged.getParent()).getFileName() + "-\\w+-backup/.*";
        try (Stream<Path> files = Files.walk(repository())) {
            for (Path file : files.filter(each -> each.toString().matches(unpacked)
                            && each.getFileName().toString().startsWith("__"))
                    .toList()) {
                byte[] bytes = Files.readAllBytes(file);
                Arrays.fill(bytes, bytes.length / 2, Math.min(bytes.length, bytes.length / 2 + 20), (byte) 7);
                Files.write(file, bytes);
            }
        }
    }

    @Override
    Map<String, String> environmentByHand() {
        return Map.of(
                "SEARCH_URL",
                "https://" + server.host() + ":" + server.port(),
                "SEARCH_CA",
                Objects.requireNonNull(server.caFile()).toString(),
                "SEARCH_AUTH",
                SearchServer.ADMIN + ":" + server.password(),
                "REPOSITORY_PATH",
                directory.toString());
    }

    @Override
    void kill() {
        server.kill();
    }

    @Override
    void restart() {
        server.restart();
    }

    @Override
    void fillLarge() {
        make("large", "{\"settings\": {" + NO_COPIES + "}, \"mappings\": {\"enabled\": false}}");
        byte[] bytes = new byte[900_000];
        Random random = new Random(1);
        for (int i = 0; i < 60; i++) {
            random.nextBytes(bytes);
            ask("PUT", "/large/_doc/" + i, "{\"v\": \"" + Base64.getEncoder().encodeToString(bytes) + "\"}");
        }
    }

    @Override
    Writer writer() {
        return new Writer() {
            @Override
            public void write(long number) {
                ask("PUT", "/load/_doc/" + number, "{\"a\": " + number + ", \"b\": " + number + "}");
            }

            @Override
            public void close() {
                // Each write is a request of its own.
            }
        };
    }

    @Override
    List<Long> written() {
        ask("POST", "/load/_refresh", "");
        TreeSet<Long> numbers = new TreeSet<>();
        for (JsonNode hit : json("/load/_search?size=100000").path("hits").path("hits")) {
            JsonNode source = hit.path("_source");
            assertThat(source.path("a")).isEqualTo(source.path("b"));
            numbers.add(source.path("a").asLong());
        }
        return List.copyOf(numbers);
    }

    /** A backup the other way, back over changed data; and neither way takes the other's backups. */
    @Test
    void backupsOfBothWaysComeBackButOnlyTheirOwnWay() throws Exception {
        registerEngineRepository();
        fill();
        String before = listing();
        String backup;
        try (RunningAgent _ = agent()) {
            backup = backup();
        }
        try (RunningAgent agent =
                new RunningAgent(manager, config(PASSWORD, !inEngineRepository()), directory, CrashPoints.none())) {
            manager.orderRestore(backup, 0);
            JobFailure failed = failedRestore();
            assertThat(failed.code()).isEqualTo(FailureCode.RESTORE_FAILED);
            assertThat(failed.hint()).contains(inEngineRepository() ? "engine_repository" : "repository_path");
            backup = backup();
            assertThat(manager.result(backup).facts()).containsKey("system_indices");
            change();
            manager.orderRestore(backup, 24);
            String kept = restored().kept().getLast();
            assertThat(
                            kept.startsWith("snapshot before-restore-")
                                    ? exists("/_snapshot/holdfast/" + kept.substring("snapshot ".length()))
                                    : Files.isDirectory(Path.of(kept)))
                    .as(kept)
                    .isTrue();
            assertThat(listing()).isEqualTo(before);
            assertNothingLeft(agent);
        }
    }

    /** The commands of the page, after a restore that was cut off when it had let users in already. */
    @Test
    void restoreIsOpenedAgainAfterAFailureAndCanBeTakenBackByHand() throws Exception {
        fill();
        String inBackup = listing();
        String backup;
        String before;
        Path obstacle = directory.resolve("kept");
        try (RunningAgent _ = agent()) {
            backup = backup();
            change();
            before = listing();
            Files.createFile(obstacle);
            manager.orderRestore(backup, 24);
            assertThat(manager.report()).isInstanceOf(JobFailure.class);
        }
        Files.delete(obstacle);
        try (RunningAgent agent = agent()) {
            Await.until(() -> journals().isEmpty());
            assertThat(listing()).isEqualTo(inBackup);
            assertNothingLeft(agent);
        }
        shell(
                commandsByHand("opensearch", "## Taking a restore back by hand"),
                Map.of("KEPT", children("kept").getFirst().toString(), "SAFETY", safetyCopy()));
        loseWhatOnlyTheBackupHas();
        assertThat(listing()).isEqualTo(before);
    }

    /** Where the last restore has put it, as an outcome names it. */
    private String safetyCopy() throws IOException {
        if (inEngineRepository()) {
            return "snapshot "
                    + json("/_snapshot/holdfast/before-*?verbose=false")
                            .findValuesAsString("snapshot")
                            .getLast();
        }
        return children("").stream()
                .map(Path::toString)
                .filter(name -> name.endsWith("-old"))
                .max(Comparator.naturalOrder())
                .orElseThrow();
    }

    /** Of that, a safety copy knows nothing. */
    void loseWhatOnlyTheBackupHas() {
        ask("DELETE", "/huge", "");
        ask("DELETE", "/_index_template/whole", "");
    }

    /** As an agent does it that has it, so that it is no change when one does. */
    void registerEngineRepository() throws IOException {
        ask(
                "PUT",
                "/_snapshot/holdfast",
                Json.mapper().writeValueAsString(Map.of("type", "fs", "settings", engineRepository())));
    }

    /** The role that the adapter's page gives: the first piece of JSON in it. */
    String documentedRole() throws IOException {
        String document = document("adapters/" + page() + ".md");
        int begin = document.indexOf("```json\n") + 8;
        return document.substring(begin, document.indexOf("```", begin)).strip();
    }

    void ask(String method, String path, String body) {
        server.call(method, path, body);
    }

    void make(String index, String body) {
        ask("PUT", "/" + encoded(index), body);
    }

    JsonNode json(String path) {
        return Json.mapper().readTree(server.call("GET", path, ""));
    }

    boolean exists(String path) {
        return server.send("GET", path, "").statusCode() == 200;
    }

    List<String> indices() {
        List<String> names = new ArrayList<>();
        for (JsonNode index : json("/_resolve/index/*?expand_wildcards=all").path("indices")) {
            String name = index.path("name").asString();
            if (ENGINES_OWN.stream().noneMatch(name::startsWith)) {
                names.add(name);
            }
        }
        return names;
    }

    private static String encoded(String name) {
        return URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
