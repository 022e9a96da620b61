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
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
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
    /** More bytes than any segment's object has. */
    private static final long MOST_BYTES = 4_390_912;

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
        landscape = new Landscape(Landscape.s3(s3, proxy.endpoint(), certificates))
                // A busy machine must not look like a lost agent here.
                .with("lease_seconds", 10);
        api = landscape.api();
        cluster.psql("postgres", "CREATE DATABASE app");
        cluster.psql(
                "app",
                "CREATE TABLE t AS SELECT i FROM generate_series(1, 1000) i; SELECT lo_from_bytea(0, " + bytes("i")
                        + ")");
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
        AtomicReference<String> cut = new AtomicReference<>("");
        proxy.inject(
                request -> isSegment(request) && cut.compareAndSet("", request.target()),
                new Fault.Afterwards(() -> shorten(segment(cut.get()))),
                1);
        JsonNode made = done();
        assertThat(made.get("attempts").intValue())
                .as(() -> cut + "\n" + made + landscape.logs())
                .isEqualTo(2);
        assertThat(landscape.logs()).contains("STORE_MISMATCH");
        assertReadable(made);
    }

    @Test
    void busyAndBrokenAndSlowStoreDoesNotMatter() {
        proxy.inject(StoreFaultsTest::isSegment, new Fault.Busy(), 3);
        proxy.inject(StoreFaultsTest::isSegment, new Fault.CutsRequest(1000), 1);
        proxy.inject(StoreFaultsTest::isSegment, new Fault.LosesAnswer(), 1);
        proxy.inject(StoreFaultsTest::isSegment, new Fault.Slow(Duration.ofSeconds(2)), 1);
        proxy.inject(
                request -> request.method().equals("PUT") && request.target().contains("manifest.json"),
                new Fault.Busy(),
                2);
        JsonNode made = done();
        assertReadable(made);
        assertThat(proxy.pending()).isZero();
    }

    @Test
    void dl15_segmentsOfAKilledAgentAreRemovedWhenTheNextAttemptHasOthers() {
        long backup = killedBackup(1);
        String name = name(backup);
        assertThat(cluster.psql(
                        "app", "SELECT count(lo_put(oid, 0, " + bytes("-i") + ")) FROM pg_largeobject_metadata"))
                .isEqualTo("1");
        agent = landscape.startAgent(INSTANCE, cluster);
        JsonNode made = done(backup);
        Eventually.within(
                Duration.ofMinutes(1),
                () -> "segments of the first attempt are left: " + segments(name) + landscape.logs(),
                () -> segments(name).stream().allMatch(file -> isListed(made, file)));
        assertReadable(made);
    }

    @Test
    void dl33_aRetryTakesWhatTheKilledAgentHasBroughtAndIsRestored() {
        String before = largeObjects();
        long backup = killedBackup(8);
        Set<Path> brought = Set.copyOf(segments(name(backup)));
        agent = landscape.startAgent(INSTANCE, cluster);
        JsonNode made = done(backup);
        assertThat(brought.stream().filter(file -> isListed(made, file)))
                .as(() -> brought + "\n" + made + landscape.logs())
                .hasSizeGreaterThan(brought.size() / 2);
        assertThat(made.get("added_bytes").longValue())
                .isEqualTo(made.get("size").longValue());
        assertReadable(made);
        cluster.psql("app", "SELECT count(lo_unlink(oid)) FROM pg_largeobject_metadata");
        JsonNode restored = api.awaitRestore(INSTANCE, api.startRestore(INSTANCE, backup));
        assertThat(restored.path("status").asString())
                .as(() -> restored + landscape.logs())
                .isEqualTo("done");
        assertThat(largeObjects()).isEqualTo(before);
    }

    /** A backup whose agent is killed when this many segments at least are stored. */
    private long killedBackup(int stored) {
        proxy.inject(StoreFaultsTest::isSegment, new Fault.Slow(Duration.ofSeconds(20)), 1);
        long backup = api.startFreshBackup(INSTANCE);
        Eventually.within(
                Duration.ofMinutes(1),
                landscape::logs,
                () -> segments(name(backup)).size() >= stored);
        agent.kill();
        return backup;
    }

    private String name(long backup) {
        return api.backup(INSTANCE, backup).get("backup_id").asString();
    }

    private JsonNode done(long backup) {
        JsonNode made = api.awaitBackup(INSTANCE, backup);
        assertThat(made.path("status").asString())
                .as(() -> made + landscape.logs())
                .isEqualTo("done");
        return made;
    }

    private boolean isListed(JsonNode made, Path segment) {
        String id = made.get("backup_id").asString();
        try {
            return Files.readString(
                            s3.file("v2").resolve("instances/" + INSTANCE + "/backups/" + id + "/segments.list"))
                    .contains("segments/" + id + "/" + segment.getFileName());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String largeObjects() {
        return cluster.psql("app", "SELECT sum(hashtext(data::text)::bigint), count(*) FROM pg_largeobject");
    }

    /** SQL for about 20 MB that cannot be compressed: many segments. */
    private static String bytes(String number) {
        return "(SELECT string_agg(sha256((" + number
                + ")::text::bytea), '' ORDER BY i) FROM generate_series(1, 600000) i)";
    }

    @Test
    void largeArtifactIsManySmallObjects() {
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
        assertThat(large.get("segments").intValue()).as(large.toString()).isGreaterThan(20);
        assertThat(segments(made.get("backup_id").asString()))
                .hasSizeGreaterThanOrEqualTo(large.get("segments").intValue())
                .allSatisfy(file -> assertThat(Files.size(file)).isLessThanOrEqualTo(MOST_BYTES));
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
        // What no other backup has: else it would be read from that one.
        cluster.psql("app", "SELECT count(lo_put(oid, 0, " + bytes("i + 9000000") + ")) FROM pg_largeobject_metadata");
        JsonNode made = done();
        flip(largest(segments(made.get("backup_id").asString())));
        String path = "/instances/" + INSTANCE + "/backups/" + made.get("id").longValue();
        assertThat(api.post(path + "/verify").status()).isEqualTo(202);
        JsonNode suspect = api.await(
                path,
                each -> each.path("verification").path("state").asString("").equals("failed"));
        assertThat(suspect.path("state").asString()).isEqualTo("suspect");
        assertThat(api.post(path + "/restore").status()).isEqualTo(422);
    }

    private JsonNode done() {
        return done(api.startFreshBackup(INSTANCE));
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

    private static boolean isSegment(FaultProxy.Request request) {
        return request.method().equals("PUT") && request.target().contains("/segments/");
    }

    /** The file of an object that was asked for. */
    private Path segment(String target) {
        String path = target.replaceFirst("\\?.*", "").replaceFirst(".*/segments/", "/segments/");
        return segments("").stream()
                .filter(file -> file.toString().endsWith(path))
                .findFirst()
                .orElseThrow();
    }

    private static Path largest(List<Path> files) {
        return files.stream()
                .max(Comparator.comparingLong(file -> file.toFile().length()))
                .orElseThrow();
    }

    /** The segments that were brought for a backup; of all for an empty name. */
    private List<Path> segments(String backup) {
        if (!Files.exists(s3.file("v2"))) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(s3.file("v2"))) {
            return files.filter(file -> file.toString().contains("/segments/" + backup)
                            && file.toString().endsWith(".zst.age"))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void shorten(Path file) {
        try (RandomAccessFile object = new RandomAccessFile(file.toFile(), "rw")) {
            object.setLength(object.length() - 1);
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
