package io.holdfast.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.testbed.Certificates;
import io.holdfast.testbed.Fault;
import io.holdfast.testbed.FaultProxy;
import io.holdfast.testbed.PostgresCluster;
import io.holdfast.testbed.S3ProxyServer;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;

/** An S3 store that lies, loses answers, is busy or slow, and takes few parts: backups are right or they are not. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class StoreFaultsTest {
    private static final String INSTANCE = "shop-1";
    private static final int MAX_PARTS = 5;

    private final PostgresCluster cluster = PostgresCluster.start();

    private final S3ProxyServer s3;
    private final FaultProxy proxy;
    private final Landscape landscape;
    private final Api api;
    private JavaProcess agent;

    StoreFaultsTest() throws IOException {
        Certificates certificates = new Certificates(Files.createTempDirectory("holdfast-faults"));
        s3 = S3ProxyServer.start(Files.createTempDirectory("holdfast-faults-data"), certificates);
        proxy = FaultProxy.start(s3.endpoint(), certificates);
        Map<String, Object> store = Landscape.s3(s3, proxy.endpoint(), certificates);
        store.put("max_parts", MAX_PARTS);
        landscape = new Landscape(store)
                // A busy machine must not look like a lost agent here.
                .with("lease_seconds", 10);
        api = landscape.api();
        cluster.psql("postgres", "CREATE DATABASE app");
        cluster.psql(
                "app",
                // About 20 MB that cannot be compressed: several parts.
                "CREATE TABLE t AS SELECT i FROM generate_series(1, 1000) i;"
                        + " SELECT lo_from_bytea(0, string_agg(sha256(i::text::bytea), '' ORDER BY i))"
                        + " FROM generate_series(1, 600000) i");
        landscape.startManager();
        agent = landscape.startAgent(INSTANCE, cluster);
    }

    @BeforeAll
    void begin() {
        landscape.awaitAgent(INSTANCE);
    }

    @AfterAll
    void stop() throws IOException {
        landscape.close();
        proxy.close();
        s3.close();
        cluster.close();
    }

    @Test
    void dl05_objectCutByTheStoreIsNoBackup() {
        proxy.inject(
                request -> request.isComplete() && request.target().contains("/app."),
                new Fault.Afterwards(() -> shorten(newest("app."))),
                1);
        JsonNode made = done();
        assertThat(made.get("attempts").intValue()).as(made.toString()).isEqualTo(2);
        assertThat(landscape.logs()).contains("STORE_MISMATCH");
        assertReadable(made);
    }

    @Test
    void errorInside200AndLostAnswersOfCompleteDoNotMatter() {
        proxy.inject(FaultProxy.Request::isComplete, new Fault.ErrorInside200(), 1);
        proxy.inject(FaultProxy.Request::isComplete, new Fault.LosesAnswer(), 1);
        assertReadable(done());
        assertThat(proxy.pending()).isZero();
    }

    @Test
    void busyAndBrokenAndSlowStoreDoesNotMatter() {
        proxy.inject(FaultProxy.Request::isPart, new Fault.Busy(), 3);
        proxy.inject(FaultProxy.Request::isPart, new Fault.CutsRequest(1000), 1);
        proxy.inject(FaultProxy.Request::isPart, new Fault.LosesAnswer(), 1);
        proxy.inject(FaultProxy.Request::isPart, new Fault.Slow(Duration.ofSeconds(2)), 1);
        proxy.inject(
                request -> request.method().equals("PUT") && request.target().contains("manifest.json"),
                new Fault.Busy(),
                2);
        JsonNode made = done();
        assertReadable(made);
        assertThat(proxy.pending()).isZero();
    }

    @Test
    void dl15_uploadsOfAKilledAgentAreAborted() {
        proxy.inject(FaultProxy.Request::isPart, new Fault.Slow(Duration.ofSeconds(20)), 1);
        long aborts = aborts();
        // The first look for leftovers fails: clean-up has to be tried again.
        proxy.inject(FaultProxy.Request::isAbort, new Fault.Busy(), 1);
        long backup = api.startBackup(INSTANCE);
        long parts = parts();
        Eventually.within(Duration.ofMinutes(1), landscape::logs, () -> parts() > parts);
        agent.kill();
        agent = landscape.startAgent(INSTANCE, cluster);
        JsonNode made = api.awaitBackup(INSTANCE, backup);
        assertThat(made.path("status").asString())
                .as(() -> made + landscape.logs())
                .isEqualTo("done");
        ManagerDatabase database = new ManagerDatabase(landscape);
        Eventually.within(
                Duration.ofMinutes(1),
                () -> "uploads are left: " + database.rows("SELECT * FROM upload") + landscape.logs(),
                () -> database.rows("SELECT id FROM upload WHERE state = 'OPEN'")
                        .isEmpty());
        assertThat(aborts()).as("aborts, one of which failed").isGreaterThan(aborts + 1);
        assertReadable(made);
    }

    @Test
    void dl16_segmentsFitTheStoresLimitOfParts() {
        cluster.psql("postgres", "CREATE DATABASE large");
        cluster.psql(
                "large",
                "SELECT lo_from_bytea(0, string_agg(sha256(i::text::bytea), '' ORDER BY i))"
                        + " FROM generate_series(1, 750000) i; SELECT lo_from_bytea(0,"
                        + " string_agg(sha256((-i)::text::bytea), '' ORDER BY i)) FROM generate_series(1, 750000) i");
        String before = cluster.psql("large", "SELECT sum(hashtext(data::text)::bigint), count(*) FROM pg_largeobject");
        JsonNode made = done();
        JsonNode large = made.get("artifacts").values().stream()
                .filter(each -> each.get("name").asString().equals("large"))
                .findFirst()
                .orElseThrow();
        assertThat(large.get("segments").intValue()).as(large.toString()).isGreaterThanOrEqualTo(2);
        for (Path segment : objects("large.")) {
            assertThat(segment)
                    .as("at most 5 parts of 8 MiB")
                    .satisfies(file -> assertThat(Files.size(file)).isLessThanOrEqualTo(MAX_PARTS * (8L << 20)));
        }
        cluster.psql("large", "SELECT lo_unlink(oid) FROM pg_largeobject_metadata");
        JsonNode restored = api.awaitRestore(
                INSTANCE, api.startRestore(INSTANCE, made.get("id").longValue()));
        assertThat(restored.path("status").asString())
                .as(() -> restored + landscape.logs())
                .isEqualTo("done");
        assertThat(cluster.psql("large", "SELECT sum(hashtext(data::text)::bigint), count(*) FROM pg_largeobject"))
                .isEqualTo(before);
        cluster.psql("postgres", "DROP DATABASE large WITH (FORCE)");
    }

    @Test
    void dl06_damageAfterCommitIsFoundByReadingBackAndNotRestored() {
        JsonNode made = done();
        flip(newest("app."));
        String path = "/instances/" + INSTANCE + "/backups/" + made.get("id").longValue();
        assertThat(api.post(path + "/verify").status()).isEqualTo(202);
        JsonNode suspect = api.await(
                path,
                each -> each.path("verification").path("state").asString("").equals("failed"));
        assertThat(suspect.path("state").asString()).isEqualTo("suspect");
        assertThat(api.post(path + "/restore").status()).isEqualTo(422);
    }

    private JsonNode done() {
        long number = api.startBackup(INSTANCE);
        JsonNode made = api.awaitBackup(INSTANCE, number);
        assertThat(made.path("status").asString())
                .as(() -> made + landscape.logs())
                .isEqualTo("done");
        return made;
    }

    private void assertReadable(JsonNode made) {
        String path = "/instances/" + INSTANCE + "/backups/" + made.get("id").longValue();
        assertThat(api.post(path + "/verify").status()).isEqualTo(202);
        JsonNode verified = api.await(
                path,
                each -> List.of("passed", "failed")
                        .contains(each.path("verification").path("state").asString("")));
        assertThat(verified.path("state").asString())
                .as(() -> verified + landscape.logs())
                .isEqualTo("verified");
    }

    private long parts() {
        return proxy.seen().stream()
                .filter(each -> each.startsWith("PUT ") && each.contains("partNumber"))
                .count();
    }

    private long aborts() {
        return proxy.seen().stream()
                .filter(each -> each.startsWith("DELETE ") && each.contains("uploadId"))
                .count();
    }

    /** The newest object whose name begins so. */
    private Path newest(String name) {
        return objects(name).stream()
                .max(Comparator.comparingLong(file -> file.toFile().lastModified()))
                .orElseThrow();
    }

    private List<Path> objects(String name) {
        try (Stream<Path> files = Files.walk(s3.file("v1"))) {
            return files.filter(file -> String.valueOf(file.getFileName()).startsWith(name)
                            && file.toString().endsWith(".zst.age"))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void shorten(Path file) {
        try (RandomAccessFile object = new RandomAccessFile(file.toFile(), "rw")) {
            object.setLength(object.length() - 1000);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void flip(Path file) {
        try (RandomAccessFile object = new RandomAccessFile(file.toFile(), "rw")) {
            long middle = object.length() / 2;
            object.seek(middle);
            int value = object.read();
            object.seek(middle);
            object.write(value ^ 1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
