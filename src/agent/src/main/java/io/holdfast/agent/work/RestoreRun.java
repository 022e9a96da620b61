package io.holdfast.agent.work;

import io.holdfast.agent.adapter.Restore;
import io.holdfast.agent.adapter.RestoreJournal;
import io.holdfast.agent.adapter.RestoreOrder;
import io.holdfast.agent.attempt.Attempt;
import io.holdfast.agent.attempt.CrashPoint;
import io.holdfast.agent.attempt.JobException;
import io.holdfast.agent.attempt.Progress;
import io.holdfast.agent.attempt.RestoreId;
import io.holdfast.agent.attempt.StopSignal;
import io.holdfast.agent.manager.ManagerException;
import io.holdfast.agent.transfer.Downloads;
import io.holdfast.format.manifest.Manifest;
import io.holdfast.format.manifest.SignedManifest;
import io.holdfast.format.signed.SignedFileException;
import io.holdfast.protocol.Assignment;
import io.holdfast.protocol.CutOver;
import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.Phase;
import io.holdfast.protocol.RestoreResult;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One attempt at a restore. Until the swap everything can be undone by forgetting it, and an attempt that fails does so
 * itself. From the swap on the journal leads, and the attempt can no longer be stopped: {@link #settle} brings it to an
 * end, now or after a crash.
 */
final class RestoreRun {
    private static final Logger LOG = LoggerFactory.getLogger(RestoreRun.class);
    private static final Duration CUT_OVER_PATIENCE = Duration.ofMinutes(2);
    private static final Duration REPORT_PATIENCE = Duration.ofMinutes(10);

    private final AgentContext context;
    private final Attempt attempt;
    private final Progress progress;

    RestoreRun(AgentContext context, Attempt attempt) {
        this.context = context;
        this.attempt = attempt;
        this.progress = attempt.progress();
    }

    /** The whole of it. Live data is untouched when this throws. */
    void run(Assignment.Restore order, String instanceId) throws IOException, InterruptedException {
        progress.enter(Phase.PREFLIGHT);
        context.duty().requireForRestore(attempt.stop());
        Manifest manifest = manifest(order, instanceId);
        progress.estimate(manifest.artifacts().stream()
                .mapToLong(Manifest.Artifact::plaintextBytes)
                .sum());
        RestoreJournal journal =
                RestoreJournal.create(context.journals(), attempt.id(), new RestoreId(order.restoreId()));
        try (Restore restore = context.adapter().restore(journal, attempt);
                Downloads downloads = downloads(manifest)) {
            attempt.reached(CrashPoint.STAGING_BEGUN);
            RestoreOrder restoreOrder = new RestoreOrder(
                    manifest,
                    order.rollbackHours(),
                    Boolean.TRUE.equals(order.skipBroken()),
                    new BackupSource(manifest, downloads, progress));
            restore.preflight(restoreOrder);
            progress.enter(Phase.STAGING);
            restore.stage(restoreOrder);
            progress.enter(Phase.STAGED);
            attempt.reached(CrashPoint.STAGED);
            if (restore.savesFirst()) {
                progress.enter(Phase.SAFETY_BACKUP);
                restore.save();
            }
            cutOver();
            restore.swap();
            attempt.reached(CrashPoint.SWAPPED);
        } catch (IOException | InterruptedException | RuntimeException | LinkageError | VirtualMachineError e) {
            if (!undone(journal, e)) {
                throw e;
            }
        }
        settle(journal);
    }

    /**
     * Live data is replaced only once the manager knows: from then on it gives the restore to nobody else, and takes no
     * request to cancel it.
     */
    private void cutOver() throws IOException, InterruptedException {
        progress.enter(Phase.SWAPPING);
        CutOver.Leave leave = context.manager()
                .cutOver(attempt.id().job(), new CutOver(attempt.id().epoch()), CUT_OVER_PATIENCE);
        if (leave == CutOver.Leave.CANCELLED) {
            attempt.stop().stop(StopSignal.Reason.CANCELLED);
        }
        attempt.stop().shield();
    }

    /** Brings a restore to its end whose journal says {@code SWAPPING} or later; reports it and forgets the journal. */
    void settle(RestoreJournal journal) throws IOException, InterruptedException {
        try (Restore restore = context.adapter().restore(journal, attempt)) {
            switch (journal.entry().phase()) {
                case STAGING -> {
                    restore.discard();
                    journal.delete();
                    throw new JobException(
                            FailureCode.AGENT_STOPPED, "the agent was interrupted while it staged the backup");
                }
                case SWAPPING -> {
                    if (!restore.swapped()) {
                        restore.discard();
                        journal.delete();
                        throw new JobException(
                                FailureCode.AGENT_STOPPED, "the agent was interrupted before live data was replaced");
                    }
                    validateAndCommit(journal, restore);
                }
                case VALIDATED -> commit(journal, restore);
                case ROLLING_BACK -> rollBack(journal, restore);
                case COMMITTED -> report(journal);
            }
        }
    }

    private void validateAndCommit(RestoreJournal journal, Restore restore) throws IOException, InterruptedException {
        progress.enter(Phase.VALIDATING);
        try {
            restore.validate();
        } catch (JobException e) {
            if (e.code() != FailureCode.VALIDATION_FAILED) {
                throw e;
            }
            LOG.warn("restore {}: rolling back: {}", journal.entry().restoreId(), e.getMessage());
            journal.rollingBack(Failures.message(e));
            attempt.reached(CrashPoint.ROLLING_BACK);
            rollBack(journal, restore);
        }
        journal.validated();
        attempt.reached(CrashPoint.VALIDATED);
        commit(journal, restore);
    }

    /** Never checks again: who uses the data may have changed it since. */
    private void commit(RestoreJournal journal, Restore restore) throws IOException, InterruptedException {
        Restore.Outcome outcome = restore.commit();
        attempt.reached(CrashPoint.OPENED);
        journal.committed(outcome);
        attempt.reached(CrashPoint.COMMITTED);
        report(journal);
    }

    private void rollBack(RestoreJournal journal, Restore restore) throws IOException, InterruptedException {
        progress.enter(Phase.ROLLING_BACK);
        restore.rollBack();
        attempt.reached(CrashPoint.ROLLED_BACK);
        String why = journal.entry().failure();
        journal.delete();
        throw new JobException(
                FailureCode.VALIDATION_FAILED,
                "rolled back, everything is as before: " + why,
                "restore a different backup, and run 'holdfast verify' on this one");
    }

    private void report(RestoreJournal journal) throws IOException, InterruptedException {
        RestoreJournal.Entry entry = journal.entry();
        Restore.Outcome outcome = entry.outcome();
        if (outcome == null) {
            throw new IllegalStateException("a committed restore has an outcome");
        }
        RestoreResult result = new RestoreResult(
                entry.epoch(),
                Brief.names(outcome.restored()),
                Brief.names(outcome.leftAlone()),
                Brief.names(outcome.kept()),
                Brief.sentences(outcome.notes()));
        try {
            context.manager().restoreComplete(entry.attempt().job(), result, REPORT_PATIENCE);
            attempt.reached(CrashPoint.RESTORE_REPORTED);
        } catch (ManagerException e) {
            // The restore is done, whatever the manager thinks of the job by now.
            LOG.warn("restore {} is done, but its report was refused: {}", entry.restoreId(), e.getMessage());
        }
        journal.delete();
    }

    /**
     * Cleans up after a failure before the swap. False when everything is as before; true when the live data was replaced
     * after all, because only the answer was lost.
     */
    private boolean undone(RestoreJournal journal, Throwable cause) throws IOException, InterruptedException {
        Thread.interrupted(); // the clean-up is not to be stopped again
        try (Restore restore = context.adapter().restore(journal, attempt.unstoppable())) {
            if (journal.entry().phase() == RestoreJournal.Phase.SWAPPING && restore.swapped()) {
                LOG.warn(
                        "restore {}: cut over in spite of a failure",
                        journal.entry().restoreId(),
                        cause);
                return true;
            }
            restore.discard();
            journal.delete();
        } catch (IOException | RuntimeException | LinkageError | VirtualMachineError e) {
            // The journal stays: the next start of the agent cleans up.
            LOG.warn("restore {}: clean-up failed", journal.entry().restoreId(), e);
            cause.addSuppressed(e);
        }
        return false;
    }

    private Downloads downloads(Manifest manifest) {
        return new Downloads(
                context.manager(),
                context.store(),
                attempt,
                context.random(),
                manifest.segments().list().lines());
    }

    private Manifest manifest(Assignment.Restore order, String instanceId) throws JobException {
        Manifest manifest;
        try {
            manifest = SignedManifest.parse(order.manifest().getBytes(StandardCharsets.UTF_8))
                    .manifest();
        } catch (SignedFileException e) {
            throw new JobException(FailureCode.CORRUPT, "the manifest cannot be read: " + e.getMessage(), null, e);
        }
        if (!manifest.instanceId().equals(instanceId)) {
            throw new JobException(
                    FailureCode.WRONG_INSTANCE,
                    "the backup belongs to instance " + manifest.instanceId() + ", this is " + instanceId);
        }
        if (!manifest.backupId().equals(order.backupId())) {
            throw new JobException(
                    FailureCode.CORRUPT,
                    "the manifest is that of backup " + manifest.backupId() + ", not of " + order.backupId());
        }
        if (!manifest.service().equals(context.adapter().service())) {
            throw new JobException(FailureCode.ENGINE_INCOMPATIBLE, "the backup is one of " + manifest.service());
        }
        return manifest;
    }
}
