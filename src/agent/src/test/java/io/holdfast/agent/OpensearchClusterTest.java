package io.holdfast.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.agent.attempt.CrashPoints;
import io.holdfast.agent.config.SearchConfig;
import io.holdfast.agent.process.Command;
import io.holdfast.agent.standin.StandInManager;
import io.holdfast.format.json.Json;
import io.holdfast.protocol.BackupResult;
import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.JobFailure;
import io.holdfast.protocol.RestoreResult;
import io.holdfast.testbed.Certificates;
import io.holdfast.testbed.S3ProxyServer;
import io.holdfast.testbed.SearchServer;
import io.holdfast.testbed.SnapshotStore;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * The newest OpenSearch, without its security plugin, with a store in S3 that has an authority of its own; and two nodes
 * of it as a cluster that share a folder.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OpensearchClusterTest {
    private static final int DOCUMENTS = 500;

    @TempDir
    Path directory = Path.of("");

    private final Path storeFolder = temporaryFolder();
    private S3ProxyServer store;
    private SnapshotStore snapshotStore;
    private String basePath = "";
    private SearchServer node;
    private StandInManager manager;

    @BeforeAll
    void startNode() {
        Certificates certificates = new Certificates(storeFolder.resolve("certificates"));
        store = S3ProxyServer.start(storeFolder.resolve("objects"), certificates);
        snapshotStore = SnapshotStore.of(store, certificates, storeFolder);
        node = SearchServer.startFirst(SearchServer.Distribution.OPENSEARCH_3, SearchContract.ENGINES, snapshotStore);
    }

    @AfterAll
    void stopNode() {
        node.close();
        store.close();
    }

    @BeforeEach
    void startManager() throws IOException {
        SearchContract.own(directory);
        manager = new StandInManager(directory);
        // What the agent of the test before had no time to remove is somewhere else.
        basePath = UUID.randomUUID().toString();
    }

    @AfterEach
    void stopManager() throws Exception {
        manager.close();
        // The next test has another repository, which the engine refuses while this one is in use.
        Await.until(() -> Set.of(200, 404)
                .contains(node.send("DELETE", "/_snapshot/holdfast", "").statusCode()));
    }

    @Test
    void shardsOfAllNodesAreInABackupAndOneThatIsMissingFailsIt() throws Exception {
        SearchServer second = node.startSecond(SearchContract.ENGINES, snapshotStore);
        fillSpread();
        assertThat(ask("GET", "/_cat/shards/spread?h=node", "").lines().distinct())
                .as("both nodes have shards")
                .hasSize(2);
        try (RunningAgent _ = agent(directory, null)) {
            String backup = backup();
            assertThat(manager.result(backup).facts()).containsEntry("documents", (long) DOCUMENTS);

            ask("DELETE", "/spread", "");
            restore(backup, 0);
            assertCount(DOCUMENTS);

            second.kill();
            Await.until(() ->
                    ask("GET", "/_cat/health?h=status,node.total", "").strip().equals("red 1"));
            manager.orderBackup();
            JobFailure failed = (JobFailure) manager.report();
            assertThat(failed.code()).as(failed.toString()).isEqualTo(FailureCode.DUMP_FAILED);
            assertThat(failed.message()).contains("spread");
        } finally {
            second.close();
            ask("DELETE", "/spread", "");
        }
    }

    @Test
    void snapshotsInS3AreIncrementalAndGoWhenTheManagerNeedsThemNoMore() throws Exception {
        fillSpread();
        String first;
        String second;
        try (RunningAgent _ = agent(null, repository(repositorySettings()))) {
            first = backup();
            Map<String, Long> facts = manager.result(first).facts();
            assertThat(facts.get("snapshot_bytes")).isPositive().isEqualTo(facts.get("snapshot_new_bytes"));
            assertThat(objects()).isNotZero();

            ask("PUT", "/spread/_doc/one-more?refresh=true", "{\"n\": -1}");
            second = backup();
            facts = manager.result(second).facts();
            assertThat(facts.get("snapshot_new_bytes"))
                    .isPositive()
                    .isLessThan(Objects.requireNonNull(facts.get("snapshot_bytes")) / 2);

            restore(first, 24);
            assertCount(DOCUMENTS);
            restore(second, 0);
            assertCount(DOCUMENTS + 1);
            assertThat(snapshots()).hasSize(4);
        }
        long before = objects();
        manager.unneeded(first);
        Thread.sleep(1100); // the time for which a pre-restore copy is kept is in whole seconds
        try (RunningAgent _ = agent(null, repository(repositorySettings()))) {
            Await.until(() -> manager.snapshots().equals(List.of(first, second)));
            Await.until(() -> snapshots().size() == 2);
            assertThat(snapshots().getFirst()).isEqualTo("backup-" + second + "_1");
            assertThat(snapshots().getLast()).startsWith("before-restore-3-");
            assertThat(objects()).as("what only that snapshot had is gone").isLessThan(before);
            restore(second, 0);
            assertCount(DOCUMENTS + 1);

            ask("DELETE", "/_snapshot/holdfast/backup-" + second + "_1", "");
            manager.orderRestore(second, 0);
            JobFailure failed = (JobFailure) manager.report();
            assertThat(failed.code()).as(failed.toString()).isEqualTo(FailureCode.CORRUPT);
            assertThat(failed.message()).contains(second);
            assertCount(DOCUMENTS + 1);
        }
        ask("DELETE", "/spread", "");
    }

    /** The engine takes no other settings for a repository that is in use, nor the same ones. */
    @Test
    void repositoryThatIsInUseCanBeUsed() throws Exception {
        Map<String, String> settings = repositorySettings();
        settings.put("max_snapshot_bytes_per_sec", "200kb");
        try (RunningAgent _ = agent(null, repository(settings))) {
            backup();
            fillLarge();
            ask("PUT", "/_snapshot/holdfast/other?wait_for_completion=false", "{\"indices\": \"large\"}");
            assertThat(ask("GET", "/_snapshot/holdfast/other", "")).contains("IN_PROGRESS");
            String backup = backup();
            restore(backup, 0);
            ask("DELETE", "/_snapshot/holdfast/other", "");
        } finally {
            ask("DELETE", "/large", "");
        }
    }

    /** The engine remembers what was in a repository: that is no proof. */
    @Test
    void backupsWhoseRepositoryIsGoneAreMissedAndThatIsTold() throws Exception {
        fillSpread();
        String backup;
        try (RunningAgent _ = agent(null, repository(repositorySettings()))) {
            backup = backup();
        }
        try (RunningAgent _ = agent(null, repository(repositorySettings()))) {
            Await.until(() -> manager.snapshots().contains(backup));
        }
        String uuid = Json.mapper()
                .readTree(ask("GET", "/_snapshot/holdfast/backup-" + backup + "_1", ""))
                .at("/snapshots/0/uuid")
                .asString();
        Path description = store.file(basePath).resolve("snap-" + uuid + ".dat");
        Path away = storeFolder.resolve("away");
        Files.move(description, away);
        try (RunningAgent _ = agent(null, repository(repositorySettings()))) {
            Await.until(() -> !manager.snapshots().contains(backup));
        }
        assertThat(manager.snapshotsFailure()).isNull();
        Files.move(away, description);
        Map<String, String> elsewhere = repositorySettings();
        elsewhere.put("bucket", "nowhere");
        try (RunningAgent _ = agent(null, repository(elsewhere))) {
            Await.until(() -> manager.snapshotsFailure() != null);
        } finally {
            ask("DELETE", "/spread", "");
        }
    }

    /** All shards are there when the snapshot begins; what one of them has cannot be read. */
    @Test
    void shardThatBreaksWhileItIsReadFailsTheBackup() throws Exception {
        fillSpread();
        ask("POST", "/spread/_flush?force=true", "");
        damage(segmentOf("spread"));
        try (RunningAgent _ = agent(null, repository(repositorySettings()))) {
            manager.orderBackup();
            JobFailure failed = (JobFailure) manager.report();
            assertThat(failed.code()).as(failed.toString()).isEqualTo(FailureCode.DUMP_FAILED);
            assertThat(failed.message()).contains("PARTIAL", "spread");
            assertThat(snapshots()).noneMatch(name -> name.startsWith("backup-1_"));
        } finally {
            ask("DELETE", "/spread", "");
        }
    }

    /** A file of the first node with documents in it. */
    private Path segmentOf(String index) throws IOException {
        String uuid = Json.mapper()
                .readTree(ask("GET", "/" + index + "/_settings", ""))
                .path(index)
                .at("/settings/index/uuid")
                .asString();
        try (Stream<Path> files = Files.walk(node.dataFolder())) {
            return files.filter(file -> file.toString().contains(uuid)
                            && (file.toString().endsWith(".cfs")
                                    || file.toString().endsWith(".fdt")))
                    .findFirst()
                    .orElseThrow();
        }
    }

    private static void damage(Path file) throws IOException {
        try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
            open.seek(open.length() / 2);
            int old = open.read();
            open.seek(open.length() / 2);
            open.write(old ^ 1);
        }
    }

    private Map<String, String> repositorySettings() {
        return new TreeMap<>(Map.of(
                "bucket",
                S3ProxyServer.BUCKET,
                "base_path",
                basePath,
                // The default client does not ask the JVM whom it trusts.
                "s3_async_client_type",
                "netty",
                // S3Proxy knows no encryption of its own.
                "server_side_encryption_type",
                "bucket_default"));
    }

    private static SearchConfig.EngineRepository repository(Map<String, String> settings) {
        return new SearchConfig.EngineRepository("s3", settings);
    }

    private void fillSpread() {
        ask("PUT", "/spread", "{\"settings\": {\"number_of_shards\": 4, \"number_of_replicas\": 0}}");
        StringBuilder bulk = new StringBuilder();
        for (int i = 0; i < DOCUMENTS; i++) {
            bulk.append("{\"index\": {}}\n{\"n\": ").append(i).append("}\n");
        }
        ask("POST", "/spread/_bulk?refresh=true", bulk.toString());
        ask("GET", "/_cluster/health/spread?wait_for_status=green&timeout=60s", "");
    }

    /** An index whose only large file takes long where snapshots are slow. */
    private void fillLarge() {
        byte[] bytes = new byte[1_500_000];
        new Random(1).nextBytes(bytes);
        ask("PUT", "/large", "{\"mappings\": {\"enabled\": false}}");
        ask(
                "PUT",
                "/large/_doc/1?refresh=true",
                "{\"v\": \"" + Base64.getEncoder().encodeToString(bytes) + "\"}");
    }

    private void assertCount(int documents) {
        ask("POST", "/spread/_refresh", "");
        assertThat(ask("GET", "/spread/_count", "")).contains("\"count\":" + documents);
    }

    private List<String> snapshots() {
        return Json.mapper()
                .readTree(ask("GET", "/_snapshot/holdfast/_all?verbose=false", ""))
                .findValuesAsString("snapshot")
                .stream()
                .sorted()
                .toList();
    }

    private long objects() {
        try (Stream<Path> files = Files.walk(store.file(basePath))) {
            return files.filter(Files::isRegularFile).count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String ask(String method, String path, String body) {
        return node.call(method, path, body);
    }

    private RunningAgent agent(@Nullable Path folder, SearchConfig.@Nullable EngineRepository repository)
            throws IOException {
        SearchConfig config = new SearchConfig(
                "opensearch",
                node.host(),
                node.port(),
                null,
                null,
                null,
                folder,
                repository,
                Duration.ofMinutes(1),
                Command.UNLIMITED);
        return new RunningAgent(manager, config, directory, CrashPoints.none());
    }

    private String backup() throws Exception {
        String backup = manager.orderBackup();
        Object made = manager.report();
        assertThat(made).as(made.toString()).isInstanceOf(BackupResult.class);
        return backup;
    }

    private void restore(String backup, int rollbackHours) throws Exception {
        manager.orderRestore(backup, rollbackHours);
        Object restored = manager.report();
        assertThat(restored).as(restored.toString()).isInstanceOf(RestoreResult.class);
    }

    /** Open to the engine's user. */
    private static Path temporaryFolder() {
        try {
            return Files.setPosixFilePermissions(
                    Files.createTempDirectory("holdfast-store-"), PosixFilePermissions.fromString("rwxr-xr-x"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
