package io.holdfast.manager.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.manager.TestPlans;
import io.holdfast.manager.access.GuardedRoutes;
import io.holdfast.manager.api.TestRoutes.Answer;
import io.holdfast.manager.backup.BackupState;
import io.holdfast.manager.config.RetentionConfig;
import io.holdfast.manager.deletion.InstanceDeletion;
import io.holdfast.manager.instance.Instance;
import io.holdfast.manager.keys.EncryptionKeys;
import io.holdfast.manager.keys.KeyVersions;
import io.holdfast.manager.policy.PlanChanges;
import io.holdfast.manager.registration.InstanceChanges;
import io.holdfast.manager.registration.Ownership;
import io.holdfast.manager.retention.RetentionPlans;
import io.holdfast.manager.schedule.Scheduler;
import io.holdfast.manager.schedule.SlotRows;
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

/** Schedules, rules, holds and deleted instances as operators see them: the routes, without the listener. */
@Tag("state")
class PlansApiTest {
    @TempDir
    Path folder;

    private TestPlans parts;
    private Instance instance;
    private TestRoutes routes;

    @BeforeEach
    void open() {
        parts = new TestPlans(folder);
        instance = parts.instance("shop-1");
        RetentionConfig config = TestPlans.config(TestPlans.LAST_TWO, 100, true);
        Scheduler scheduler = parts.scheduler(Duration.ZERO, parts.database::now);
        RetentionPlans plans = parts.plans(config);
        Lookup lookup = new Lookup(parts.instances, parts.backups, parts.restores);
        PlanChanges changes = new PlanChanges(parts.database, parts.instances, scheduler, plans);
        PlansApi plansApi = new PlansApi(lookup, plans, scheduler, changes, parts.holds, parts.database::now);
        EncryptionKeys keys = parts.encryptionKeys();
        routes = new TestRoutes(parts.database);
        GuardedRoutes operators = routes.operators();
        plansApi.addTo(operators);
        Ownership ownership = new Ownership(List.of(), List.of(), parts.lives);
        new InstancesApi(
                        lookup,
                        new InstanceChanges(parts.database, parts.instances, parts.lives, changes, keys, ownership),
                        new InstanceDeletion(parts.queue, parts.deletion, parts.lives),
                        new KeysApi(lookup, new KeyVersions(parts.database), keys),
                        plansApi,
                        parts.slots,
                        true,
                        Duration.ofSeconds(50))
                .addTo(operators);
        new BackupsApi(
                        lookup,
                        parts.backupRequests,
                        new Verifications(parts.database, parts.backups),
                        parts.queue,
                        parts.deletion,
                        plans,
                        true,
                        parts.database::now)
                .addTo(operators);
        new RestoresApi(lookup, parts.restoreRequests(), parts.queue).addTo(operators);
    }

    @AfterEach
    void close() {
        parts.close();
    }

    private Answer send(String method, String path, String body) throws Exception {
        return routes.send(method, path, body);
    }

    private Answer get(String path) throws Exception {
        return send("GET", path, "");
    }

