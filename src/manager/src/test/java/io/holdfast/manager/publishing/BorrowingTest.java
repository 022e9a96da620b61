package io.holdfast.manager.publishing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.holdfast.format.manifest.Manifest;
import io.holdfast.format.segment.Fingerprint;
import io.holdfast.format.segment.SegmentLine;
import io.holdfast.format.segment.SegmentListReader;
import io.holdfast.format.segment.SegmentName;
import io.holdfast.manager.TestKeys;
import io.holdfast.manager.TestPlans;
import io.holdfast.manager.backup.Backup;
import io.holdfast.manager.backup.BackupSnapshots;
import io.holdfast.manager.backup.BackupState;
import io.holdfast.manager.instance.Instance;
import io.holdfast.manager.jobs.Fenced;
import io.holdfast.manager.jobs.Job;
import io.holdfast.manager.jobs.JobState;
import io.holdfast.manager.keys.KeyMismatchException;
import io.holdfast.manager.keys.KeyVersion;
import io.holdfast.manager.layout.StoreLayout;
import io.holdfast.manager.store.FaultyStore;
import io.holdfast.manager.verification.Verifications;
import io.holdfast.protocol.BackupResult;
import io.holdfast.protocol.BorrowedSegments;
import io.holdfast.protocol.LentSegments;
import io.holdfast.protocol.SegmentUploads;
import java.io.ByteArrayInputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Backups that name segments of an earlier one, on a real database and a real directory store. */
@Tag("state")
class BorrowingTest {
    @TempDir
    Path folder;

    private TestPlans parts;
    private TestKeys keys;
    private FaultyStore store;
    private Lending lending;
    private BackupCommit commit;
    private Instance instance;
    private final List<SegmentName> damaged = new ArrayList<>();

    @BeforeEach
    void begin() {
        parts = new TestPlans(folder);
        store = new FaultyStore(parts.store);
        keys = new TestKeys(parts.database, parts.store);
        lending = parts.lending(14);
        instance = parts.instance("shop-1");
        commit = new BackupCommit(
                new BackupCommit.Listed(
                        parts.instances,
                        parts.jobs,
                        parts.backups,
                        new BackupSnapshots(parts.database),
                        parts.segments,
                        parts.database::now),
                parts.queue,
                parts.backupJobs,
                keys.ring,
                TestKeys.SIGNING,
                store,
                new BackupCommit.Proving(
                        () -> true, Runnable::run, new Random(1), (_, object, _) -> damaged.add(object)),
                point -> {});
    }

    @AfterEach
    void close() {
        parts.close();
    }

