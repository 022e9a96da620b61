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
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** The contract against a real search engine with TLS and users, and what only search engines have. */
abstract class SearchContract extends ServerContract {
    static final String PASSWORD = "of the agent: \"quoted\"";
    static final Path ENGINES = Path.of("../engines/target");

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

    /** What has to be there before the agent. */
    void prepare() {}

    /** Data that only some distributions can have. */
    void fillMore() {}

    /** The same for a change. */
    void changeMore() {}

    /** The same for the removal. */
    void loseMore() {}

    @Override
    void fill() {
        lose();
        prepare();
        indexes().fill();
        fillMore();
        ask("POST", "/_refresh", "");
    }

    @Override
    void fillLittle() {
        lose();
        prepare();
        indexes().fillLittle();
        ask("POST", "/_refresh", "");
    }

    @Override
    void change() {
        indexes().change();
        changeMore();
    }

    @Override
    void lose() {
        loseMore();
        indexes().lose();
    }

    @Override
    String listing() {
        return indexes().listing();
    }

    @Override
    void fillLarge() {
        indexes().addLarge();
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
                commandsByHand("opensearch", "## Undoing a restore by hand"),
                Map.of("KEPT", children("kept").getFirst().toString(), "PRE_RESTORE", safetyCopy()));
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

    /** Of that, a pre-restore copy knows nothing. */
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

    HardIndexes indexes() {
        return new HardIndexes(server);
    }

    void ask(String method, String path, String body) {
        indexes().ask(method, path, body);
    }

    JsonNode json(String path) {
        return indexes().json(path);
    }

    boolean exists(String path) {
        return indexes().exists(path);
    }
}
