package io.holdfast.manager.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.manager.TestPlans;
import io.holdfast.manager.api.TestRoutes.Answer;
import io.holdfast.manager.backup.BackupJobs;
import io.holdfast.manager.instance.Instance;
import io.holdfast.manager.jobs.InstanceGone;
import io.holdfast.manager.jobs.Job;
import io.holdfast.manager.jobs.JobKind;
import io.holdfast.manager.jobs.JobState;
import io.holdfast.manager.jobs.OpenJobs;
import io.holdfast.manager.jobs.Pauses;
import io.holdfast.manager.jobs.QueueControl;
import io.holdfast.manager.sql.TestDatabase;
import io.holdfast.manager.wire.Lookup;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The queue as operators see and steer it: the routes, without the listener. At most two jobs run at once. */
@Tag("state")
class QueueApiTest {
    private static final Duration SILENCE = Duration.ofSeconds(50);
    private static final String REASON = "{\"reason\": \"the disk is replaced\"}";

    @TempDir
    Path folder;

    private TestPlans parts;
    private Pauses pauses;
    private Instance shop;
    private TestRoutes routes;

    @BeforeEach
    void open() {
        parts = new TestPlans(folder, TestPlans.MOST_RUNNING);
        pauses = new Pauses(parts.database);
        shop = parts.instance("shop-1");
        routes = new TestRoutes(parts.database);
        new QueueApi(
                        new Lookup(parts.instances, parts.backups, parts.restores),
                        new OpenJobs(parts.database, TestPlans.MOST_RUNNING, SILENCE),
                        pauses,
                        parts.queue,
                        new QueueControl(pauses, parts.queue))
                .addTo(routes.operators());
    }

    @AfterEach
    void close() {
        parts.close();
    }

    private Answer send(String method, String path, String body) throws Exception {
        return routes.send(method, path, body);
    }

    private Optional<Job> claim(Instance instance) throws InterruptedException {
        return parts.queue.claim(instance, 0, "session", null, Duration.ZERO);
    }

    private List<String> waitingFor() throws Exception {
        return send("GET", "/queue", "")
                .json()
                .get("jobs")
                .valueStream()
                .map(job -> job.path("waiting_for").asString("nothing"))
                .toList();
    }

    @Test
    void aPausedInstanceGetsNoJobUntilItIsResumedAndOthersDo() throws Exception {
        Instance other = parts.instance("shop-2");
        parts.backupJobs.queue(shop);
        parts.backupJobs.queue(other);

        assertThat(send("PUT", "/instances/shop-1/pause", REASON).status()).isEqualTo(200);

        assertThat(claim(shop)).isEmpty();
        assertThat(waitingFor()).containsExactly("an operator to resume it", "its agent to take it");
        assertThat(claim(other)).isPresent();
        JsonNode pause = send("GET", "/queue", "").json().get("pauses").get(0);
        assertThat(pause.get("scope").asString()).isEqualTo("instance");
        assertThat(pause.get("instance_id").asString()).isEqualTo("shop-1");
        assertThat(pause.get("reason").asString()).isEqualTo("the disk is replaced");

        assertThat(send("DELETE", "/instances/shop-1/pause", "").status()).isEqualTo(200);
        assertThat(claim(shop)).isPresent();
        assertThat(send("GET", "/queue", "").json().get("pauses")).isEmpty();
    }

    @Test
    void everythingAndTheStoreCanBePausedEach() throws Exception {
        parts.backupJobs.queue(shop);
        for (String scope : List.of("everything", "store")) {
            assertThat(send("PUT", "/queue/pauses/" + scope, REASON).status()).isEqualTo(200);
            assertThat(claim(shop)).as(scope).isEmpty();
            assertThat(pauses.isBackgroundPaused()).isTrue();
            assertThat(pauses.isStorePaused()).isEqualTo(scope.equals("store"));
            assertThat(send("DELETE", "/queue/pauses/" + scope, "").status()).isEqualTo(200);
        }
        assertThat(pauses.isBackgroundPaused()).isFalse();
        assertThat(claim(shop)).isPresent();
    }

