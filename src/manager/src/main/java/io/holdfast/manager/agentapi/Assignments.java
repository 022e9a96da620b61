package io.holdfast.manager.agentapi;

import io.holdfast.format.manifest.Manifest;
import io.holdfast.manager.assignment.JobStarts.Started;
import io.holdfast.manager.backup.Backup;
import io.holdfast.manager.config.ManagerConfig;
import io.holdfast.manager.jobs.Job;
import io.holdfast.manager.publishing.Lent;
import io.holdfast.protocol.Assignment;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A job that an agent begins, as it is told to it. */
public final class Assignments {
    private Assignments() {}

    /** In the words of the protocol. */
    public static Assignment of(Started started, ManagerConfig.Jobs limits) {
        Job job = started.job();
        int leaseSeconds = Math.toIntExact(limits.lease().toSeconds());
        return switch (started) {
            case Started.ForBackup it ->
                new Assignment.Backup(
                        job.id(),
                        job.epoch(),
                        leaseSeconds,
                        it.backup().backupId(),
                        it.recipients(),
                        Base64.getEncoder().encodeToString(it.secret().bytes()),
                        lender(it.backup(), it.lent()));
            case Started.ForRestore it ->
                new Assignment.Restore(
                        job.id(),
                        job.epoch(),
                        leaseSeconds,
                        it.restore().id(),
                        it.backup().backupId(),
                        it.manifest(),
                        limits.rollbackHours(),
                        it.restore().skipBroken() ? true : null);
        };
    }

    private static Assignment.@Nullable Lender lender(Backup backup, @Nullable Lent lent) {
        if (lent == null) {
            return null;
        }
        Manifest manifest = lent.lender();
        return new Assignment.Lender(
                manifest == null ? backup.backupId() : manifest.backupId(),
                lent.lines(),
                (manifest == null ? List.<Manifest.Artifact>of() : manifest.artifacts())
                        .stream()
                                .map(each -> new Assignment.LenderArtifact(
                                        each.name(), each.plaintextBytes(), each.meanBytes()))
                                .toList());
    }
}
