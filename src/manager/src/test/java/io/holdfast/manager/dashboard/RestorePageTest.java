package io.holdfast.manager.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.manager.TestPlans;
import io.holdfast.manager.backup.Backup;
import io.holdfast.manager.backup.BackupState;
import io.holdfast.manager.dashboard.InstancePage.Header;
import io.holdfast.manager.instance.Instance;
import io.holdfast.manager.jobs.Job;
import io.holdfast.manager.restore.RestoreRows;
import io.holdfast.protocol.RestoreResult;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the page before a restore asks, and what the list of restores says of one. */
class RestorePageTest {
    @TempDir
    Path folder;

    @Test
    void whetherBrokenPartsAreLeftOutIsAskedOnlyWhereThereAreParts() {
        assertThat(page(true))
                .contains("name=\"skip_broken\" value=\"true\"", "Leave out what cannot be restored")
                .doesNotContainPattern("<input[^>]*checked");
        assertThat(page(false)).doesNotContain("skip_broken");
    }

    @Test
    void whatWasLeftOutIsListedWithTheRestore() throws Exception {
        try (TestPlans parts = new TestPlans(folder)) {
            Instance instance = parts.instance("shop-1");
            long backup = parts.backup(instance, BackupState.VERIFIED, Duration.ofDays(1));
            Backup row = parts.backups.find(instance.id(), backup).orElseThrow();
            long restore = parts.restoreJobs.queue(instance, row);
            assertThat(listed(parts, instance, restore)).isEmpty();
            new RestoreRows(parts.database).skipBroken(restore);
            Job job = parts.queue
                    .claim(instance, 0, "session", null, Duration.ZERO)
                    .orElseThrow();
            parts.restoreJobs.done(
                    job.id(),
                    instance,
                    new RestoreResult(
                            job.epoch(), List.of(), List.of(), List.of(), List.of("left out: queue q: it is another")));
            assertThat(listed(parts, instance, restore))
                    .containsExactly("Asked to leave out what cannot be restored.", "left out: queue q: it is another");
        }
    }

    private static List<String> listed(TestPlans parts, Instance instance, long restore) {
        return BackupRow.RestoreRow.of(
                        parts.restores.find(instance.id(), restore).orElseThrow())
                .notes();
    }

    private static String page(boolean inParts) {
        Instant time = Instant.parse("2026-11-30T01:30:00Z");
        State state = new State("Verified", "good");
        BackupPage page = new BackupPage(
                new Header("shop-1", "rabbitmq", state, true, true),
                new BackupRow(
                        7, state, time, Duration.ofSeconds(5), 1000L, 10L, "Request", false, true, true, null, null),
                "backup-7",
                time,
                "verified",
                1,
                "3.10",
                1,
                null,
                false,
                null,
                List.of(),
                List.of());
        Frame frame = new Frame(new Assets(), "Restore", Frame.Part.NONE, "admin", true, "token", null);
        return Html.text(
                "token", (output, forms) -> JterestoreGenerated.render(output, forms, frame, page, 24, false, inParts));
    }
}