    @Test
    void whatRunsGoesOnWhileEverythingIsPaused() throws Exception {
        parts.backupJobs.queue(shop);
        Job job = claim(shop).orElseThrow();
        send("PUT", "/queue/pauses/everything", REASON);
        assertThat(parts.queue.isLive(job.id(), shop, job.epoch(), JobKind.BACKUP))
                .isTrue();
        assertThat(claim(shop))
                .as("the same, for an agent whose answer was lost")
                .isPresent();
    }

    @Test
    void onlySoManyRunAtOnceButARestoreIsNotHeldBack() throws Exception {
        List<Instance> instances =
                List.of(shop, parts.instance("shop-2"), parts.instance("shop-3"), parts.instance("shop-4"));
        instances.forEach(parts.backupJobs::queue);
        Job first = claim(instances.get(0)).orElseThrow();
        assertThat(claim(instances.get(1))).isPresent();
        assertThat(claim(instances.get(2))).isEmpty();
        JsonNode queue = send("GET", "/queue", "").json();
        assertThat(queue.get("running").intValue()).isEqualTo(2);
        assertThat(queue.get("max_running").intValue()).isEqualTo(2);
        assertThat(waitingFor())
                .containsExactly(
                        "nothing",
                        "nothing",
                        "other jobs to end: at most 2 may run at once",
                        "other jobs to end: at most 2 may run at once");

        parts.jobRows.add(instances.get(3).id(), JobKind.RESTORE);
        assertThat(claim(instances.get(3)).orElseThrow().kind()).isEqualTo(JobKind.RESTORE);

        assertThat(parts.jobRows.finish(first.id(), shop.id(), first.epoch(), JobState.RUNNING))
                .isTrue();
        assertThat(claim(instances.get(2)))
                .as("three run, of which one is a restore")
                .isEmpty();
    }

    @Test
    void restoresGoFirstThenWhatWasAskedByHandThenTheSchedule() throws Exception {
        long scheduled = parts.backupJobs.queueScheduled(shop);
        parts.jobRows.add(shop.id(), JobKind.BACKUP);
        long restore = parts.jobRows.add(shop.id(), JobKind.RESTORE);
        Job first = claim(shop).orElseThrow();
        assertThat(first.id()).isEqualTo(restore);
        parts.jobRows.finish(first.id(), shop.id(), first.epoch(), JobState.RUNNING);
        Job second = claim(shop).orElseThrow();
        assertThat(second.id()).isNotEqualTo(scheduled);
        assertThat(waitingFor()).containsExactly("nothing", "another job of the instance");
        parts.jobRows.finish(second.id(), shop.id(), second.epoch(), JobState.RUNNING);
        assertThat(claim(shop).orElseThrow().id()).isEqualTo(scheduled);
    }

    @Test
    void aJobCanBeMovedToTheBeginningAndToTheEnd() throws Exception {
        long byHand = parts.jobRows.add(shop.id(), JobKind.BACKUP);
        long restore = parts.jobRows.add(shop.id(), JobKind.RESTORE);
        assertThat(send("POST", "/queue/jobs/" + byHand + "/move", "{\"to\": \"first\"}")
                        .status())
                .isEqualTo(200);
        assertThat(order()).containsExactly(byHand, restore);
        assertThat(send("POST", "/queue/jobs/" + byHand + "/move", "{\"to\": \"last\"}")
                        .status())
                .isEqualTo(200);
        assertThat(order()).containsExactly(restore, byHand);

        assertThat(send("POST", "/queue/jobs/" + byHand + "/move", "{\"to\": \"up\"}")
                        .json()
                        .toString())
                .contains("'to' must be first or last");
        assertThat(send("POST", "/queue/jobs/999/move", "{\"to\": \"last\"}").status())
                .isEqualTo(404);
        Job running = claim(shop).orElseThrow();
        assertThat(send("POST", "/queue/jobs/" + running.id() + "/move", "{\"to\": \"last\"}")
                        .status())
                .isEqualTo(404);
    }

    private List<Long> order() throws Exception {
        return send("GET", "/queue", "")
                .json()
                .get("jobs")
                .valueStream()
                .map(job -> job.get("id").longValue())
                .toList();
    }

