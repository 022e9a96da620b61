package io.holdfast.manager.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.manager.backup.BackupRows;
import io.holdfast.manager.backup.BackupState;
import io.holdfast.manager.backup.Backups;
import io.holdfast.manager.config.StateConfig.PostgresqlState;
import io.holdfast.manager.deletion.DeletionRows;
import io.holdfast.manager.instance.Instances;
import io.holdfast.manager.jobs.Job;
import io.holdfast.manager.jobs.JobKind;
import io.holdfast.manager.jobs.JobRows;
import io.holdfast.manager.jobs.JobState;
import io.holdfast.manager.transaction.DatabaseUnreachable;
import io.holdfast.testbed.Certificates;
import io.holdfast.testbed.PostgresCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several managers on one PostgreSQL database: each {@link Database} here stands for the one of another process. */
class SharedDatabaseTest {
    private static final Duration LEASE = Duration.ofSeconds(30);
    private static final int MANAGERS = 4;

    @TempDir
    Path folder;

    private final List<Database> managers = new ArrayList<>();
    private long instance;

    @BeforeEach
    void open() throws Exception {
        PostgresqlState address = TestDatabase.postgresql(folder);
        // All at once: the schema is made by one of them.
        for (Future<Database> each : together(MANAGERS, manager -> Database.postgresql(address))) {
            managers.add(each.get());
        }
        Instances instances = new Instances(managers.getFirst());
        instances.register("shop-1", "postgresql");
        instance = instances.find("shop-1").orElseThrow().id();
    }

    @AfterEach
    void close() {
        managers.forEach(Database::close);
    }

    private interface Work<T> {
        T run(int manager) throws Exception;
    }

