package io.holdfast.manager.wire;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.holdfast.format.json.Json;
import io.holdfast.format.manifest.Manifest;
import io.holdfast.manager.agents.AgentCertificate;
import io.holdfast.manager.backup.Backup;
import io.holdfast.manager.backup.BackupJobs;
import io.holdfast.manager.backup.NotedManifest;
import io.holdfast.manager.http.ErrorCode;
import io.holdfast.manager.http.HttpError;
import io.holdfast.manager.http.Reply;
import io.holdfast.manager.instance.InstanceOverview;
import io.holdfast.manager.jobs.JobState;
import io.holdfast.manager.restore.Restore;
import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.Phase;
import io.holdfast.protocol.RestoreResult;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The shapes that operators' clients see, see {@code docs/api.md}, made from rows. */
public final class Wire {

    private Wire() {}

    public record Message(String message) {}

    /** The answer to a wish to cancel a job. */
    public static Reply cancelled(boolean accepted) {
        if (!accepted) {
            throw new HttpError(
                    ErrorCode.NOT_CANCELLABLE,
                    "it has ended, or is past the point where it can be cancelled",
                    "look at its status");
        }
        return Reply.json(202, new Message("cancel requested"));
    }

    public record Queued(long id, String message) {}

    /** The answer to a wish for a backup. */
    public static Reply queued(BackupJobs.Ordered ordered) {
        return Reply.json(
                201,
                new Queued(
                        ordered.number(),
                        ordered.added() ? "job to backup is queued" : "a job to backup waits already"));
    }

    public record Id(long id) {}

    public record InstanceView(
            long id,
            String instanceId,
            String service,
            String state,
            Instant createdAt,
            @Nullable Instant lastGoodBackupAt,
            @Nullable Instant lastVerifiedAt,
            boolean excludeFromAutoBackup,
            int agentsOnline,
            @Nullable Instant snapshotsSeenAt,
            @Nullable String snapshotsFailure,
            @Nullable String owner,
            @Nullable Boolean ownerUnknown,
            @Nullable Instant deletedAt,
            PlanViews.@Nullable ScheduleView schedule,
            @Nullable Instant nextBackupAt,
            PlanViews.@Nullable SlotView lastScheduledRun,
            PlanViews.@Nullable RulesView retention,
            KeyViews.@Nullable PassphraseView passphrase,
            @Nullable List<OlderBackup> backups,
            @Nullable List<RestoreView> restores) {
        /** As it is in a list. */
        public static InstanceView of(InstanceOverview row) {
            return new InstanceView(
                    row.id(),
                    row.instanceId(),
                    row.service(),
                    row.deletedAt() == null ? "active" : "deleted",
                    row.createdAt(),
                    row.lastGoodBackupAt(),
                    row.lastVerifiedAt(),
                    row.excluded(),
                    row.agentsOnline(),
                    row.snapshotsSeenAt(),
                    row.snapshotsFailure(),
                    row.owner(),
                    row.ownerUnknown() ? true : null,
                    row.deletedAt(),
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    null);
        }

        /** The same with its plan and all that belongs to it. */
        public InstanceView with(
                boolean withOwner,
                PlanViews.ScheduleView itsSchedule,
                @Nullable Instant next,
                PlanViews.@Nullable SlotView slot,
                PlanViews.RulesView rules,
                KeyViews.PassphraseView key,
                List<OlderBackup> itsBackups,
                List<RestoreView> itsRestores) {
            return new InstanceView(
                    id,
                    instanceId,
                    service,
                    state,
                    createdAt,
                    lastGoodBackupAt,
                    lastVerifiedAt,
                    excludeFromAutoBackup,
                    agentsOnline,
                    snapshotsSeenAt,
                    snapshotsFailure,
                    withOwner ? owner : null,
                    withOwner ? ownerUnknown : null,
                    deletedAt,
                    itsSchedule,
                    next,
                    slot,
                    rules,
                    key,
                    itsBackups,
                    itsRestores);
        }
    }

