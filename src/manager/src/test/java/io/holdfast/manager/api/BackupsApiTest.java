package io.holdfast.manager.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.format.segment.SegmentName;
import io.holdfast.manager.TestPlans;
import io.holdfast.manager.a9s.A9sApi;
import io.holdfast.manager.access.GuardedRoutes;
import io.holdfast.manager.api.TestRoutes.Answer;
import io.holdfast.manager.backup.BackupState;
import io.holdfast.manager.fleet.Protection;
import io.holdfast.manager.instance.Instance;
import io.holdfast.manager.jobs.Job;
import io.holdfast.manager.layout.StoreLayout;
import io.holdfast.manager.sql.TestDatabase;
import io.holdfast.manager.verification.Verifications;
import io.holdfast.manager.wire.Lookup;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Backups that are asked for, and what is said of their sizes: the routes, without the listener. */
@Tag("state")
class BackupsApiTest {
    private static final String BACKUPS = "/instances/shop-1/backups";

    @TempDir
    Path folder;

    private TestPlans parts;
    private Instance instance;
    private TestRoutes routes;

    @BeforeEach
    void open() {
        parts = new TestPlans(folder);
        instance = parts.instance("shop-1");
        routes = new TestRoutes(parts.database);
        Lookup lookup = new Lookup(parts.instances, parts.backups, parts.restores);
        GuardedRoutes operators = routes.operators();
        new BackupsApi(
                        lookup,
                        parts.backupRequests,
                        new Verifications(parts.database, parts.backups),
                        parts.queue,
                        parts.deletion,
                        parts.plans(TestPlans.config(TestPlans.LAST_TWO, 100, true)),
                        true,
                        parts.database::now)
                .addTo(operators);
        new DeletionPreviewApi(lookup, parts.deletionPreview()).addTo(operators);
        new A9sApi(lookup, parts.backupRequests, parts.restoreRequests()).addTo(operators);
    }

    @AfterEach
    void close() {
        parts.close();
    }

    private long order(String body) throws Exception {
        Answer answer = routes.send("POST", BACKUPS, body);
        assertThat(answer.status()).as(body).isEqualTo(201);
        return answer.json().path("id").asLong();
    }

    @Test
    void aBackupBringsAllOfItsSegmentsOnlyWhenThatIsAskedFor() throws Exception {
        for (String body : List.of("", "{}", "{\"fresh\": false}", "{\"fresh\": null}")) {
            long backup = order(body);
            assertThat(parts.backups.isFresh(backup)).as(body).isFalse();
            parts.queue.cancelAll(instance);
        }
        long backup = order("{\"fresh\": true}");
        assertThat(parts.backups.isFresh(backup)).isTrue();
        parts.queue.cancelAll(instance);
        long scheduled = parts.backupJobs.queueScheduled(instance);
        assertThat(parts.backups.list(instance.id()).stream()
                        .filter(each -> each.job().id() == scheduled)
                        .map(each -> parts.backups.isFresh(each.id())))
                .containsExactly(false);
    }

    @Test
    void oneThatWaitsBecomesFreshAndStaysSo() throws Exception {
        long waiting = order("");
        assertThat(order("{\"fresh\": true}")).isEqualTo(waiting);
        assertThat(parts.backups.isFresh(waiting)).isTrue();
        assertThat(order("")).isEqualTo(waiting);
        assertThat(parts.backups.isFresh(waiting)).isTrue();
        // One that runs has begun already: another waits then.
        assertThat(parts.queue.claim(instance, 0, "session", null, Duration.ZERO))
                .isPresent();
        long next = order("");
        assertThat(next).isNotEqualTo(waiting);
        assertThat(parts.backups.isFresh(next)).isFalse();
    }

    @Test
    void whatIsNoTruthValueOrNoFieldIsRefused() throws Exception {
        for (String body : List.of("{\"fresh\": \"yes\"}", "{\"fresh\": 1}", "{\"full\": true}")) {
            Answer answer = routes.send("POST", BACKUPS, body);
            assertThat(answer.status()).as(body).isEqualTo(400);
            assertThat(answer.json().path("description").asString()).as(body).contains("field '");
        }
        Answer a9s = routes.send("POST", "/backup_agent/backup", "{\"instance_guid\": \"shop-1\", \"fresh\": true}");
        assertThat(a9s.status()).as("a9s' own route knows no such field").isEqualTo(400);
        assertThat(parts.backups.list(instance.id())).isEmpty();
    }

