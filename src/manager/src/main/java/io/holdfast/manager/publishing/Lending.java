package io.holdfast.manager.publishing;

import io.holdfast.format.manifest.Manifest;
import io.holdfast.format.segment.Cutter;
import io.holdfast.format.segment.SegmentLine;
import io.holdfast.manager.backup.Backup;
import io.holdfast.manager.backup.BackupAge;
import io.holdfast.manager.backup.BackupState;
import io.holdfast.manager.backup.Backups;
import io.holdfast.manager.instance.Instance;
import io.holdfast.manager.jobs.AttemptFailure;
import io.holdfast.manager.jobs.Fenced;
import io.holdfast.manager.jobs.JobQueue;
import io.holdfast.manager.verification.OpenedList;
import io.holdfast.manager.verification.RecentLists;
import io.holdfast.manager.verification.UnreadableBackup;
import io.holdfast.protocol.BorrowedSegments;
import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.LentSegments;
import java.nio.ByteBuffer;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets a backup name segments of an earlier one instead of bringing them again. Only the newest good backup of the instance
 * lends, and only one that was encrypted to the same recipients in the same life and custody; it cannot be deleted while it
 * does. May be used by any thread.
 */
public final class Lending {
    private static final Logger log = LoggerFactory.getLogger(Lending.class);

    private final Backups backups;
    private final AttemptSegments segments;
    private final JobQueue queue;
    private final RecentLists lists;
    private final Rules rules;
    private final InstantSource clock;

    /**
     * Which copies are lent.
     *
     * @param freshAfterDays after how many days a segment is brought again, at the latest; 0 when nothing is lent
     * @param verifiedOnly whether only backups that were read back are good
     */
    public record Rules(int freshAfterDays, boolean verifiedOnly) {}

    /** Makes it, with the database's clock. */
    public Lending(
            Backups backups,
            AttemptSegments segments,
            JobQueue queue,
            RecentLists lists,
            Rules rules,
            InstantSource clock) {
        this.queue = queue;
        this.backups = backups;
        this.segments = segments;
        this.lists = lists;
        this.rules = rules;
        this.clock = clock;
    }

    /**
     * Chooses the backup that lends to one whose attempt begins, and keeps it from being deleted until that one's job has ended.
     *
     * @param keyVersion what the attempt encrypts to
     * @param recipients all that it encrypts to
     * @return its manifest; empty when the attempt has to bring everything
     */
    public Optional<Manifest> choose(Instance instance, Backup borrower, int keyVersion, List<String> recipients) {
        Optional<BackupAge> newest = rules.freshAfterDays() == 0 || backups.isFresh(borrower.id())
                ? Optional.empty()
                : backups.ages(instance.id()).stream().filter(this::isGood).findFirst();
        Optional<Manifest> lender = newest.flatMap(each -> backups.parsedManifest(each.id()))
                .filter(each -> each.life().number() == instance.life()
                        && each.life().custody() == instance.custody()
                        && each.keyVersion() == keyVersion
                        && Set.copyOf(each.recipients()).equals(Set.copyOf(recipients))
                        && each.segments().cutter().equals(Cutter.NAME));
        boolean kept = backups.borrow(
                instance.id(),
                borrower.id(),
                lender.isEmpty() ? null : newest.orElseThrow().id());
        return kept ? lender : Optional.empty();
    }

    private boolean isGood(BackupAge backup) {
        return backup.state() == BackupState.VERIFIED || (backup.state() == BackupState.DONE && !rules.verifiedOnly());
    }

    /**
     * By what some segments of the lender are recognized, for an attempt that was just seen to be live. Nothing is lent when
     * the lender's list cannot be read.
     *
     * @throws Fenced when the attempt has no lender
     * @throws OutOfBounds when the lender has no such segments
     */
    public LentSegments.Answer lent(long job, LentSegments asked) {
        Manifest lender = lender(job);
        long lines = lender.segments().list().lines();
        OutOfBounds.require(asked.first() >= 0 && asked.first() % LentSegments.MOST == 0, "first");
        OutOfBounds.require(
                asked.count() >= 1 && asked.count() <= LentSegments.MOST && asked.first() + asked.count() <= lines,
                "count");
        ByteBuffer answer = ByteBuffer.allocate(asked.count() * LentSegments.BYTES);
        try {
            Freshness freshness = new Freshness(lender, rules.freshAfterDays(), clock.instant());
            for (String text : lists.lines(lender, asked.first(), asked.count())) {
                SegmentLine line = OpenedList.parse(text);
                answer.putLong(freshness.isFresh(line) ? line.fingerprint().prefix() : 0);
            }
        } catch (UnreadableBackup e) {
            log.warn("backup {} lends nothing: {}", lender.backupId(), e.getMessage());
        }
        return new LentSegments.Answer(Base64.getEncoder().encodeToString(answer.array()));
    }

    private Manifest lender(long job) {
        return backups.lender(backups.ofJob(job).id())
                .flatMap(backups::parsedManifest)
                .orElseThrow(Fenced::new);
    }

    /**
     * Notes segments of the lender that are the attempt's too, for one that was just seen to be live.
     *
     * @throws Fenced when it is not live any more, or has ended now because the lender's list cannot be read
     * @throws OutOfBounds when the lender has no such segments
     */
    public void borrow(Instance instance, long job, BorrowedSegments asked) {
        OutOfBounds.require(
                !asked.segments().isEmpty() && asked.segments().size() <= BorrowedSegments.MOST, "segments");
        Manifest lender = lender(job);
        List<BorrowedTable.Borrowed> borrowed = new ArrayList<>();
        try {
            for (BorrowedSegments.Segment each : asked.segments()) {
                borrowed.add(borrowed(lender, each));
            }
        } catch (UnreadableBackup e) {
            backups.markFresh(backups.ofJob(job).id());
            queue.refuse(
                    job,
                    instance,
                    asked.epoch(),
                    new AttemptFailure(
                            FailureCode.STORE_MISMATCH,
                            "segments of backup " + lender.backupId() + " were to be used again: " + e.getMessage(),
                            "verify that backup; the job is tried again, and uses none of it"));
            throw new Fenced();
        }
        if (!segments.borrowed.add(instance.id(), job, asked.epoch(), borrowed)) {
            throw new Fenced();
        }
    }

    private BorrowedTable.Borrowed borrowed(Manifest lender, BorrowedSegments.Segment named) throws UnreadableBackup {
        OutOfBounds.require(named.artifact() != null && SegmentLine.isArtifact(named.artifact()), "artifact");
        OutOfBounds.require(UploadAddresses.isPosition(named.position()), "position");
        OutOfBounds.require(
                named.line() >= 0 && named.line() < lender.segments().list().lines(), "line");
        SegmentLine line = OpenedList.parse(lists.lines(lender, named.line(), 1).getFirst());
        if (!line.fingerprint().hex().equals(named.fingerprint())) {
            throw OutOfBounds.segment("line " + named.line() + " of the lender is another segment");
        }
        return new BorrowedTable.Borrowed(named.artifact(), named.position(), line);
    }
}