    public record Progress(
            @Nullable Phase phase,
            @Nullable String detail,
            long bytesIn,
            long bytesOut,
            @Nullable Long estimatedBytes) {}

    public record ReasonView(
            FailureCode code,
            @Nullable String message,
            @Nullable String hint) {}

    public record VerificationView(
            String state,
            @Nullable Instant at,
            @Nullable String level,
            @Nullable String message) {}

    public record ArtifactView(
            String name, String type, String source, long plaintextBytes, long bytes, long segments) {}

    /** Which agent made a backup. */
    public record MakerView(int agent, String host, AgentCertificate certificate) {
        public static @Nullable MakerView of(Manifest.@Nullable MadeBy maker) {
            return maker == null
                    ? null
                    : new MakerView(
                            maker.agent(),
                            maker.host(),
                            new AgentCertificate(maker.certificateSerial(), maker.certificateSha256()));
        }
    }

    public record BackupView(
            long id,
            String backupId,
            @Nullable Long size,
            @Nullable Long addedBytes,
            String status,
            Instant triggeredAt,
            @Nullable Instant startedAt,
            @Nullable Instant finishedAt,
            boolean downloadable,
            String state,
            @Nullable String origin,
            int attempts,
            @Nullable Progress progress,
            @Nullable ReasonView reason,
            VerificationView verification,
            @Nullable Integer keyVersion,
            @Nullable String engineVersion,
            @Nullable MakerView madeBy,
            @Nullable List<String> notes,
            @Nullable String snapshot,
            PlanViews.@Nullable HoldView hold,
            @Nullable Instant expectedDeletionAt,
            @Nullable List<ArtifactView> artifacts) {
        public static BackupView of(Backup row, boolean downloads, @Nullable Instant expectedDeletionAt) {
            return of(row, downloads, expectedDeletionAt, null);
        }

        public static BackupView withArtifacts(
                Backup row, boolean downloads, @Nullable Instant expectedDeletionAt, @Nullable String manifest) {
            return of(row, downloads, expectedDeletionAt, row.finishedAt() == null ? null : artifactsOf(manifest));
        }

        private static BackupView of(
                Backup row,
                boolean downloads,
                @Nullable Instant expectedDeletionAt,
                @Nullable List<ArtifactView> artifacts) {
            boolean running = Wire.status(row).equals("running");
            return new BackupView(
                    row.id(),
                    row.backupId(),
                    row.size(),
                    row.addedBytes(),
                    Wire.status(row),
                    row.job().createdAt(),
                    row.job().startedAt(),
                    row.job().finishedAt(),
                    downloads && canBeDownloaded(row),
                    lower(row.state()),
                    row.provenance().origin() == null
                            ? null
                            : lower(row.provenance().origin()),
                    row.job().epoch(),
                    running
                            ? new Progress(
                                    row.job().phase(),
                                    row.job().detail(),
                                    row.job().bytesIn(),
                                    row.job().bytesOut(),
                                    row.job().estimatedBytes())
                            : null,
                    row.job().code() == null
                            ? null
                            : new ReasonView(
                                    row.job().code(),
                                    row.job().message(),
                                    row.job().hint()),
                    new VerificationView(
                            lower(row.verification().state()),
                            row.verification().at(),
                            row.verification().level() == null
                                    ? null
                                    : lower(row.verification().level()),
                            row.verification().message()),
                    row.keyVersion(),
                    row.engineVersion(),
                    MakerView.of(row.provenance().maker()),
                    row.notes().isEmpty() ? null : row.notes(),
                    row.snapshot() == null ? null : lower(row.snapshot()),
                    PlanViews.HoldView.of(row),
                    expectedDeletionAt,
                    artifacts);
        }
    }

    /** The word of the a9s API for where a backup is. */
    public static String status(Backup row) {
        return switch (row.state()) {
            case DELETING, DELETED -> "deleted";
            case PENDING, UPLOADED, DONE, VERIFIED, SUSPECT, FAILED ->
                status(row.job().state());
        };
    }

