package io.holdfast.manager.api;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.holdfast.format.json.Json;
import io.holdfast.format.manifest.Manifest;
import io.holdfast.format.manifest.SignedManifest;
import io.holdfast.format.signed.SignedFileException;
import io.holdfast.manager.agents.AgentCertificate;
import io.holdfast.manager.backup.Backup;
import io.holdfast.manager.http.ErrorCode;
import io.holdfast.manager.http.HttpError;
import io.holdfast.manager.http.Reply;
import io.holdfast.manager.instance.InstanceOverview;
import io.holdfast.manager.jobs.JobState;
import io.holdfast.manager.restore.Restore;
import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.Phase;
import io.holdfast.protocol.RestoreResult;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The shapes that operators' clients see, see {@code docs/api.md}, made from rows. */
final class Wire {
    private static final Pattern WORD = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,127}");

    private Wire() {}

    /** Demands a short word, as ids and names are. */
    static void requireWord(@Nullable String value, String field) {
        if (value == null || !WORD.matcher(value).matches()) {
            throw new HttpError(ErrorCode.BAD_REQUEST, "field '" + field + "' is missing or is not a short word");
        }
    }

    record Message(String message) {}

    /** The answer to a wish to cancel a job. */
    static Reply cancelled(boolean accepted) {
        if (!accepted) {
            throw new HttpError(
                    ErrorCode.NOT_CANCELLABLE,
                    "it has ended, or is past the point where it can be cancelled",
                    "look at its status");
        }
        return Reply.json(202, new Message("cancel requested"));
    }

    record Queued(long id, String message) {}

    record Id(long id) {}

    record InstanceView(
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
            PlanViews.@Nullable SlotView lastSlot,
            PlanViews.@Nullable RulesView retention,
            KeysApi.@Nullable EncryptionKeyView encryptionKey,
            @Nullable List<OlderBackup> backups,
            @Nullable List<RestoreView> restores) {
        /** As it is in a list. */
        static InstanceView of(InstanceOverview row) {
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
        InstanceView with(
                boolean withOwner,
                PlanViews.ScheduleView itsSchedule,
                @Nullable Instant next,
                PlanViews.@Nullable SlotView slot,
                PlanViews.RulesView rules,
                KeysApi.EncryptionKeyView key,
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

    record Progress(
            @Nullable Phase phase,
            @Nullable String detail,
            long bytesIn,
            long bytesOut,
            @Nullable Long estimatedBytes) {}

    record ReasonView(
            FailureCode code,
            @Nullable String message,
            @Nullable String hint) {}

    record VerificationView(
            String state,
            @Nullable Instant at,
            @Nullable String proof,
            @Nullable String message) {}

    record ArtifactView(String name, String type, String source, long plaintextBytes, long bytes, int segments) {}

    /** Which agent made a backup. */
    record MakerView(int agent, String host, AgentCertificate certificate) {
        static @Nullable MakerView of(Manifest.@Nullable MadeBy maker) {
            return maker == null
                    ? null
                    : new MakerView(
                            maker.agent(),
                            maker.host(),
                            new AgentCertificate(maker.certificateSerial(), maker.certificateSha256()));
        }
    }

    record BackupView(
            long id,
            String backupId,
            @Nullable Long size,
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
            @Nullable Instant willBeDeletedAt,
            @Nullable List<ArtifactView> artifacts) {
        static BackupView of(Backup row, boolean downloads, @Nullable Instant willBeDeletedAt) {
            return of(row, downloads, willBeDeletedAt, null);
        }

        static BackupView withArtifacts(
                Backup row, boolean downloads, @Nullable Instant willBeDeletedAt, @Nullable String manifest) {
            return of(row, downloads, willBeDeletedAt, row.finishedAt() == null ? null : artifactsOf(manifest));
        }

        private static BackupView of(
                Backup row,
                boolean downloads,
                @Nullable Instant willBeDeletedAt,
                @Nullable List<ArtifactView> artifacts) {
            boolean running = Wire.status(row).equals("running");
            return new BackupView(
                    row.id(),
                    row.backupId(),
                    row.size(),
                    Wire.status(row),
                    row.createdAt(),
                    row.startedAt(),
                    row.endedAt(),
                    downloads && canBeDownloaded(row),
                    lower(row.state()),
                    row.origin() == null ? null : lower(row.origin()),
                    row.epoch(),
                    running
                            ? new Progress(
                                    row.phase(), row.detail(), row.bytesIn(), row.bytesOut(), row.estimatedBytes())
                            : null,
                    row.code() == null ? null : new ReasonView(row.code(), row.message(), row.hint()),
                    new VerificationView(
                            lower(row.verification()),
                            row.verifiedAt(),
                            row.readBack() == null ? null : lower(row.readBack()),
                            row.verificationMessage()),
                    row.keyVersion(),
                    row.engineVersion(),
                    MakerView.of(row.maker()),
                    row.notes().isEmpty() ? null : row.notes(),
                    row.snapshot() == null ? null : lower(row.snapshot()),
                    PlanViews.HoldView.of(row),
                    willBeDeletedAt,
                    artifacts);
        }
    }

    /** The word of the a9s API for where a backup is. */
    static String status(Backup row) {
        return switch (row.state()) {
            case DELETING, DELETED -> "deleted";
            case PENDING, UPLOADED, DONE, VERIFIED, SUSPECT, FAILED -> status(row.jobState());
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

    static List<ArtifactView> artifactsOf(@Nullable String manifest) {
        if (manifest == null) {
            return List.of();
        }
        try {
            Manifest parsed = SignedManifest.parse(manifest.getBytes(StandardCharsets.UTF_8))
                    .manifest();
            return parsed.artifacts().stream()
                    .map(each -> new ArtifactView(
                            each.name(),
                            each.type(),
                            each.source(),
                            each.plaintextBytes(),
                            each.segments().stream()
                                    .mapToLong(Manifest.Segment::bytes)
                                    .sum(),
                            each.segments().size()))
                    .toList();
        } catch (SignedFileException e) {
            throw new IllegalStateException("the catalogue holds a manifest that cannot be read", e);
        }
    }

    record RestoredFrom(@JsonProperty("restored_from") String restoredFrom) {}

    record RestoredNames(List<String> restored, List<String> leftAlone, List<String> kept, List<String> notes) {}

    record RestoreView(
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
        static RestoreView of(Restore row) {
            RestoreResult result =
                    row.result() == null ? null : Json.mapper().readValue(row.result(), RestoreResult.class);
            return new RestoreView(
                    row.id(),
                    row.backup(),
                    new RestoredFrom(row.backupName()),
                    Wire.status(row.state()),
                    row.createdAt(),
                    row.startedAt(),
                    row.finishedAt(),
                    row.epoch(),
                    row.state() == JobState.QUEUED
                            ? null
                            : new Progress(
                                    row.state() == JobState.DONE ? Phase.COMMITTED : row.phase(),
                                    row.detail(),
                                    row.bytesIn(),
                                    row.bytesOut(),
                                    row.estimatedBytes()),
                    row.code() == null ? null : new ReasonView(row.code(), row.message(), row.hint()),
                    row.liveData() == null ? null : lower(row.liveData()),
                    row.skipBroken() ? true : null,
                    result == null
                            ? null
                            : new RestoredNames(result.restored(), result.leftAlone(), result.kept(), result.notes()));
        }
    }

    /** A backup in the shape of the legacy a9s API. */
    record OlderBackup(
            long id,
            String instanceId,
            @Nullable Long size,
            String backupId,
            boolean isDownloadable,
            OlderTask backupAgentTask,
            String state) {
        static OlderBackup of(String instanceId, Backup row, boolean downloads) {
            Instant updated = row.endedAt() != null ? row.endedAt() : row.startedAt();
            return new OlderBackup(
                    row.id(),
                    instanceId,
                    row.size(),
                    row.backupId(),
                    downloads && canBeDownloaded(row),
                    new OlderTask(
                            row.job(),
                            Long.toString(row.job()),
                            status(row),
                            row.message() == null ? "" : row.message(),
                            row.createdAt(),
                            updated == null ? row.createdAt() : updated),
                    lower(row.state()));
        }
    }

    record OlderTask(long id, String taskId, String status, String msg, Instant createdAt, Instant updatedAt) {}

    record ConfigView(
            int minBackupCount,
            int retentionTime,
            int minEncryptionKeyLength,
            boolean excludeFromAutoBackup,
            String backupType) {}

    record KeyView(
            int version,
            String recipient,
            Instant createdAt,
            boolean current,
            boolean managed,
            boolean passphrase,
            boolean stored) {}

    private static String lower(Enum<?> word) {
        return word.name().toLowerCase(Locale.ROOT);
    }

    /** Whether the store has a backup's data, so that a download has it. */
    static boolean canBeDownloaded(Backup row) {
        return row.state().isGood() && row.snapshot() == null;
    }
}
