package io.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.cli.outcome.ExitCode;
import io.holdfast.testbed.Certificates;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ManagerCommandsTest {
    private static final String QUEUED = "{\"id\": 7, \"status\": \"queued\", \"state\": \"pending\"}";
    private static final String RUNNING = """
            {"id": 7, "status": "running", "state": "pending", "future_field": [1],
             "progress": {"phase": "dumping", "detail": "app", "bytes_in": 5000000, "bytes_out": 9,
                          "estimated_bytes": 10000000}}""";
    private static final String DONE = """
            {"id": 7, "status": "done", "state": "done", "size": 3000000,
             "started_at": "2026-11-22T12:00:00Z", "finished_at": "2026-11-22T12:01:05Z",
             "artifacts": [{"name": "app", "plaintext_bytes": 9000000, "bytes": 3000000, "segments": 1}]}""";

    @TempDir
    private Path directory;

    private StandInManager manager;

    @BeforeEach
    void start() throws IOException {
        manager = new StandInManager(directory);
    }

    @AfterEach
    void stop() {
        manager.close();
    }

    @Test
    void callCarriesTheCredentials() {
        manager.then(200, "[]");

        run("instances");

        String expected = Base64.getEncoder().encodeToString("admin:a long password".getBytes(StandardCharsets.UTF_8));
        assertThat(manager.asked)
                .containsExactly(new StandInManager.Asked("GET", "/instances?limit=1000", null, "Basic " + expected));
    }

    @Test
    void jsonIsPrintedAsItCame() {
        manager.then(200, "[{\"unknown\": true}]");

        assertThat(run("instances", "--json").text()).isEqualTo("[{\"unknown\": true}]\n");
    }

    @Test
    void longListIsAskedForPageByPage() {
        manager.thenPage("[{\"instance_id\":\"pg1\"}]", "/instances?limit=1000&after=pg1")
                .then(200, "[{\"instance_id\":\"pg2\"}]");

        assertThat(run("instances").text()).contains("pg1", "pg2");

        assertThat(manager.asked)
                .extracting(StandInManager.Asked::path)
                .containsExactly("/instances?limit=1000", "/instances?limit=1000&after=pg1");
    }

    @Test
    void controlCharactersDoNotReachTheTerminal() {
        manager.then(200, "[{\"instance_id\": \"pg1\", \"service\": \"\\u001b[31mred\\nnext\"}]");

        assertThat(run("instances").text()).doesNotContain("\u001b").contains("[31mred next");
    }

    @Test
    void postIsRepeatedWithTheSameKeyWhenTheConnectionIsCut() {
        manager.thenCut().then(201, "{\"id\": 7, \"message\": \"queued\"}");

        Run run = run("backup", "pg1", "--no-wait");

        assertThat(run.exitCode()).as(run.errors()).isZero();
        assertThat(run.text()).isEqualTo("Backup 7 of pg1 is queued.\n");
        assertThat(manager.asked).hasSizeGreaterThanOrEqualTo(2);
        assertThat(manager.asked.stream()
                        .map(StandInManager.Asked::idempotencyKey)
                        .distinct())
                .singleElement()
                .isNotNull();
    }

    @Test
    void deleteIsNotRepeatedWhenTheConnectionIsCut() {
        manager.thenCut().then(200, "{\"message\": \"backup deleted\"}");

        Run run = run("delete", "pg1", "7", "--yes");

        assertThat(run.exitCode()).isEqualTo(ExitCode.UNREACHABLE.number());
        assertThat(run.errors()).startsWith("Unreachable: ");
    }

    @Test
    void backupIsWaitedForAndSummedUp() {
        manager.then(201, "{\"id\": 7}").then(200, QUEUED).then(200, RUNNING).then(200, DONE);

        Run run = run("backup", "pg1");

        assertThat(run.exitCode()).isZero();
        assertThat(run.errors()).contains("queued\n").contains("dumping app  5.00 MB of 10.0 MB");
        assertThat(run.text()).isEqualTo("Backup 7 of pg1 is done: 3.00 MB from 9.00 MB, 1:05.\n");
    }

    @Test
    void aFreshBackupIsAskedForOnlyWithTheOption() {
        manager.then(201, "{\"id\": 7}");

        assertThat(run("backup", "pg1", "--no-wait", "--fresh").exitCode()).isZero();
        assertThat(run("backup", "pg1", "--no-wait").exitCode()).isZero();

        assertThat(manager.bodies).containsExactly("{\"fresh\": true}", "{}");
    }

    @Test
    void whatWasStoredNewlyIsShownBesideTheSize() {
        String sharing = DONE.replace("\"size\": 3000000", "\"size\": 3000000, \"added_bytes\": 40000");
        manager.then(201, "{\"id\": 7}")
                .then(200, sharing)
                .then(200, "[" + sharing + "," + QUEUED + "]")
                .then(200, sharing);

        assertThat(run("backup", "pg1").text())
                .isEqualTo("Backup 7 of pg1 is done: 3.00 MB from 9.00 MB, 40.0 kB of it stored newly, 1:05.\n");
        assertThat(run("backups", "pg1").text())
                .containsPattern("STATE +SIZE +ADDED +KEY")
                .containsPattern("7 +done +done +3.00 MB +40.0 kB +-")
                .containsPattern("7 +queued +\\S+ +- +- +-");
        assertThat(run("backups", "pg1", "7").text()).contains("Size: 3.00 MB, of which 40.0 kB was stored newly");
    }

    @Test
    void barIsDrawnWhenAskedFor() {
        manager.then(201, "{\"id\": 7}").then(200, RUNNING).then(200, DONE);

        assertThat(run("backup", "pg1", "--progress").errors()).contains("\r").contains("50 %");
    }

    @Test
    void waitingSurvivesAManagerThatIsAway() {
        manager.then(201, "{\"id\": 7}")
                .then(503, "{\"error\": \"NotReady\", \"description\": \"starting\"}")
                .thenCut()
                .thenCut()
                .thenCut()
                .then(502, "<html>")
                .then(200, DONE);

        Run run = run("backup", "pg1");

        assertThat(run.exitCode()).as(run.errors()).isZero();
        assertThat(run.errors()).contains("waiting for the manager");
    }

    @Test
    void failedBackupGivesItsReason() {
        manager.then(201, "{\"id\": 7}")
                .then(
                        200,
                        "{\"id\": 7, \"status\": \"failed\", \"reason\": {\"code\": \"DUMP_FAILED\","
                                + " \"message\": \"pg_dump ended with 1\", \"hint\": \"look at its log\"}}");

        Run run = run("backup", "pg1");

        assertThat(run.exitCode()).isEqualTo(ExitCode.FAILED.number());
        assertThat(run.errors())
                .endsWith("DUMP_FAILED: backup 7 of pg1 failed: pg_dump ended with 1\nHINT: look at its log\n");
    }

    @Test
    void failedRestoreSaysWhatBecameOfTheLiveData() {
        manager.then(200, DONE)
                .then(202, "{\"id\": 3}")
                .then(
                        200,
                        "{\"id\": 3, \"status\": \"failed\", \"live_data\": \"untouched\","
                                + " \"reason\": {\"code\": \"CORRUPT\", \"message\": \"cut\"}}");

        Run run = run("restore", "pg1", "7", "--yes");

        assertThat(run.exitCode()).isEqualTo(ExitCode.FAILED.number());
        assertThat(run.errors()).contains("CORRUPT: restore 3 of pg1 failed: cut (live data: untouched)");
    }

    @Test
    void restoreOfTheLatestTakesTheHighestGoodNumber() {
        manager.then(200, """
                        [{"id": 9, "status": "failed", "state": "failed"}, {"id": 8, "status": "done", "state": "suspect"},
                         {"id": 5, "status": "done", "state": "done"}, {"id": 6, "status": "done", "state": "verified"}]""").then(202, "{\"id\": 3}");

        Run run = run("restore", "pg1", "latest", "--yes", "--no-wait");

        assertThat(run.exitCode()).isZero();
        assertThat(manager.asked.getLast().path()).isEqualTo("/instances/pg1/backups/6/restore");
    }

    @Test
    void brokenPartsAreSkippedOnlyWhenAskedForAndListedAfterwards() {
        String done = "{\"id\": 3, \"status\": \"done\", \"skip_broken\": true, \"result\": {\"restored\": [\"plain\"],"
                + " \"left_alone\": [], \"kept\": [], \"notes\": [\"left out: index broken: it is damaged\"]}}";
        manager.then(200, DONE).then(202, "{\"id\": 3}").then(200, done);

        Run run = Run.typing("pg1\n", manager.environment(), "restore", "pg1", "7", "--skip-broken");

        assertThat(run.exitCode()).as(run.errors()).isZero();
        assertThat(run.errors()).contains("Parts of the backup that cannot be restored are left out");
        assertThat(run.text()).contains("restored: plain", "note: left out: index broken: it is damaged");
        assertThat(manager.bodies).anyMatch(body -> body.contains("\"skip_broken\":true"));

        manager.bodies.clear();
        Run plain = run("restore", "pg1", "7", "--yes", "--no-wait");
        assertThat(plain.errors()).doesNotContain("left out");
        assertThat(manager.bodies).noneMatch(body -> body.contains("skip_broken"));
    }

    @Test
    void restoreWithoutTerminalNeedsYes() {
        manager.then(200, DONE);

        Run run = run("restore", "pg1", "7");

        assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE.number());
        assertThat(run.errors()).contains("--yes");
        assertThat(manager.asked).allMatch(each -> each.method().equals("GET"));
    }

    @Test
    void restoreAndDeleteGoOnOnlyWhenTheInstancesIdIsTyped() {
        manager.then(200, DONE);

        for (List<String> command : List.of(List.of("restore", "pg1", "7"), List.of("delete", "pg1", "7"))) {
            Run run = Run.typing("pg2\n", manager.environment(), command.toArray(String[]::new));
            assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE.number());
            assertThat(run.errors()).contains("nothing was done");
        }
        assertThat(manager.asked).allMatch(each -> each.method().equals("GET"));

        Run yes = Run.typing("pg1\n", manager.environment(), "delete", "pg1", "7");
        assertThat(yes.exitCode()).isZero();
        assertThat(manager.asked.getLast().method()).isEqualTo("DELETE");
    }

    @Test
    void verificationIsWaitedFor() {
        manager.then(200, DONE)
                .then(202, "{}")
                .then(200, "{\"id\": 7, \"status\": \"done\", \"verification\": {\"state\": \"running\"}}")
                .then(
                        200,
                        "{\"id\": 7, \"status\": \"done\", \"verification\": {\"state\": \"failed\","
                                + " \"message\": \"app is cut\"}}");

        Run run = run("verify", "pg1", "7");

        assertThat(run.exitCode()).isEqualTo(ExitCode.FAILED.number());
        assertThat(run.errors()).contains("VerificationFailed: backup 7 of pg1 did not pass: app is cut");
    }

    @Test
    void exportedKeyIsWrittenToANewFile() throws IOException {
        manager.then(200, "age-encryption.org/v1\n");
        Path file = directory.resolve("key.age");

        Run run = run("keys", "pg1", "--export", "2", "--output", file.toString());

        assertThat(run.exitCode()).isZero();
        assertThat(Files.readString(file)).isEqualTo("age-encryption.org/v1\n");
        assertThat(manager.asked.getLast().path()).isEqualTo("/instances/pg1/keys/2/key.age");
    }

    @Test
    void scheduleIsChangedAndShown() {
        manager.then(200, """
                {"instance_id": "pg1", "schedule": {"cron": "0 4 * * *", "time_zone": "Europe/Berlin", "own": true},
                 "next_backup_at": "2026-11-24T03:00:00Z"}""");

        Run run = run("schedule", "pg1", "--cron", "0 4 * * *", "--time-zone", "Europe/Berlin");

        assertThat(run.text())
                .isEqualTo("Schedule of pg1: 0 4 * * * in Europe/Berlin. Next backup: 2026-11-24 03:00:00Z\n");
        assertThat(manager.asked).extracting(StandInManager.Asked::method).containsExactly("GET", "PUT", "GET");
        assertThat(run("schedule", "pg1", "--time-zone", "UTC").exitCode()).isEqualTo(ExitCode.USAGE.number());
        assertThat(run("schedule", "pg1", "--disable", "--enable").exitCode()).isEqualTo(ExitCode.USAGE.number());
    }

    private static final String SHOP = """
            {"instance_id": "shop-1", "state": "active", "owner": "admin", "exclude_from_auto_backup": %s,
             "schedule": {"cron": "0 3 * * *", "time_zone": "UTC", "own": true},
             "retention": {"last": 3, "daily": 30, "own": true}}""";

    private static final String REFUSED = "{\"error\": \"NotFound\", \"description\": \"no such instance\"}";

    private Path policies(String text) throws IOException {
        return Files.writeString(directory.resolve("policies.json"), text);
    }

    @Test
    void policiesThatAreInForceChangeNothing() throws Exception {
        Path file = policies("""
                {"instances": [{"id": "shop-1", "service": "postgresql", "exclude_from_auto_backup": false,
                  "schedule": {"cron": "0  3 * * *"}}]}""");
        manager.then(200, SHOP.formatted(false));

        Run run = run("apply", file.toString());

        assertThat(run.text()).isEqualTo("shop-1: as wanted\n1 instances, 0 changed, 0 failed.\n");
        assertThat(manager.asked).extracting(StandInManager.Asked::method).containsExactly("GET");
    }

    private Path ownedPolicies() throws IOException {
        return policies("""
                {"instances": [{"id": "shop-1", "owner": "data-services", "exclude_from_auto_backup": true,
                  "schedule": null, "retention": {"daily": 14}}]}""");
    }

    @Test
    void dryRunOfPoliciesOnlySaysWhatItWouldChange() throws Exception {
        manager.then(200, SHOP.formatted(false));

        Run dry = run("apply", ownedPolicies().toString(), "--dry-run");

        assertThat(dry.text())
                .isEqualTo("shop-1: would change: owner data-services, exclude_from_auto_backup true, schedule of the"
                        + " platform, retention {\"daily\":14}\n1 instances, 1 to be changed, 0 failed.\n");
        assertThat(manager.asked).extracting(StandInManager.Asked::method).containsExactly("GET");
    }

    @Test
    void policiesAreApplied() throws Exception {
        manager.then(200, SHOP.formatted(false))
                .then(200, "{\"message\": \"instance updated\"}")
                .then(200, "{\"message\": \"instance given to data-services\"}")
                .then(200, SHOP.formatted(true));

        Run run = run("apply", ownedPolicies().toString());

        assertThat(run.exitCode()).as(run.errors()).isZero();
        assertThat(run.text()).contains("shop-1: changed: owner data-services").contains("1 changed, 0 failed");
        assertThat(manager.asked)
                .extracting(each -> each.method() + " " + each.path())
                .containsExactly(
                        "GET /instances/shop-1",
                        "PUT /instances/shop-1",
                        "PUT /instances/shop-1/owner",
                        "GET /instances/shop-1");
        assertThat(manager.bodies.get(1))
                .isEqualTo("{\"exclude_from_auto_backup\":true,\"schedule\":null,\"retention\":{\"daily\":14}}");
        assertThat(manager.bodies.get(2)).isEqualTo("{\"owner\":\"data-services\"}");
    }

    @Test
    void onePolicyThatIsRefusedDoesNotKeepTheOthersFromBeingApplied() throws Exception {
        Path file = policies("{\"instances\": [{\"id\": \"a\"}, {\"id\": \"b\"}]}");
        manager.then(404, REFUSED)
                .then(400, "{\"error\": \"BadRequest\", \"description\": \"no\", \"hint\": \"say yes\"}")
                .then(404, REFUSED)
                .then(201, "{}")
                .then(200, SHOP.formatted(false));

        Run run = run("apply", file.toString());

        assertThat(run.exitCode()).isEqualTo(ExitCode.FAILED.number());
        assertThat(run.errors()).isEqualTo("a: BadRequest: no\nHINT: say yes\n");
        assertThat(run.text()).isEqualTo("b: changed: registered\n2 instances, 1 changed, 1 failed.\n");
    }

    @Test
    void wrongPoliciesAreNamedBeforeAnythingIsAsked() throws Exception {
        for (String[] wrong : new String[][] {
            {"{\"instances\": [{\"id\": \"a\", \"schedul\": 1}]}", "at: instances [0] schedul"},
            {"{\"instances\": [{\"id\": 5}]}", "at: instances [0] id"},
            {"[", "not valid JSON"},
            {"{\"instances\": [{\"id\": \"a b\"}]}", "a b: an instance's id is"},
            {"{\"instances\": [{\"id\": \"a\"}, {\"id\": \"a\"}]}", "a is listed twice"},
            {"{\"instances\": [{\"service\": \"x\"}]}", "an instance has no id"},
            {"{}", "instances is missing"},
        }) {
            Run run = run("apply", policies(wrong[0]).toString());
            assertThat(run.exitCode()).as(wrong[0]).isEqualTo(ExitCode.USAGE.number());
            assertThat(run.errors()).contains(wrong[1]);
        }
        assertThat(manager.asked).isEmpty();
    }

    @Test
    void dryRunSaysWhatGoesAndWhyTheOthersStay() {
        manager.then(200, """
                {"backups": [
                  {"id": 7, "state": "verified", "made_at": "2026-11-22T01:00:00Z", "deleted_now": false,
                   "kept_because": [{"reason": "last"}, {"reason": "held"}]},
                  {"id": 3, "state": "verified", "made_at": "2026-10-02T01:00:00Z", "deleted_now": true,
                   "kept_because": []}]}""");

        assertThat(run("retention", "pg1").text())
                .contains("last, held")
                .containsPattern("3 +verified +2026-10-02 01:00:00Z +now");
        assertThat(manager.asked.getLast().path()).isEqualTo("/instances/pg1/retention");
    }

    @Test
    void notesOfABackupAreShown() {
        manager.then(200, """
                {"id": 7, "status": "done", "state": "verified", "notes": ["table x is not in it"], "artifacts": []}""");

        assertThat(run("backups", "pg1", "7").text()).contains("NOTE: table x is not in it");
    }

    @Test
    void backupIsHeldAndReleased() {
        manager.then(200, "{\"message\": \"backup held\"}");

        assertThat(run("hold", "pg1", "7", "--reason", "audit", "--until", "2027-01-31")
                        .text())
                .isEqualTo("Backup 7 of pg1 is held until 2027-01-31 00:00:00Z.\n");
        assertThat(run("hold", "pg1", "7", "--release").text()).isEqualTo("Backup 7 of pg1 is released.\n");
        assertThat(manager.asked).extracting(StandInManager.Asked::method).containsExactly("POST", "DELETE");
        assertThat(manager.asked.getLast().path()).isEqualTo("/instances/pg1/backups/7/hold");
        assertThat(run("hold", "pg1", "7").exitCode()).isEqualTo(ExitCode.USAGE.number());
        assertThat(run("hold", "pg1", "7", "--reason", "x", "--until", "soon").exitCode())
                .isEqualTo(ExitCode.USAGE.number());
    }

    @Test
    void queueShowsWhatIsPausedAndWhatJobsWaitFor() {
        manager.then(200, """
                {"pauses": [{"scope": "instance", "instance_id": "pg1", "reason": "new disk",
                             "paused_at": "2026-11-22T01:00:00Z"}],
                 "running": 1, "max_running": 5, "jobs": [
                   {"id": 4, "instance_id": "pg2", "kind": "RESTORE", "state": "RUNNING", "restore_id": 2, "attempts": 1,
                    "phase": "staging", "queued_at": "2026-11-22T01:00:00Z"},
                   {"id": 9, "instance_id": "pg1", "kind": "BACKUP", "state": "QUEUED", "backup_id": 7, "attempts": 0,
                    "queued_at": "2026-11-22T01:01:00Z", "waiting_for": "an operator to resume it"}]}""");

        assertThat(run("queue").text())
                .contains("PAUSED: pg1 since 2026-11-22 01:00:00Z: new disk")
                .containsPattern("4 +pg2 +restore 2 +running, staging +2026-11-22 01:00:00Z +1")
                .containsPattern("9 +pg1 +backup 7 +queued +2026-11-22 01:01:00Z +0 +an operator to resume it")
                .contains("1 of at most 5 jobs run.");
        assertThat(manager.asked.getLast().path()).isEqualTo("/queue");
    }

    @Test
    void jobsAreMovedAndPausesBegunAndEnded() {
        manager.then(200, "{\"message\": \"done\"}");

        assertThat(run("queue", "--first", "9").text()).isEqualTo("Job 9 is moved.\n");
        assertThat(run("pause", "--instance", "pg1", "--reason", "new disk").text())
                .isEqualTo("Paused: pg1.\n");
        assertThat(run("resume", "--store").text()).isEqualTo("Resumed: the store.\n");
        assertThat(manager.asked)
                .extracting(StandInManager.Asked::path)
                .containsExactly("/queue/jobs/9/move", "/instances/pg1/pause", "/queue/pauses/store");
        assertThat(manager.asked).extracting(StandInManager.Asked::method).containsExactly("POST", "PUT", "DELETE");
        for (String[] wrong : new String[][] {
            {"pause", "--store"},
            {"pause", "--reason", "x"},
            {"resume", "--store", "--everything"},
            {"queue", "--first", "1", "--last", "1"}
        }) {
            assertThat(run(wrong).exitCode()).isEqualTo(ExitCode.USAGE.number());
        }
    }

    @Test
    void ownersAreShownAndChanged() {
        manager.then(200, "{\"instance_id\": \"pg1\", \"owner\": \"broker\"}")
                .then(200, "{\"instance_id\": \"pg1\", \"owner_unknown\": true}")
                .then(200, "{\"message\": \"done\"}")
                .then(200, "{\"message\": \"done\"}")
                .then(200, "{\"message\": \"done\", \"instances\": 7}");

        assertThat(run("owner", "pg1").text()).isEqualTo("broker\n");
        assertThat(run("owner", "pg1").text()).contains("Its owner is unknown", "--give-to");
        assertThat(run("owner", "pg1", "--give-to", "other").text()).isEqualTo("Instance pg1 belongs to other now.\n");
        assertThat(run("owner", "pg1", "--nobody").text()).isEqualTo("Instance pg1 has no owner now.\n");
        assertThat(run("hand-over", "old name", "new").text()).isEqualTo("7 instances belong to new now.\n");
        assertThat(manager.asked)
                .extracting(StandInManager.Asked::path)
                .containsExactly(
                        "/instances/pg1",
                        "/instances/pg1",
                        "/instances/pg1/owner",
                        "/instances/pg1/owner",
                        "/owners/old%20name/hand-over");
        assertThat(run("owner", "pg1", "--give-to", "other", "--nobody").exitCode())
                .isEqualTo(ExitCode.USAGE.number());
    }

    @Test
    void s7_agentsAreRefusedAndAllowed() throws IOException {
        manager.then(200, "{\"message\": \"refused\"}");
        Path file =
                new Certificates(directory.resolve("agents")).agent("pg1", 0).certificateFile();
        String fingerprint = fingerprint(file);

        assertThat(run("refuse-agent", "--instance", "pg1", "--reason", "stolen")
                        .text())
                .isEqualTo("Refused: agents of pg1.\n");
        assertThat(run("refuse-agent", "--serial", "0A:1B", "--reason", "stolen")
                        .text())
                .isEqualTo("Refused: the certificate with the serial number 0A:1B.\n");
        assertThat(run("refuse-agent", "--certificate", file.toString(), "--reason", "stolen")
                        .text())
                .isEqualTo("Refused: the certificate with the SHA-256 " + fingerprint + ".\n");
        assertThat(run("allow-agent", "--fingerprint", fingerprint).text())
                .isEqualTo("Allowed: the certificate with the SHA-256 " + fingerprint + ".\n");
        assertThat(manager.asked)
                .extracting(StandInManager.Asked::path)
                .containsExactly(
                        "/agents/refused/instance/pg1",
                        "/agents/refused/serial/0A:1B",
                        "/agents/refused/fingerprint/" + fingerprint,
                        "/agents/refused/fingerprint/" + fingerprint);
        assertThat(manager.asked)
                .extracting(StandInManager.Asked::method)
                .containsExactly("PUT", "PUT", "PUT", "DELETE");
        for (String[] wrong : new String[][] {
            {"refuse-agent", "--serial", "1"},
            {"refuse-agent", "--reason", "x"},
            {"refuse-agent", "--serial", "../x", "--reason", "x"},
            {"allow-agent", "--serial", "1", "--instance", "pg1"}
        }) {
            assertThat(run(wrong).exitCode()).isEqualTo(ExitCode.USAGE.number());
        }
        assertThat(run("refuse-agent", "--certificate", file + ".none", "--reason", "x")
                        .exitCode())
                .isEqualTo(ExitCode.LOCAL_FILE.number());
    }

    @Test
    void refusalIsShownWithItsHint() {
        manager.then(
                409,
                "{\"error\": \"LastGoodBackup\", \"description\": \"it is the last\", \"hint\": \"make another\"}");

        Run run = run("delete", "pg1", "7", "--yes");

        assertThat(run.exitCode()).isEqualTo(ExitCode.REFUSED.number());
        assertThat(run.errors()).isEqualTo("LastGoodBackup: it is the last\nHINT: make another\n");
    }

    @Test
    void managersOwnMistakeIsToldApart() {
        manager.then(500, "{\"error\": \"InternalError\", \"description\": \"see abc123 in the log\"}");

        Run run = run("store");

        assertThat(run.exitCode()).isEqualTo(ExitCode.MANAGER_ERROR.number());
        assertThat(run.errors()).isEqualTo("InternalError: see abc123 in the log\n");
    }

    @Test
    void serverThatIsNoManagerIsToldApart() {
        manager.then(200, "<html>welcome</html>");

        Run run = run("instances");

        assertThat(run.exitCode()).isEqualTo(ExitCode.MANAGER_ERROR.number());
        assertThat(run.errors()).startsWith("UnexpectedResponse: ").contains("--manager");
    }

    @Test
    void redirectionIsNotFollowed() {
        manager.thenSendTo(manager.address() + "/elsewhere");

        assertThat(run("instances").exitCode()).isEqualTo(ExitCode.MANAGER_ERROR.number());
        assertThat(manager.asked).allMatch(each -> each.path().equals("/instances?limit=1000"));
    }

    @Test
    void managerOfAnUnknownCaIsNotTalkedTo() {
        manager.then(200, "[]");
        Map<String, String> environment = new HashMap<>(manager.environment());
        environment.remove("HOLDFAST_CA_FILE");

        Run run = Run.with(environment, "instances");

        assertThat(run.exitCode()).isEqualTo(ExitCode.UNREACHABLE.number());
        assertThat(run.errors()).startsWith("Tls: ").contains("--ca-file");
        assertThat(manager.asked).isEmpty();
    }

    @Test
    void managerThatIsNotThereIsSaid() throws IOException {
        int port;
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = taken.getLocalPort();
        }

        Run run = run("instances", "--manager", "https://127.0.0.1:" + port);

        assertThat(run.exitCode()).isEqualTo(ExitCode.UNREACHABLE.number());
        assertThat(run.errors()).startsWith("Unreachable: ").contains("HINT: ");
    }

    private static String fingerprint(Path file) throws IOException {
        Process openssl = new ProcessBuilder(
                        "openssl", "x509", "-in", file.toString(), "-noout", "-fingerprint", "-sha256")
                .start();
        String text = new String(openssl.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        return text.substring(text.indexOf('=') + 1).strip().replace(":", "").toLowerCase(Locale.ROOT);
    }

    private Run run(String... arguments) {
        return Run.with(manager.environment(), arguments);
    }
}