    @Test
    void oneThatIsLentCannotBeDeletedUntilTheBorrowersJobHasEnded() throws Exception {
        long lender = backup(1000, "NULL");
        backup(1100, "150");
        long borrower = order("");
        Job job = parts.queue.claim(instance, 0, "session", null, Duration.ZERO).orElseThrow();
        assertThat(parts.backups.borrow(instance.id(), borrower, job.epoch(), lender))
                .isTrue();
        Answer refused = routes.send("DELETE", BACKUPS + "/" + lender, "");
        assertThat(refused.status()).isEqualTo(423);
        assertThat(refused.json().path("description").asString())
                .contains("lent to backup " + parts.backups.get(borrower).backupId());
        TestDatabase.run(parts.database, "UPDATE job SET state = 'FAILED' WHERE id = " + job.id());
        assertThat(routes.send("DELETE", BACKUPS + "/" + lender, "").status()).isEqualTo(200);
    }

    private JsonNode preview(long backup) throws Exception {
        Answer answer = routes.send("GET", BACKUPS + "/" + backup + "/deletion", "");
        assertThat(answer.status()).isEqualTo(200);
        return answer.json();
    }

    @Test
    void aDeletionFreesWhatNoOtherBackupUses() throws Exception {
        long lender = backup(1, "NULL");
        String name = parts.backups.get(lender).backupId();
        long borrower = parts.backup(instance, BackupState.VERIFIED, Duration.ofDays(1), new SegmentName(name, 1, 0));
        assertThat(preview(lender).path("frees_bytes").asLong(-1)).isZero();
        assertThat(preview(borrower).path("frees_bytes").asLong(-1)).isEqualTo(1);

        long lost = backup(1, "NULL");
        parts.store.delete(StoreLayout.list("shop-1", parts.backups.get(lost).backupId()));
        assertThat(preview(lost).path("frees_bytes").isNumber()).isFalse();
        assertThat(preview(lost).path("unknown_because").asString())
                .contains("the list of its segments is not in the store");
        assertThat(routes.send("GET", BACKUPS + "/" + order("") + "/deletion", "")
                        .status())
                .as("one that is not finished")
                .isEqualTo(404);
    }

    private long backup(long size, String addedBytes) {
        long backup = parts.backup(instance, BackupState.VERIFIED, Duration.ofDays(2));
        TestDatabase.run(
                parts.database,
                "UPDATE backup SET size = " + size + ", added_bytes = " + addedBytes + " WHERE id = " + backup);
        return backup;
    }

    @Test
    void sizeIsWhatIsUsedAndAddedWhatWasBrought() throws Exception {
        long older = backup(1000, "NULL");
        long sharing = backup(1100, "150");
        JsonNode list = routes.send("GET", BACKUPS, "").json();
        assertThat(list.at("/0/size").asLong()).isEqualTo(1100);
        assertThat(list.at("/0/added_bytes").asLong()).isEqualTo(150);
        assertThat(list.at("/1/id").asLong()).isEqualTo(older);
        assertThat(list.at("/1/added_bytes").asLong())
                .as("from before anything was shared")
                .isEqualTo(1000);
        long waiting = order("");
        assertThat(routes.send("GET", BACKUPS + "/" + waiting, "").json().get("added_bytes"))
                .isNull();
        assertThat(parts.backups.get(sharing).addedBytes()).isEqualTo(150);
    }

    @Test
    void whatBackupsShareCountsOnceInTheInstancesTotal() {
        backup(1000, "NULL");
        backup(1100, "150");
        long suspect = backup(1200, "100");
        TestDatabase.run(parts.database, "UPDATE backup SET state = 'SUSPECT' WHERE id = " + suspect);
        long deleted = backup(5000, "3000");
        TestDatabase.run(parts.database, "UPDATE backup SET state = 'DELETED' WHERE id = " + deleted);
        assertThat(new Protection(parts.database).list("", Protection.Place.FIRST, 10, Duration.ofMinutes(1)))
                .extracting(Protection.Row::storedBytes)
                .containsExactly(1000L + 150 + 100);
    }
}
