package io.holdfast.manager.publishing;

import io.holdfast.format.manifest.Manifest;
import io.holdfast.format.segment.Cutter;
import io.holdfast.format.segment.SegmentLine;
import io.holdfast.format.segment.SegmentName;
import io.holdfast.manager.backup.Backup;
import io.holdfast.manager.backup.BackupAge;
import io.holdfast.manager.backup.BackupState;
import io.holdfast.manager.backup.Backups;
import io.holdfast.manager.instance.Instance;
import io.holdfast.manager.jobs.AttemptFailure;
import io.holdfast.manager.jobs.Fenced;
import io.holdfast.manager.jobs.JobQueue;
import io.holdfast.manager.store.Store;
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
 * Lets a backup name segments that are stored already instead of bringing them again. Of other backups only the newest good one
 * of the instance lends, and only if it was encrypted to the same recipients in the same life and custody; it cannot be deleted
 * while it does. Earlier attempts of the backup's own job lend too, unless they encrypted to something else. May be used by any
 * thread.
 */
public final class Lending {
    private static final Logger log = LoggerFactory.getLogger(Lending.class);

    private final Backups backups;
    private final AttemptSegments segments;
    private final JobQueue queue;
    private final RecentLists lists;
    private final EarlierAttempts earlier;
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
            Store store,
            Rules rules,
            InstantSource clock) {
        this.queue = queue;
        this.backups = backups;
        this.segments = segments;
        this.lists = lists;
        this.earlier = new EarlierAttempts(segments, store);
        this.rules = rules;
        this.clock = clock;
    }

    /**
     * Chooses what is lent to a backup whose attempt begins, and keeps the lender from being deleted until the backup's job has
     * ended.
     *
     * @param epoch the attempt's
     * @param keyVersion what it encrypts to, which has been noted
     * @param recipients all that it encrypts to
     * @return empty when the attempt has to bring everything
     */
    public Optional<Lent> choose(
            Instance instance, Backup borrower, int epoch, int keyVersion, List<String> recipients) {
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
                epoch,
                lender.isEmpty() ? null : newest.orElseThrow().id());
        return Optional.of(lent(lender.filter(_ -> kept), borrower, epoch))
                .filter(each -> rules.freshAfterDays() > 0 && each.lines() > 0);
    }

    private Lent lent(Backup borrower, int epoch) {
        return lent(backups.lender(borrower.id()).flatMap(backups::parsedManifest), borrower, epoch);
    }

    private Lent lent(Optional<Manifest> lender, Backup borrower, int epoch) {
        return Lent.of(
                lender.orElse(null), segments.table.lending(borrower.job().id(), epoch));
    }

    private boolean isGood(BackupAge backup) {
        return backup.state() == BackupState.VERIFIED || (backup.state() == BackupState.DONE && !rules.verifiedOnly());
    }

    /**
     * By what some of the segments are recognized that are lent to an attempt that was just seen to be live. Those of the lender
     * are not lent when its list cannot be read.
     *
     * @throws OutOfBounds when there are no such lines
     */
    public LentSegments.Answer lent(Instance instance, long job, LentSegments asked) {
        Backup borrower = backups.ofJob(job);
        Lent lent = lent(borrower, asked.epoch());
        OutOfBounds.require(asked.first() >= 0 && asked.first() % LentSegments.MOST == 0, "first");
        OutOfBounds.require(
                asked.count() >= 1
                        && asked.count() <= LentSegments.MOST
                        && asked.first() + asked.count() <= lent.lines(),
                "count");
        ByteBuffer answer = ByteBuffer.allocate(asked.count() * LentSegments.BYTES);
        Manifest lender = lent.lender();
        if (rules.freshAfterDays() > 0 && lender != null && asked.first() < lent.ofLender()) {
            write(lender, asked, answer);
        } else if (rules.freshAfterDays() > 0) {
            lent.earlier(asked.first())
                    .ifPresent(each -> earlier.write(instance.folder(), borrower, each, asked, answer));
        }
        return new LentSegments.Answer(Base64.getEncoder().encodeToString(answer.array()));
    }

    private void write(Manifest lender, LentSegments asked, ByteBuffer answer) {
        try {
            Freshness freshness = new Freshness(lender, rules.freshAfterDays(), clock.instant());
            Set<SegmentName> lost =
                    backups.replacements().of(lender.instanceId()).keySet();
            // A page may reach behind the list's end.
            for (String text : lists.lines(lender, asked.first(), asked.count())) {
                SegmentLine line = OpenedList.parse(text);
                boolean lends = freshness.isFresh(line) && !lost.contains(line.name());
                answer.putLong(lends ? line.fingerprint().prefix() : 0);
            }
        } catch (UnreadableBackup e) {
            log.warn("backup {} lends nothing: {}", lender.backupId(), e.getMessage());
        }
    }

    /**
     * Notes lent segments that are the attempt's too, for one that was just seen to be live.
     *
     * @throws Fenced when it is not live any more, or has ended now because the lender's list cannot be read
     * @throws OutOfBounds when no such segments are lent to it
     */
    public void borrow(Instance instance, long job, BorrowedSegments asked) {
        OutOfBounds.require(
                !asked.segments().isEmpty() && asked.segments().size() <= BorrowedSegments.MOST, "segments");
        Backup borrower = backups.ofJob(job);
        Lent lent = lent(borrower, asked.epoch());
        List<BorrowedTable.Borrowed> borrowed = new ArrayList<>();
        try {
            for (BorrowedSegments.Segment each : asked.segments()) {
                borrowed.add(borrowed(borrower, lent, each));
            }
        } catch (UnreadableBackup e) {
            backups.markFresh(borrower.id());
            queue.refuse(
                    job,
                    instance,
                    asked.epoch(),
                    new AttemptFailure(
                            FailureCode.STORE_MISMATCH,
                            "segments of an earlier backup were to be used again: " + e.getMessage(),
                            "verify that backup; the job is tried again, and uses none of it"));
            throw new Fenced();
        }
        if (!segments.borrowed.add(instance.id(), job, asked.epoch(), borrowed)) {
            throw new Fenced();
        }
    }

    private BorrowedTable.Borrowed borrowed(Backup borrower, Lent lent, BorrowedSegments.Segment named)
            throws UnreadableBackup {
        OutOfBounds.require(named.artifact() != null && SegmentLine.isArtifact(named.artifact()), "artifact");
        OutOfBounds.require(UploadAddresses.isPosition(named.position()), "position");
        OutOfBounds.require(named.line() >= 0 && named.line() < lent.lines(), "line");
        BorrowedTable.Borrowed borrowed = line(borrower, lent, named);
        if (!borrowed.line().fingerprint().hex().equals(named.fingerprint())) {
            throw OutOfBounds.segment("line " + named.line() + " of what is lent is another segment");
        }
        return borrowed;
    }

    private BorrowedTable.Borrowed line(Backup borrower, Lent lent, BorrowedSegments.Segment named)
            throws UnreadableBackup {
        Manifest lender = lent.lender();
        if (lender != null && named.line() < lent.ofLender()) {
            SegmentLine line =
                    OpenedList.parse(lists.lines(lender, named.line(), 1).getFirst());
            return new BorrowedTable.Borrowed(named.artifact(), named.position(), line, null);
        }
        Lent.Earlier attempt = lent.earlier(named.line())
                .orElseThrow(() -> OutOfBounds.segment("line " + named.line() + " stands for no segment"));
        return earlier.borrowed(borrower, attempt, named);
    }
}