    private static String status(JobState state) {
        return switch (state) {
            case QUEUED -> "queued";
            case RUNNING, COMMITTING -> "running";
            case DONE -> "done";
            case FAILED, CANCELLED -> "failed";
        };
    }

    public static List<ArtifactView> artifactsOf(@Nullable String manifest) {
        if (manifest == null) {
            return List.of();
        }
        return NotedManifest.parse(manifest).artifacts().stream()
                .map(each -> new ArtifactView(
                        each.name(),
                        each.type(),
                        each.source(),
                        each.plaintextBytes(),
                        each.storedBytes(),
                        each.segments()))
                .toList();
    }

    public record RestoredFrom(
            @JsonProperty("restored_from") String restoredFrom) {}

    public record RestoredNames(List<String> restored, List<String> leftAlone, List<String> kept, List<String> notes) {}

    public record RestoreView(
            long id,
            long backupId,
            RestoredFrom metadata,
            String status,
            Instant triggeredAt,
            @Nullable Instant startedAt,
            @Nullable Instant finishedAt,
            int attempts,
            @Nullable Progress progress,
            @Nullable ReasonView reason,
            @Nullable String liveData,
            @Nullable Boolean skipBroken,
            @Nullable RestoredNames result) {
        public static RestoreView of(Restore row) {
            RestoreResult result =
                    row.result() == null ? null : Json.mapper().readValue(row.result(), RestoreResult.class);
            return new RestoreView(
                    row.id(),
                    row.backup(),
                    new RestoredFrom(row.backupName()),
                    Wire.status(row.job().state()),
                    row.job().createdAt(),
                    row.job().startedAt(),
                    row.job().finishedAt(),
                    row.job().epoch(),
                    row.job().state() == JobState.QUEUED
                            ? null
                            : new Progress(
                                    row.job().state() == JobState.DONE
                                            ? Phase.COMMITTED
                                            : row.job().phase(),
                                    row.job().detail(),
                                    row.job().bytesIn(),
                                    row.job().bytesOut(),
                                    row.job().estimatedBytes()),
                    row.job().code() == null
                            ? null
                            : new ReasonView(
                                    row.job().code(),
                                    row.job().message(),
                                    row.job().hint()),
                    row.liveData() == null ? null : lower(row.liveData()),
                    row.skipBroken() ? true : null,
                    result == null
                            ? null
                            : new RestoredNames(result.restored(), result.leftAlone(), result.kept(), result.notes()));
        }
    }

    /** A backup in the shape of the legacy a9s API. */
    public record OlderBackup(
            long id,
            String instanceId,
            @Nullable Long size,
            String backupId,
            boolean isDownloadable,
            OlderTask backupAgentTask,
            String state) {
        public static OlderBackup of(String instanceId, Backup row, boolean downloads) {
            Instant updated = row.job().finishedAt() != null
                    ? row.job().finishedAt()
                    : row.job().startedAt();
            return new OlderBackup(
                    row.id(),
                    instanceId,
                    row.size(),
                    row.backupId(),
                    downloads && canBeDownloaded(row),
                    new OlderTask(
                            row.job().id(),
                            Long.toString(row.job().id()),
                            status(row),
                            row.job().message() == null ? "" : row.job().message(),
                            row.job().createdAt(),
                            updated == null ? row.job().createdAt() : updated),
                    lower(row.state()));
        }
    }

    public record OlderTask(long id, String taskId, String status, String msg, Instant createdAt, Instant updatedAt) {}

    public record ConfigView(
            int minBackupCount,
            int retentionTime,
            int minEncryptionKeyLength,
            boolean excludeFromAutoBackup,
            String backupType) {}

    private static String lower(Enum<?> word) {
        return word.name().toLowerCase(Locale.ROOT);
    }

    /** Whether the store has a backup's data, so that a download has it. */
    public static boolean canBeDownloaded(Backup row) {
        return row.state().isGood() && row.snapshot() == null;
    }
}