    @Test
    void aJobCanBeCancelledByItsNumber() throws Exception {
        long backup = parts.backupJobs.queue(shop).number();
        long job = parts.backups.get(backup).job().id();
        assertThat(send("POST", "/queue/jobs/" + job + "/cancel", "").status()).isEqualTo(202);
        assertThat(parts.jobs.get(job).state()).isEqualTo(JobState.CANCELLED);
        assertThat(send("POST", "/queue/jobs/" + job + "/cancel", "").status()).isEqualTo(409);
    }

    @Test
    void a5_oneBackupOfAnInstanceWaitsHoweverOftenItIsAskedFor() throws Exception {
        BackupJobs.Ordered first = parts.backupJobs.queue(shop);
        assertThat(first.added()).isTrue();
        for (int i = 0; i < 300; i++) {
            assertThat(parts.backupJobs.queue(shop)).isEqualTo(new BackupJobs.Ordered(first.number(), false));
        }
        // One that runs is another one: what was written since it began is not in it.
        assertThat(claim(shop)).isPresent();
        BackupJobs.Ordered second = parts.backupJobs.queue(shop);
        assertThat(second.added()).isTrue();
        assertThat(second.number()).isNotEqualTo(first.number());
        assertThat(parts.backupJobs.queue(shop).number()).isEqualTo(second.number());
        assertThat(parts.backupJobs.queue(parts.instance("shop-2")).added()).isTrue();
        assertThat(parts.backups.list(shop.id())).hasSize(2);
    }

    @Test
    void a5_aScheduledOneThatWaitsIsTakenAsOneThatWasAskedFor() throws Exception {
        long scheduled = parts.backupJobs.queueScheduled(shop);
        long later = parts.jobRows.add(shop.id(), JobKind.BACKUP);
        assertThat(order()).containsExactly(later, scheduled);
        parts.backupJobs.queue(shop);
        assertThat(order()).containsExactly(scheduled, later);
    }

    @Test
    void a5_allJobsOfAnInstanceAreCancelledAtOnce() throws Exception {
        Instance other = parts.instance("shop-2");
        long others =
                parts.backups.get(parts.backupJobs.queue(other).number()).job().id();
        parts.backupJobs.queue(shop);
        Job running = claim(shop).orElseThrow();
        long waiting =
                parts.backups.get(parts.backupJobs.queue(shop).number()).job().id();
        assertThat(parts.queue.cancelAll(shop)).isEqualTo(2);
        assertThat(parts.jobs.get(running.id()).cancelRequested()).isTrue();
        assertThat(parts.jobs.get(waiting).state()).isEqualTo(JobState.CANCELLED);
        assertThat(parts.jobs.get(others).state()).isEqualTo(JobState.QUEUED);
        assertThat(parts.queue.cancelAll(shop)).isEqualTo(1);
    }

    @Test
    void aReasonIsNeeded() throws Exception {
        for (String body : List.of("{}", "{\"reason\": \" \"}", "{\"reason\": \"" + "x".repeat(501) + "\"}")) {
            assertThat(send("PUT", "/queue/pauses/store", body).status()).isEqualTo(400);
        }
        assertThat(pauses.list()).isEmpty();
    }

    @Test
    void nothingIsQueuedForAnInstanceThatWasJustDeleted() {
        assertThat(parts.lives.delete(shop.id(), true)).isTrue();
        assertThatThrownBy(() -> parts.backupJobs.queue(shop)).isInstanceOf(InstanceGone.class);
        assertThatThrownBy(() -> parts.backupJobs.queueScheduled(shop)).isInstanceOf(InstanceGone.class);
        assertThat(parts.backups.list(shop.id())).isEmpty();
    }

    @Test
    void aManagerThatWasAwayItselfGivesAgentsTimeToBeHeard() throws Exception {
        parts.backupJobs.queue(shop);
        Job job = claim(shop).orElseThrow();
        TestDatabase.run(parts.database, "UPDATE job SET lease_until = 1");
        parts.queue.loseExpired();
        parts.queue.loseExpired();
        assertThat(parts.jobs.get(job.id()).state()).isEqualTo(JobState.RUNNING);
    }
}