    @Test
    void anInstanceHasItsOwnScheduleUntilItGetsThePlatformsAgain() throws Exception {
        new SlotRows(parts.database).beginNew();
        JsonNode before = get("/instances/shop-1").json();
        assertThat(before.at("/schedule/cron").asString()).isEqualTo("30 1 * * *");
        assertThat(before.at("/schedule/own").asBoolean()).isFalse();
        assertThat(before.at("/next_backup_at").asString()).endsWith("T01:30:00Z");

        String own = "{\"schedule\": {\"cron\": \"15  4 * * mon\", \"time_zone\": \"Asia/Kolkata\"}}";
        assertThat(send("PUT", "/instances/shop-1", own).status()).isEqualTo(200);
        assertThat(send("PUT", "/instances/shop-1", "{}").status()).isEqualTo(200);
        new SlotRows(parts.database).beginNew();
        JsonNode changed = get("/instances/shop-1").json();
        assertThat(changed.at("/schedule/cron").asString()).isEqualTo("15 4 * * mon");
        assertThat(changed.at("/schedule/time_zone").asString()).isEqualTo("Asia/Kolkata");
        assertThat(changed.at("/next_backup_at").asString()).endsWith("T22:45:00Z");

        assertThat(send("PUT", "/instances/shop-1", "{\"exclude_from_auto_backup\": true}")
                        .status())
                .isEqualTo(200);
        assertThat(get("/instances/shop-1").json().get("next_backup_at")).isNull();

        assertThat(send("PUT", "/instances/shop-1", "{\"schedule\": null}").status())
                .isEqualTo(200);
        assertThat(get("/instances/shop-1").json().at("/schedule/own").asBoolean())
                .isFalse();
    }

    @Test
    void wrongPlansAreRefusedWithTheFieldAndChangeNothing() throws Exception {
        for (String wrong : List.of(
                "{\"schedule\": {\"cron\": \"61 * * * *\"}}",
                "{\"schedule\": {\"cron\": \"0 0 31 2 *\"}}",
                "{\"schedule\": {}}",
                "{\"schedule\": \"daily\"}",
                "{\"schedule\": {\"cron\": \"0 1 * * *\", \"zone\": \"UTC\"}}",
                "{\"schedule\": {\"cron\": \"0 1 * * *\", \"time_zone\": \"Mars\"}}",
                "{\"schedule\": {\"cron\": \"0 1 * * *\"}, \"retention\": {\"last\": -1}}",
                "{\"retention\": {\"min_good_copies\": 0}}",
                "{\"retention\": {\"forever\": true}}",
                "{\"retention\": {\"time_zone\": \"Mars\"}}",
                "{\"retention\": {\"last\": \"many\"}}")) {
            Answer answer = send("PUT", "/instances/shop-1", wrong);
            assertThat(answer.status()).as(wrong).isEqualTo(400);
            assertThat(answer.json().path("description").asString()).as(wrong).contains("field '");
        }
        assertThat(parts.instances.get(instance.id())).isEqualTo(instance);
        assertThat(send("PUT", "/instances/new-1", "{\"retention\": {\"min_good_copies\": 0}}")
                        .status())
                .isEqualTo(400);
        assertThat(parts.instances.find("new-1")).isEmpty();
    }

    @Test
    void theDryRunSaysWhatWouldGoAndWhyTheOthersStay() throws Exception {
        long oldest = parts.backup(instance, BackupState.VERIFIED, Duration.ofDays(9));
        parts.backup(instance, BackupState.VERIFIED, Duration.ofDays(8));
        long newest = parts.backup(instance, BackupState.VERIFIED, Duration.ofHours(1));
        new SlotRows(parts.database).beginNew();
        JsonNode dryRun = get("/instances/shop-1/retention").json();
        assertThat(dryRun.at("/rules/min_good_copies").asInt()).isEqualTo(2);
        assertThat(dryRun.at("/backups/0/id").asLong()).isEqualTo(newest);
        assertThat(dryRun.at("/backups/0/kept_because").toString()).contains("\"last\"", "\"young\"");
        assertThat(dryRun.at("/backups/2/id").asLong()).isEqualTo(oldest);
        assertThat(dryRun.at("/backups/2/deleted_now").asBoolean()).isTrue();
        assertThat(parts.backups.get(oldest).state()).isEqualTo(BackupState.VERIFIED);
        JsonNode backups = get("/instances/shop-1/backups").json();
        assertThat(backups.at("/0/expected_deletion_at").asString()).endsWith("T01:30:00Z");

        send("PUT", "/instances/shop-1", "{\"retention\": {\"yearly\": 3, \"within_days\": 20}}");
        JsonNode changed = get("/instances/shop-1/retention").json();
        assertThat(changed.at("/rules/own").asBoolean()).isTrue();
        assertThat(changed.at("/rules/last").asInt()).isEqualTo(2);
        assertThat(changed.at("/backups/2/deleted_now").asBoolean()).isFalse();
    }