    private static byte[] digest(String algorithm, byte[] content) {
        try {
            return MessageDigest.getInstance(algorithm).digest(content);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String hex(String content) {
        return HexFormat.of().formatHex(digest("SHA-256", content.getBytes(UTF_8)));
    }

    /** An attempt, as an agent makes it. */
    private final class Attempt {
        private final Job job;
        private final Backup backup;
        private final Optional<Manifest> lender;
        private final Map<Long, Long> lent = new HashMap<>();
        private int numbers;

        Attempt() {
            parts.backupJobs.queue(instance);
            job = parts.jobRows
                    .claim(instance.id(), "session", Duration.ofHours(1))
                    .orElseThrow();
            backup = parts.backups.ofJob(job.id());
            KeyVersion key = key();
            parts.backupJobs.encryptTo(backup, key.version());
            lender = lending.choose(instance, backup, key.version(), keys.ring.recipients(key));
            lender.ifPresent(this::ask);
        }

        private void ask(Manifest manifest) {
            int lines = Math.toIntExact(manifest.segments().list().lines());
            LentSegments.Answer answer = lending.lent(job.id(), new LentSegments(job.epoch(), 0, lines));
            ByteBuffer told = ByteBuffer.wrap(Base64.getDecoder().decode(answer.fingerprints()));
            for (long line = 0; told.hasRemaining(); line++) {
                long fingerprint = told.getLong();
                if (fingerprint != 0) {
                    lent.putIfAbsent(fingerprint, line);
                }
            }
        }

        /** Borrows what it can, and brings the rest. */
        Attempt dump(String... contents) {
            for (int position = 0; position < contents.length; position++) {
                Long line = lent.get(new Fingerprint(hex(contents[position])).prefix());
                if (line == null) {
                    bring(position, contents[position]);
                } else {
                    borrow(position, line, hex(contents[position]));
                }
            }
            report(contents.length);
            return this;
        }

        void bring(int position, String content) {
            byte[] object = content.getBytes(UTF_8);
            parts.segments.table.add(
                    instance.id(),
                    job.id(),
                    new SegmentUploads(
                            job.epoch(),
                            List.of(new SegmentUploads.Segment(
                                    numbers,
                                    "app",
                                    position,
                                    hex(content),
                                    object.length,
                                    HexFormat.of().formatHex(digest("SHA-256", object)),
                                    Base64.getEncoder().encodeToString(digest("MD5", object)),
                                    "A".repeat(43),
                                    "A".repeat(43)))));
            parts.store.put(
                    StoreLayout.segment("shop-1", new SegmentName(backup.backupId(), job.epoch(), numbers)), object);
            numbers++;
        }

        void borrow(long position, long line, String fingerprint) {
            lending.borrow(
                    instance,
                    job.id(),
                    new BorrowedSegments(
                            job.epoch(), List.of(new BorrowedSegments.Segment("app", position, line, fingerprint))));
        }

        void report(int segments) {
            parts.backupJobs.uploaded(
                    job.id(),
                    instance,
                    new BackupResult(
                            job.epoch(),
                            null,
                            List.of(new BackupResult.Artifact("app", "stream", "app", 1, 512 * 1024, segments)),
                            Map.of(),
                            List.of()));
        }

        Attempt commit() {
            commit.commit(job);
            return this;
        }

        BackupState state() {
            return parts.backups.get(backup.id()).state();
        }

        Manifest manifest() {
            return parts.backups.parsedManifest(backup.id()).orElseThrow();
        }

        /** What its list names, in order, as the store has it. */
        List<String> restored() throws Exception {
            Manifest manifest = manifest();
            byte[] list = parts.store
                    .get(StoreLayout.list("shop-1", backup.backupId()))
                    .orElseThrow();
            SegmentListReader reader = new SegmentListReader(
                    new ByteArrayInputStream(list), manifest.segments().list());
            List<String> contents = new ArrayList<>();
            for (SegmentLine line = reader.next(); line != null; line = reader.next()) {
                contents.add(new String(
                        parts.store
                                .get(StoreLayout.segment("shop-1", line.name()))
                                .orElseThrow(),
                        UTF_8));
            }
            return contents;
        }

        private List<String> brought() {
            return manifest().segments().brought().stream()
                    .map(each -> (each.backupId().equals(backup.backupId()) ? "own" : each.backupId()) + " "
                            + each.numbers() + " " + each.bytes())
                    .toList();
        }
    }

    private KeyVersion key() {
        try {
            return keys.ring.current(instance);
        } catch (KeyMismatchException e) {
            throw new IllegalStateException(e);
        }
    }

    private Attempt done(String... contents) throws Exception {
        Attempt attempt = new Attempt().dump(contents).commit();
        assertThat(attempt.state()).isEqualTo(BackupState.DONE);
        assertThat(attempt.restored()).containsExactly(contents);
        return attempt;
    }

    @Test
    void aSecondBackupOfTheSameBringsNothing() throws Exception {
        Attempt first = done("a", "b", "c");
        assertThat(first.lender).isEmpty();
        assertThat(first.brought()).containsExactly("own 0-2 3");
        Attempt second = done("a", "b", "c");
        assertThat(second.brought()).containsExactly(first.backup.backupId() + " 0-2 3");
        assertThat(second.manifest().artifacts().getFirst().storedBytes()).isEqualTo(3);
        assertThat(parts.store.list(StoreLayout.segments("shop-1", second.backup.backupId())))
                .isEmpty();
    }

    @Test
    void whatHasChangedIsBrought() throws Exception {
        Attempt first = done("a", "b", "c", "d", "e");
        Attempt second = done("a", "b", "new", "d", "e", "end");
        assertThat(second.brought()).containsExactly("own 0-1 6", first.backup.backupId() + " 0-1,3-4 4");
        assertThat(second.manifest().artifacts().getFirst().storedBytes()).isEqualTo(10);
    }

    @Test
    void aLenderLendsWhatItHasBorrowed() throws Exception {
        Attempt first = done("a", "b");
        Attempt second = done("a", "c");
        Attempt third = done("c", "a");
        assertThat(third.lender.orElseThrow().backupId()).isEqualTo(second.backup.backupId());
        assertThat(third.brought())
                .containsExactlyInAnyOrder(first.backup.backupId() + " 0 1", second.backup.backupId() + " 0 1");
    }

    @Test
    void oneSegmentMayBeThereSeveralTimes() throws Exception {
        Attempt first = done("a", "b");
        Attempt second = done("a", "a", "b", "a");
        assertThat(second.brought()).containsExactly(first.backup.backupId() + " 0-1 2");
        assertThat(second.manifest().artifacts().getFirst().storedBytes()).isEqualTo(4);
    }

    @Test
    void theSameNamedAgainIsFineAndAnotherInItsPlaceIsNot() throws Exception {
        done("a", "b");
        Attempt second = new Attempt();
        second.borrow(0, 0, hex("a"));
        second.borrow(0, 0, hex("a"));
        assertThatExceptionOfType(OutOfBounds.class).isThrownBy(() -> second.borrow(0, 1, hex("b")));
    }

    @Test
    void aForgedLineCannotBeNamed() throws Exception {
        done("a", "b");
        Attempt second = new Attempt();
        assertThatExceptionOfType(OutOfBounds.class)
                .isThrownBy(() -> second.borrow(0, 1, hex("a")))
                .withMessageContaining("another segment");
        assertThatExceptionOfType(OutOfBounds.class).isThrownBy(() -> second.borrow(0, 2, hex("a")));
        assertThatExceptionOfType(OutOfBounds.class).isThrownBy(() -> second.borrow(0, -1, hex("a")));
        assertThatExceptionOfType(OutOfBounds.class).isThrownBy(() -> second.borrow(-1, 0, hex("a")));
        assertThatExceptionOfType(OutOfBounds.class).isThrownBy(() -> second.borrow(0, 0, "A"));
    }

    @Test
    void aPositionThatIsBothBroughtAndBorrowedEndsTheAttempt() throws Exception {
        done("a", "b");
        Attempt second = new Attempt();
        second.borrow(0, 0, hex("a"));
        second.borrow(2, 1, hex("b"));
        second.bring(0, "c");
        second.report(3);
        second.commit();
        assertThat(second.state()).isEqualTo(BackupState.PENDING);
        assertThat(parts.backups.isFresh(second.backup.id())).isTrue();
    }

    @Test
    void dl29_aBorrowedObjectThatIsLostEndsTheAttemptAndTheNextBringsEverything() throws Exception {
        Attempt first = done("a", "b");
        SegmentName lost = new SegmentName(first.backup.backupId(), first.job.epoch(), 1);
        parts.store.delete(StoreLayout.segment("shop-1", lost));
        Attempt second = new Attempt().dump("a", "b").commit();
        assertThat(second.state()).isEqualTo(BackupState.PENDING);
        assertThat(parts.jobs.get(second.job.id()).state()).isEqualTo(JobState.QUEUED);
        assertThat(damaged).containsExactly(lost);
        KeyVersion key = key();
        assertThat(lending.choose(instance, second.backup, key.version(), keys.ring.recipients(key)))
                .isEmpty();
    }

    @Test
    void dl29_aBorrowedObjectWithOtherContentIsFoundWhereItIsRead() throws Exception {
        Attempt first = done("a");
        SegmentName changed = new SegmentName(first.backup.backupId(), first.job.epoch(), 0);
        parts.store.put(StoreLayout.segment("shop-1", changed), new byte[] {'x'});
        new Attempt().dump("a").commit();
        assertThat(damaged).containsExactly(changed);
    }

    @Test
    void whatIsInAnArchiveIsNotBorrowedAndNotCalledDamaged() throws Exception {
        Attempt first = done("a", "b");
        store.archive(StoreLayout.segment("shop-1", new SegmentName(first.backup.backupId(), first.job.epoch(), 0)));
        Attempt second = new Attempt().dump("a", "b").commit();
        assertThat(second.state()).isEqualTo(BackupState.PENDING);
        assertThat(parts.backups.isFresh(second.backup.id())).isTrue();
        assertThat(damaged).isEmpty();
    }

    @Test
    void aLenderThatIsNotGoodAnyMoreEndsTheAttempt() throws Exception {
        Attempt first = done("a", "b");
        Attempt second = new Attempt().dump("a", "b");
        new Verifications(parts.database, parts.backups).failed(first.backup.id(), "found broken meanwhile");
        second.commit();
        assertThat(second.state()).isEqualTo(BackupState.PENDING);
        assertThat(parts.backups.isFresh(second.backup.id())).isTrue();
    }

    @Test
    void onlyOneOfTheSameLifeKeyRecipientsAndCustodyLends() throws Exception {
        done("a");
        Attempt second = new Attempt();
        KeyVersion key = key();
        List<String> recipients = keys.ring.recipients(key);
        assertThat(second.lender).isPresent();
        assertThat(lending.choose(instance, second.backup, key.version() + 1, recipients))
                .as("after rotation")
                .isEmpty();
        List<String> more = new ArrayList<>(recipients);
        more.add("age1" + "q".repeat(58));
        assertThat(lending.choose(instance, second.backup, key.version(), more))
                .as("a recipient more")
                .isEmpty();
        assertThat(lending.choose(instance, second.backup, key.version(), recipients.subList(0, recipients.size() - 1)))
                .as("a recipient less")
                .isEmpty();
        assertThat(parts.lending(0).choose(instance, second.backup, key.version(), recipients))
                .as("switched off")
                .isEmpty();
        assertThat(parts.backups.lender(second.backup.id())).isEmpty();
        assertThat(lending.choose(instance, second.backup, key.version(), recipients))
                .isPresent();
        parts.backups.markFresh(second.backup.id());
        assertThat(lending.choose(instance, second.backup, key.version(), recipients))
                .as("a fresh one")
                .isEmpty();
    }

    @Test
    void onlyTheNewestGoodOneLends() throws Exception {
        done("a");
        Attempt second = done("b");
        new Verifications(parts.database, parts.backups).failed(second.backup.id(), "found broken");
        Attempt third = done("a", "b");
        assertThat(third.lender.orElseThrow().backupId()).isNotEqualTo(second.backup.backupId());
        assertThat(third.brought()).hasSize(2);
    }

    @Test
    void aListThatIsLostWhileItIsBorrowedFromEndsTheAttempt() throws Exception {
        Attempt first = done("a");
        Attempt second = new Attempt();
        lending = parts.lending(14);
        parts.store.put(StoreLayout.list("shop-1", first.backup.backupId()), new byte[] {1});
        assertThatExceptionOfType(Fenced.class).isThrownBy(() -> second.borrow(0, 0, hex("a")));
        assertThat(second.state()).isEqualTo(BackupState.PENDING);
        assertThat(parts.backups.isFresh(second.backup.id())).isTrue();
    }

    @Test
    void aListThatIsNotAsItWasMadeLendsNothing() throws Exception {
        Attempt first = done("a");
        parts.store.put(StoreLayout.list("shop-1", first.backup.backupId()), new byte[] {1});
        Attempt second = done("a");
        assertThat(second.brought()).containsExactly("own 0 1");
    }
}
