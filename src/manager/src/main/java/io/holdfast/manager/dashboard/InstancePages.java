package io.holdfast.manager.dashboard;

import io.holdfast.manager.backup.Backup;
import io.holdfast.manager.backup.Hold;
import io.holdfast.manager.dashboard.BackupRow.RestoreRow;
import io.holdfast.manager.dashboard.InstancePage.Facts;
import io.holdfast.manager.dashboard.InstancePage.Header;
import io.holdfast.manager.display.Formatting;
import io.holdfast.manager.display.SizeChart;
import io.holdfast.manager.fleet.Protection;
import io.holdfast.manager.fleet.Protection.Size;
import io.holdfast.manager.instance.Instance;
import io.holdfast.manager.instance.InstanceOverview;
import io.holdfast.manager.jobs.JobState;
import io.holdfast.manager.jobs.OpenJob;
import io.holdfast.manager.jobs.OpenJobs;
import io.holdfast.manager.retention.RetentionPlans;
import io.holdfast.manager.schedule.Scheduler;
import io.holdfast.manager.wire.Lookup;
import io.holdfast.manager.wire.WaitingFor;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Collects what the pages of an instance show.
 *
 * @param silence how long an agent may be silent and still counts as there
 * @param clock the database's
 */
public record InstancePages(
        Lookup lookup,
        OpenJobs open,
        Protection protection,
        RetentionPlans plans,
        Scheduler scheduler,
        Duration silence,
        InstantSource clock) {
    private static final int BACKUPS = 25;
    private static final int RESTORES = 10;
    private static final int JOBS = 10;

    /**
     * The page.
     *
     * @param before only backups with smaller numbers
     */
    InstancePage page(Instance instance, boolean manages, long before) {
        Instant now = clock.instant();
        InstanceOverview overview = lookup.instances().overview(instance.id(), silence);
        List<Backup> found = lookup.backups().list(instance.id(), before, BACKUPS + 1);
        List<Backup> shown = found.subList(0, Math.min(BACKUPS, found.size()));
        Map<Long, Instant> estimates = plans.plan(instance).estimates();
        List<BackupRow> rows = shown.stream()
                .map(row -> BackupRow.of(row, estimates.get(row.id()), now))
                .toList();
        boolean newest = before == Long.MAX_VALUE;
        Optional<Backup> latest = latestEnded(newest ? shown : lookup.backups().list(instance.id(), Long.MAX_VALUE, 2));
        List<Size> sizes = protection.sizes(instance.id(), SizeChart.MOST);
        List<JobView> jobs = jobs(instance, now);
        return new InstancePage(
                header(
                        instance,
                        overview.lastGoodBackupAt(),
                        latest.map(each -> each.job().state()),
                        manages,
                        now),
                now,
                facts(instance, overview, sizes, latest, now),
                jobs,
                sizes.isEmpty() ? null : SizeChart.of(sizes),
                rows,
                found.size() > BACKUPS
                        ? "/i/" + instance.instanceId() + "?before="
                                + shown.getLast().id()
                        : null,
                newest,
                lookup.restores().list(instance.id(), Long.MAX_VALUE, RESTORES).stream()
                        .map(RestoreRow::of)
                        .toList(),
                version(instance, jobs));
    }

    /** What has changed of an instance since its page was made. */
    PageWatch.Seen look(Instance instance) {
        List<JobView> jobs = jobs(instance, clock.instant());
        return new PageWatch.Seen(
                version(instance, jobs),
                Html.text(null, (output, forms) -> JtejobsGenerated.render(output, forms, jobs)));
    }

    private String version(Instance instance, List<JobView> jobs) {
        List<Backup> latest = lookup.backups().list(instance.id(), Long.MAX_VALUE, 1);
        return Integer.toHexString(Objects.hash(
                jobs.stream()
                        .map(job -> List.of(job.id(), job.state(), job.cancellable()))
                        .toList(),
                latest.stream()
                        .map(row -> List.of(
                                row.id(), row.state().name(), row.job().state().name()))
                        .toList()));
    }

    /** One backup. */
    BackupPage backup(Instance instance, Backup row, boolean manages) {
        Instant now = clock.instant();
        Hold hold = row.hold();
        return new BackupPage(
                header(instance, manages),
                BackupRow.of(row, plans.plan(instance).estimates().get(row.id()), now),
                row.backupId(),
                row.finishedAt(),
                verification(row),
                row.keyVersion(),
                row.engineVersion(),
                row.job().epoch(),
                hold != null && hold.isAt(now) ? String.valueOf(hold.reason()) : null,
                row.snapshot() != null,
                row.provenance().maker(),
                row.notes(),
                row.finishedAt() == null
                        ? List.of()
                        : lookup.backups()
                                .manifest(row.id())
                                .map(BackupPage::artifacts)
                                .orElse(List.of()));
    }

    private static String verification(Backup row) {
        return switch (row.verification().state()) {
            case NONE -> "not verified";
            case QUEUED -> "waits for verification";
            case RUNNING -> "verification is running";
            case PASSED ->
                (row.snapshot() == null
                                ? "verified (decrypted and checked to its end) on "
                                : "verified (what the store has of it was checked, and its snapshot found) on ")
                        + Formatting.time(row.verification().at());
            case FAILED ->
                "verification found damage on "
                        + Formatting.time(row.verification().at());
        };
    }

    private static Optional<Backup> latestEnded(List<Backup> newestFirst) {
        return newestFirst.stream()
                .filter(row -> row.job().finishedAt() != null)
                .findFirst();
    }

    /** What stands above each page of an instance. */
    Header header(Instance instance, boolean manages) {
        return header(
                instance,
                lookup.instances().overview(instance.id(), silence).lastGoodBackupAt(),
                latestEnded(lookup.backups().list(instance.id(), Long.MAX_VALUE, 2))
                        .map(each -> each.job().state()),
                manages,
                clock.instant());
    }

    private Header header(
            Instance instance, @Nullable Instant lastGood, Optional<JobState> latest, boolean manages, Instant now) {
        boolean active = instance.deletedAt() == null;
        return new Header(
                instance.instanceId(),
                instance.service(),
                State.ofInstance(
                        !active,
                        instance.excluded(),
                        instance.createdAt(),
                        lastGood,
                        scheduler
                                .wantedBy(instance.scheduleCron(), instance.scheduleTimeZone(), now)
                                .orElse(null),
                        latest.orElse(null)),
                manages,
                active);
    }

    private Facts facts(
            Instance instance, InstanceOverview overview, List<Size> sizes, Optional<Backup> latest, Instant now) {
        return new Facts(
                sizes.isEmpty() ? null : sizes.getFirst(),
                overview.lastGoodBackupAt(),
                overview.lastVerifiedAt(),
                scheduler.nextStart(instance).orElse(null),
                scheduler.schedule(instance).cron().toString(),
                instance.scheduleCron() != null,
                instance.excluded(),
                overview.agentsOnline(),
                overview.snapshotsFailure(),
                latest.filter(row -> row.job().state() == JobState.FAILED)
                        .map(row -> BackupRow.of(row, null, now))
                        .orElse(null));
    }

    /** What has not ended. */
    List<JobView> jobs(Instance instance, Instant now) {
        return views(open.list(instance.id(), JOBS), now);
    }

    /** What has not ended anywhere, in the order of the queue. */
    List<JobView> allJobs(int most, Instant now) {
        return views(open.list(most), now);
    }

    private List<JobView> views(List<OpenJob> jobs, Instant now) {
        return jobs.stream()
                .map(job -> JobView.of(job, WaitingFor.text(job, open.mostRunning()), now))
                .toList();
    }
}