    @Test
    void aHeldBackupIsLockedUntilItIsReleased() throws Exception {
        long held = parts.backup(instance, BackupState.VERIFIED, Duration.ofDays(9));
        parts.backup(instance, BackupState.VERIFIED, Duration.ofDays(8));
        new SlotRows(parts.database).beginNew();
        String path = "/instances/shop-1/backups/" + held;
        assertThat(send("POST", path + "/hold", "{}").status()).isEqualTo(400);
        assertThat(send("POST", path + "/hold", "{\"reason\": \"x\", \"expires_at\": \"2020-01-01T00:00:00Z\"}")
                        .status())
                .isEqualTo(400);
        assertThat(send("POST", path + "/hold", "{\"reason\": \"audit\", \"expires_at\": \"2099-01-01T00:00:00Z\"}")
                        .status())
                .isEqualTo(200);
        JsonNode view = get(path).json();
        assertThat(view.at("/hold/reason").asString()).isEqualTo("audit");
        assertThat(view.at("/hold/expires_at").asString()).isEqualTo("2099-01-01T00:00:00Z");
        assertThat(view.at("/expected_deletion_at").asString()).isEqualTo("2099-01-01T00:00:00Z");
        Answer refused = send("DELETE", path, "");
        assertThat(refused.status()).isEqualTo(423);
        assertThat(refused.json().path("description").asString()).contains("audit");
        assertThat(send("DELETE", "/instances/shop-1", "{\"delete_backups\": true}")
                        .status())
                .isEqualTo(423);
        assertThat(send("DELETE", path + "/hold", "").status()).isEqualTo(200);
        assertThat(get(path).json().get("hold")).isNull();
        assertThat(send("DELETE", path, "").status()).isEqualTo(200);
    }

    @Test
    void aDeletedInstanceIsSeenAsLongAsItHasBackups() throws Exception {
        long backup = parts.backup(instance, BackupState.VERIFIED, Duration.ofDays(9));
        assertThat(send("DELETE", "/instances/shop-1", "{}").status()).isEqualTo(400);
        assertThat(send("DELETE", "/instances/shop-1", "{\"delete_backups\": false}")
                        .status())
                .isEqualTo(200);
        JsonNode list = get("/instances").json();
        assertThat(list.at("/0/state").asString()).isEqualTo("deleted");
        assertThat(list.at("/0/deleted_at").isString()).isTrue();
        JsonNode view = get("/instances/shop-1/backups/" + backup).json();
        assertThat(view.path("state").asString()).isEqualTo("verified");
        assertThat(view.path("expected_deletion_at").isString()).isTrue();
        assertThat(send("POST", "/instances/shop-1/backups", "").status()).isEqualTo(409);
        assertThat(send("POST", "/instances/shop-1/backups/" + backup + "/restore", "")
                        .status())
                .isEqualTo(409);

        assertThat(send("PUT", "/instances/shop-1", "{}").status()).isEqualTo(201);
        assertThat(get("/instances/shop-1").json().path("state").asString()).isEqualTo("active");
        assertThat(send("POST", "/instances/shop-1/backups/" + backup + "/restore", "")
                        .status())
                .isEqualTo(202);

        TestDatabase.run(parts.database, "UPDATE job SET state = 'DONE'");
        send("DELETE", "/instances/shop-1", "{\"delete_backups\": false}");
        assertThat(send("DELETE", "/instances/shop-1", "{\"delete_backups\": true}")
                        .status())
                .isEqualTo(200);
        assertThat(get("/instances/shop-1").status()).isEqualTo(404);
        assertThat(get("/instances").json()).isEmpty();
    }
}
