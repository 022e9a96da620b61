package io.holdfast.manager.dashboard;

import io.holdfast.manager.dashboard.BackupRow.RestoreRow;
import io.holdfast.manager.display.SizeChart;
import io.holdfast.manager.fleet.Protection.Size;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One instance and its backups.
 *
 * @param now the time that all of it is true of
 * @param jobs what has not ended
 * @param chart null without a good backup
 * @param older address of the older backups, or null when there are none
 * @param newest whether the newest backups are shown
 * @param version changes when more of it does than how far jobs are
 */
record InstancePage(
        Header header,
        Instant now,
        Facts facts,
        List<JobView> jobs,
        @Nullable SizeChart chart,
        List<BackupRow> backups,
        @Nullable String older,
        boolean newest,
        List<RestoreRow> restores,
        String version) {

    /**
     * What stands above each page of an instance.
     *
     * @param manages whether the one who looks may act on it
     * @param active whether it was not deleted
     */
    record Header(String id, String service, State state, boolean manages, boolean active) {
        String path() {
            return "/i/" + id;
        }
    }

    /**
     * What somebody wants to know first.
     *
     * @param snapshotsFailure why the agent cannot look at the service's own repository, when it cannot
     * @param lastFailed why the latest backup failed, when it did
     */
    record Facts(
            @Nullable Size lastGood,
            @Nullable Instant lastGoodAt,
            @Nullable Instant lastVerifiedAt,
            @Nullable Instant next,
            String schedule,
            boolean ownSchedule,
            boolean excluded,
            int agentsOnline,
            @Nullable String snapshotsFailure,
            @Nullable BackupRow lastFailed) {}
}
