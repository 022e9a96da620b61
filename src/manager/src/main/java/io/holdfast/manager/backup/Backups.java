package io.holdfast.manager.backup;

import io.holdfast.format.manifest.Manifest;
import io.holdfast.manager.jobs.Job;
import io.holdfast.manager.jobs.JobState;
import io.holdfast.manager.jobs.JobSubject;
import io.holdfast.manager.sql.Database;
import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.JobFailure.LiveData;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The catalogue of backups. */
public final class Backups implements JobSubject {
    final BackupTable table;
    private final Replacements replacements;

    public Backups(Database database) {
        this.table = new BackupTable(database);
        this.replacements = new Replacements(database);
    }

    /** Which objects are read in the place of others. */
    public Replacements replacements() {
        return replacements;
    }

    /** The signed manifest's text, from when it was about to be written. */
    public Optional<String> manifest(long id) {
        return table.manifest(id);
    }

    /**
     * The manifest, from when it was about to be written.
     *
     * @throws IllegalStateException when the catalogue holds one that cannot be read
     */
    public Optional<Manifest> parsedManifest(long id) {
        return table.manifest(id).map(NotedManifest::parse);
    }

    /** The backups of an instance that others which are being made may name segments of. */
    public Set<Long> lent(long instance) {
        return table.lent(instance);
    }

    /** What the agent reported, as JSON, from {@code UPLOADED} on until it is done. */
    public Optional<String> report(long id) {
        return table.report(id);
    }

    /** The backup's place in the order of commits, given once. */
    public long sequence(long id) {
        return table.sequence(id);
    }

    /**
     * Notes the manifest that is about to be written, so that a later try writes the very same.
     *
     * @return the one that counts: this, or the one that another manager noted first; empty when the attempt is not
     *     being committed any more
     */
    public Optional<String> prepareManifest(Backup backup, int epoch, String manifest) {
        return table.prepareManifest(backup, epoch, manifest);
    }

    /** The store has all of it: it is listed from now on. */
    public void markDone(long id, Manifest manifest) {
        table.markDone(id, manifest);
    }

    /** Whether a backup may use no other one's segments. */
    public boolean isFresh(long id) {
        return table.isFresh(id);
    }

    /** A backup may use no other one's segments. */
    public void markFresh(long id) {
        table.markFresh(id);
    }

    /** A backup's later attempts use nothing that those before this one have brought. */
    public void useNoneBefore(long id, int attempt) {
        table.useNoneBefore(id, attempt);
    }

    /** The backup that lends to one. */
    public Optional<Long> lender(long id) {
        return table.lender(id);
    }

    /**
     * Notes which backup lends to a live attempt at one; it is kept from being deleted until the one's job has ended.
     *
     * @param lender null when none does
     * @return whether it does: false, with none noted, when it is not good any more, or the attempt is not live
     */
    public boolean borrow(long instance, long id, int epoch, @Nullable Long lender) {
        return table.borrow(instance, id, epoch, lender);
    }

    /** Whether what a backup may have borrowed is still that of a good one; true also where nothing lends. */
    public boolean isLenderGood(long id) {
        return table.isLenderGood(id);
    }

    /** One by its name in the store. */
    public Optional<Backup> findByName(String backupId) {
        return table.findByName(backupId);
    }

    public Optional<Backup> find(long instance, long id) {
        return table.find(instance, id);
    }

    public Backup get(long id) {
        return table.get(id);
    }

    public Backup ofJob(long job) {
        return table.ofJob(job);
    }

    /** All of an instance, newest first. */
    public List<Backup> list(long instance) {
        return table.list(instance);
    }

    /**
     * Some of an instance, newest first.
     *
     * @param before only those with smaller numbers
     * @param most how many at most
     */
    public List<Backup> list(long instance, long before, int most) {
        return table.list(instance, before, most);
    }

    /** Those of an instance that rules may look at, newest first: neither failed nor deleted. */
    public List<BackupAge> ages(long instance) {
        return table.ages(instance);
    }

    /** A backup follows its job: the next attempt begins anew, or it has failed. */
    @Override
    public void attemptEnded(Job job, JobState now, @Nullable FailureCode reason, @Nullable LiveData liveData) {
        long backup = table.ofJob(job.id()).id();
        if (now == JobState.QUEUED) {
            table.markPending(backup);
        } else {
            table.markFailed(backup);
        }
    }
}