    private static <T> List<Future<T>> together(int many, Work<T> work) throws Exception {
        CyclicBarrier start = new CyclicBarrier(many);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Callable<T>> all = new ArrayList<>();
            for (int i = 0; i < many; i++) {
                int manager = i;
                all.add(() -> {
                    start.await();
                    return work.run(manager);
                });
            }
            return threads.invokeAll(all);
        }
    }

    @Test
    void oneOfManyClaimsGetsTheJob() throws Exception {
        for (int round = 0; round < 20; round++) {
            new JobRows(managers.getFirst()).add(instance, JobKind.BACKUP);
            List<Job> leased = new ArrayList<>();
            for (Future<Optional<Job>> each : together(
                    MANAGERS, manager -> new JobRows(managers.get(manager)).claim(instance, "s" + manager, LEASE))) {
                each.get().ifPresent(leased::add);
            }
            assertThat(leased).hasSize(1);
            Job job = leased.getFirst();
            assertThat(new JobRows(managers.getFirst()).finish(job.id(), instance, job.epoch(), JobState.RUNNING))
                    .isTrue();
        }
    }

    @Test
    void ofTwoGoodBackupsOnlyOneGoesHoweverManyAsk() throws Exception {
        for (int round = 0; round < 20; round++) {
            List<Long> good = new ArrayList<>();
            for (int i = 0; i < MANAGERS; i++) {
                Database first = managers.getFirst();
                long id = new BackupRows(first).add(instance, "backup-" + round + "-" + i);
                TestDatabase.run(first, "UPDATE backup SET state = 'DONE' WHERE id = " + id);
                good.add(id);
            }
            together(MANAGERS, manager -> new DeletionRows(managers.get(manager)).beginOnRequest(good.get(manager)));
            List<BackupState> left = good.stream()
                    .map(id -> new Backups(managers.getFirst()).get(id).state())
                    .toList();
            assertThat(left).containsOnlyOnce(BackupState.DONE);
            TestDatabase.run(managers.getFirst(), "UPDATE backup SET state = 'DELETED'");
        }
    }

    @Test
    void everyCommitGetsAPlaceOfItsOwn() throws Exception {
        List<Long> ids = new ArrayList<>();
        for (int i = 0; i < MANAGERS; i++) {
            Database first = managers.getFirst();
            ids.add(new BackupRows(first).add(instance, "backup-" + i));
        }
        List<Long> places = new ArrayList<>();
        for (Future<Long> each :
                together(MANAGERS, manager -> new BackupRows(managers.get(manager)).sequence(ids.get(manager)))) {
            places.add(each.get());
        }
        assertThat(places).containsExactlyInAnyOrder(1L, 2L, 3L, 4L);
    }

    @Test
    void aTaskIsOneManagersUntilItsLeaseEndsOrItIsReleased() throws InterruptedException {
        TaskLeases first = new TaskLeases(managers.get(0), "first", Duration.ofMillis(300));
        TaskLeases second = new TaskLeases(managers.get(1), "second", LEASE);
        assertThat(first.take("sweep")).isTrue();
        assertThat(first.take("sweep")).isTrue();
        assertThat(second.take("sweep")).isFalse();
        assertThat(second.take("retention")).isTrue();
        Thread.sleep(400);
        assertThat(second.take("sweep")).isTrue();
        first.renew();
        assertThat(first.take("sweep")).isFalse();
        second.releaseAll();
        assertThat(first.take("sweep")).isTrue();
    }

    @Test
    void aManagerHearsWhatAnotherQueues() throws InterruptedException {
        LinkedBlockingQueue<Long> heard = new LinkedBlockingQueue<>();
        try (QueueSignals listening = new QueueSignals(managers.get(0));
                QueueSignals sending = new QueueSignals(managers.get(1))) {
            listening.listen(heard::add);
            Long first = null;
            for (int i = 0; i < 100 && first == null; i++) {
                sending.send(instance);
                first = heard.poll(100, TimeUnit.MILLISECONDS);
            }
            assertThat(first).isEqualTo(instance);
        }
    }

    @Test
    void aDatabaseThatIsGoneIsToldAndFoundAgain() throws IOException {
        try (PostgresCluster server = PostgresCluster.start(Map.of());
                Database database = Database.postgresql(new PostgresqlState(
                        server.host(),
                        server.port(),
                        "postgres",
                        PostgresCluster.USER,
                        server.password(),
                        false,
                        null))) {
            Instances instances = new Instances(database);
            instances.register("shop-1", "postgresql");
            server.crash();
            assertThatThrownBy(() -> instances.register("shop-2", "postgresql"))
                    .isInstanceOf(DatabaseUnreachable.class);
            server.startAgain();
            assertThat(firstThatAnswers(() -> instances.register("shop-2", "postgresql")))
                    .isTrue();
            assertThat(instances.find("shop-1")).isPresent();
        }
    }

    /** Connections from before are found out one by one. */
    private static <T> T firstThatAnswers(Supplier<T> question) {
        for (int i = 0; ; i++) {
            try {
                return question.get();
            } catch (DatabaseUnreachable e) {
                if (i == 20) {
                    throw e;
                }
            }
        }
    }

    @Test
    void aServerThatIsNotThereIsToldWithoutThePassword() {
        PostgresqlState nowhere = new PostgresqlState("127.0.0.1", 1, "state", "holdfast", "a-secret", false, null);
        assertThatThrownBy(() -> Database.postgresql(nowhere))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("127.0.0.1:1")
                .hasMessageContaining("HINT")
                .hasMessageNotContaining("a-secret");
    }

    @Test
    void theConnectionIsEncryptedAndTheServersCertificateAndNameAreVerified() throws IOException {
        Certificates certificates = new Certificates(folder.resolve("certificates"));
        Certificates.Issued server = certificates.server("postgres");
        Path files = Files.createTempDirectory("holdfast-postgres-tls");
        Map<String, String> settings = Map.of(
                "ssl", "on",
                "ssl_cert_file", forServer(server.certificateFile(), files).toString(),
                "ssl_key_file", forServer(server.privateKeyFile(), files).toString());
        try (PostgresCluster cluster = PostgresCluster.start(settings)) {
            try (Database database = Database.postgresql(encrypted(cluster, "127.0.0.1", certificates.caFile()))) {
                assertThat(database.<String>read(handle -> handle.createQuery(
                                        "SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
                                .mapTo(String.class)
                                .one()))
                        .startsWith("TLSv1.");
            }
            Path otherCa = new Certificates(folder.resolve("others")).caFile();
            assertThatThrownBy(() -> Database.postgresql(encrypted(cluster, "127.0.0.1", otherCa)))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("certification path");
            assertThatThrownBy(() -> Database.postgresql(encrypted(cluster, "127.0.0.2", certificates.caFile())))
                    .as("the certificate is for 127.0.0.1")
                    .isInstanceOf(IOException.class);
            assertThatThrownBy(() -> Database.postgresql(encrypted(cluster, "127.0.0.1", null)))
                    .as("this JVM does not trust that CA")
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("certification path");
        }
    }

    private static PostgresqlState encrypted(PostgresCluster cluster, String host, @Nullable Path ca) {
        return new PostgresqlState(
                host, cluster.port(), "postgres", PostgresCluster.USER, cluster.password(), true, ca);
    }

    /** A copy that PostgreSQL takes: it belongs to its user, and nobody else can read it. */
    private static Path forServer(Path file, Path directory) throws IOException {
        UserPrincipalLookupService users = directory.getFileSystem().getUserPrincipalLookupService();
        boolean root = System.getProperty("user.name").equals("root");
        Path copy = Files.copy(file, directory.resolve(file.getFileName()));
        Files.setPosixFilePermissions(copy, PosixFilePermissions.fromString("rw-------"));
        if (root) {
            Files.setOwner(copy, users.lookupPrincipalByName(PostgresCluster.USER));
            Files.setOwner(directory, users.lookupPrincipalByName(PostgresCluster.USER));
        }
        return copy;
    }
}
