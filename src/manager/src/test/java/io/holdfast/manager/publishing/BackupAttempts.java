package io.holdfast.manager.publishing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.format.manifest.Manifest;
import io.holdfast.format.segment.Fingerprint;
import io.holdfast.format.segment.SegmentLine;
import io.holdfast.format.segment.SegmentListReader;
import io.holdfast.format.segment.SegmentName;
import io.holdfast.manager.TestKeys;
import io.holdfast.manager.TestPlans;
import io.holdfast.manager.backup.Backup;
import io.holdfast.manager.backup.BackupState;
import io.holdfast.manager.instance.Instance;
import io.holdfast.manager.jobs.AttemptFailure;
import io.holdfast.manager.jobs.Job;
import io.holdfast.manager.keys.KeyMismatchException;
import io.holdfast.manager.keys.KeyVersion;
import io.holdfast.manager.layout.StoreLayout;
import io.holdfast.manager.sql.TestDatabase;
import io.holdfast.manager.store.FaultyStore;
import io.holdfast.protocol.BackupResult;
import io.holdfast.protocol.BorrowedSegments;
import io.holdfast.protocol.FailureCode;
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
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;

/** Attempts at backups of one instance, as an agent makes them, on a real database and a real directory store. */
@Tag("state")
abstract class BackupAttempts {
    @TempDir
    Path folder;

    TestPlans parts;
    TestKeys keys;
    FaultyStore store;
    Lending lending;
    BackupCommit commit;
    Instance instance;
    boolean checksMd5 = true;
    final List<SegmentName> damaged = new ArrayList<>();

    @BeforeEach
    void begin() {
        parts = new TestPlans(folder);
        store = new FaultyStore(parts.store);
        keys = new TestKeys(parts.database, parts.store);
        lending = parts.lending(14);
        instance = parts.instance("shop-1");
        commit = parts.commit(keys, store, () -> checksMd5, (_, object, _) -> damaged.add(object));
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

    static String hex(String content) {
        return HexFormat.of().formatHex(digest("SHA-256", content.getBytes(UTF_8)));
    }

    /** An attempt, as an agent makes it. */
    final class Attempt {
        final Job job;
        final Backup backup;
        final Optional<Lent> lent;
        final Map<Long, Long> lines = new HashMap<>();
        private int numbers;

        /** The first one at a backup that is asked for now, or the next one of a job that waits. */
        Attempt() {
            parts.backupJobs.queue(instance);
            // No pause between attempts.
            TestDatabase.run(parts.database, "UPDATE job SET not_before = 0");
            job = parts.jobRows
                    .claim(instance.id(), "session", Duration.ofHours(1))
                    .orElseThrow();
            backup = parts.backups.ofJob(job.id());
            KeyVersion key = key();
            List<String> recipients = keys.ring.recipients(key);
            parts.backupJobs.encryptTo(instance, backup, job.epoch(), key.version(), recipients);
            lent = lending.choose(instance, backup, job.epoch(), key.version(), recipients);
            lent.ifPresent(this::ask);
        }

        private void ask(Lent from) {
            for (long first = 0; first < from.lines(); first += LentSegments.MOST) {
                int count = Math.toIntExact(Math.min(LentSegments.MOST, from.lines() - first));
                LentSegments.Answer answer =
                        lending.lent(instance, job.id(), new LentSegments(job.epoch(), first, count));
                ByteBuffer told = ByteBuffer.wrap(Base64.getDecoder().decode(answer.fingerprints()));
                for (long line = first; told.hasRemaining(); line++) {
                    long fingerprint = told.getLong();
                    if (fingerprint != 0) {
                        lines.putIfAbsent(fingerprint, line);
                    }
                }
            }
        }

        /** The backup that lends to it. */
        String lender() {
            return Objects.requireNonNull(lent.orElseThrow().lender()).backupId();
        }

        /** Ends it, in a way after which the job is tried again. */
        Attempt fail() {
            parts.queue.refuse(
                    job.id(),
                    instance,
                    job.epoch(),
                    new AttemptFailure(FailureCode.STORE_FAILED, "the store was away", "look at the store"));
            return this;
        }

        /** Its object of this number. */
        String object(int number) {
            return StoreLayout.segment("shop-1", new SegmentName(backup.backupId(), job.epoch(), number));
        }

        /** Borrows what it can, and brings the rest. */
        Attempt dump(String... contents) {
            for (int position = 0; position < contents.length; position++) {
                Long line = lines.get(new Fingerprint(hex(contents[position])).prefix());
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

        List<String> brought() {
            return manifest().segments().brought().stream()
                    .map(each -> whose(each) + " " + each.numbers() + " " + each.bytes())
                    .toList();
        }

        private String whose(Manifest.Brought brought) {
            boolean isOwn = brought.backupId().equals(backup.backupId());
            return isOwn && brought.attempt() != job.epoch() ? "own before" : isOwn ? "own" : brought.backupId();
        }
    }

    KeyVersion key() {
        try {
            return keys.ring.current(instance);
        } catch (KeyMismatchException e) {
            throw new IllegalStateException(e);
        }
    }

    Attempt done(String... contents) throws Exception {
        Attempt attempt = new Attempt().dump(contents).commit();
        assertThat(attempt.state()).isEqualTo(BackupState.DONE);
        assertThat(attempt.restored()).containsExactly(contents);
        return attempt;
    }
}
