package io.holdfast.manager.publishing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.holdfast.format.segment.SegmentName;
import io.holdfast.manager.TestPlans;
import io.holdfast.manager.instance.Instance;
import io.holdfast.manager.jobs.Job;
import io.holdfast.manager.layout.StoreLayout;
import io.holdfast.manager.sql.TestDatabase;
import io.holdfast.manager.store.FaultyStore;
import io.holdfast.manager.store.FaultyStore.Call;
import io.holdfast.manager.store.FaultyStore.Fault;
import io.holdfast.manager.store.StoreException;
import io.holdfast.protocol.BackupResult;
import io.holdfast.protocol.SegmentUploads;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the manager notes of segments that it gives addresses for, and how it looks whether they are stored. */
@Tag("state")
class SegmentProofTest {
    private static final String BACKUP = "20261201T120000Z-0000002a";

    @TempDir
    Path folder;

    private TestPlans parts;
    private FaultyStore store;
    private AttemptSegments segments;
    private SegmentProof proof;
    private Instance instance;
    private Job job;
    private boolean checksMd5 = true;

    @BeforeEach
    void begin() {
        parts = new TestPlans(folder);
        store = new FaultyStore(parts.store);
        instance = parts.instance("shop-1");
        parts.backupJobs.queue(instance);
        job = parts.jobRows.claim(instance.id(), "session", Duration.ofHours(1)).orElseThrow();
        segments = new AttemptSegments(parts.database);
        proof = new SegmentProof(segments, store, () -> checksMd5, Runnable::run, new Random(1));
    }

    @AfterEach
    void close() {
        parts.close();
    }

    private static byte[] content(int number) {
        return ("segment " + number).getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] digest(String algorithm, byte[] content) {
        try {
            return MessageDigest.getInstance(algorithm).digest(content);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static SegmentUploads.Segment segment(int number, String artifact, long position, byte[] content) {
        return new SegmentUploads.Segment(
                number,
                artifact,
                position,
                "0".repeat(64),
                content.length,
                HexFormat.of().formatHex(digest("SHA-256", content)),
                Base64.getEncoder().encodeToString(digest("MD5", content)),
                "A".repeat(43),
                "A".repeat(43));
    }

    private String key(int number) {
        return StoreLayout.segment("shop-1", new SegmentName(BACKUP, job.epoch(), number));
    }

    private boolean note(SegmentUploads.Segment... some) {
        return segments.table.add(instance.id(), job.id(), new SegmentUploads(job.epoch(), List.of(some)));
    }

    /** As an agent that has sent so many segments of one artifact. */
    private void send(int count) {
        List<SegmentUploads.Segment> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            all.add(segment(i, "app", i, content(i)));
            store.put(key(i), content(i));
        }
        note(all.toArray(SegmentUploads.Segment[]::new));
    }

    private long prove(int reported) throws SegmentProof.Mismatch {
        BackupResult result = new BackupResult(
                job.epoch(),
                null,
                List.of(new BackupResult.Artifact("app", "stream", "app", 1, 512 * 1024, reported)),
                Map.of(),
                List.of());
        return proof.prove("shop-1", BACKUP, job.id(), result);
    }

    private void assertMismatch(int reported, String why) {
        assertThatExceptionOfType(SegmentProof.Mismatch.class)
                .isThrownBy(() -> prove(reported))
                .withMessageContaining(why);
    }

    @Test
    void whatWasSentIsProvenAndItsBytesAreCounted() throws Exception {
        send(2500);
        long bytes = 0;
        for (int i = 0; i < 2500; i++) {
            bytes += content(i).length;
        }
        assertThat(prove(2500)).isEqualTo(bytes);
        assertThat(prove(2500)).as("again").isEqualTo(bytes);
    }

    @Test
    void dl05_aSegmentInTheMiddleThatIsLostOrCutIsFound() {
        send(5);
        store.delete(key(2));
        assertMismatch(5, "000000002.zst.age is not in the store");
        store.put(key(2), Arrays.copyOf(content(2), 3));
        assertMismatch(5, "has 3 bytes in the store instead of 9");
    }

    @Test
    void dl05_aFirstOrLastSegmentWithOtherContentIsFound() {
        send(3);
        store.put(key(0), content(9));
        assertMismatch(3, "000000000.zst.age has different content");
        store.put(key(0), content(0));
        store.put(key(2), content(8));
        assertMismatch(3, "000000002.zst.age has different content");
    }

    @Test
    void dl05_whereNobodyChecksMd5EachSegmentIsReadAgain() throws Exception {
        send(5);
        store.put(key(2), content(9));
        checksMd5 = false;
        assertMismatch(5, "000000002.zst.age has different content");
        store.put(key(2), content(2));
        assertThat(prove(5)).isPositive();
    }

    @Test
    void whatIsDoubtedIsNotKeptUntilTheEnd() throws Exception {
        send(2500);
        checksMd5 = false;
        store.next(Call.LIST, new Fault.CutsList(1500));
        int read = store.calls(Call.READ);
        assertThatExceptionOfType(StoreException.class).isThrownBy(() -> prove(2500));
        assertThat(store.calls(Call.READ) - read).isEqualTo(1000);
        assertThat(prove(2500)).isPositive();
    }

    @Test
    void aListingThatLacksWhatIsThereCostsNothing() throws Exception {
        send(5);
        store.next(Call.LIST, new Fault.DropsFromList(2));
        assertThat(prove(5)).isPositive();
    }

    @Test
    void whatOtherAttemptsHaveBroughtIsPassedOver() throws Exception {
        send(3);
        store.put(StoreLayout.segment("shop-1", new SegmentName(BACKUP, job.epoch() + 1, 0)), content(7));
        assertThat(prove(3)).isPositive();
    }

    @Test
    void whatIsReportedHasToBeWhatAddressesWereGivenFor() {
        send(3);
        assertMismatch(4, "was reported with 4 segments, but 3 were allowed");
        note(segment(3, "other", 0, content(3)));
        assertMismatch(3, "segments of [other] were allowed, but not reported");
    }

    @Test
    void gapsAreFound() {
        note(segment(0, "app", 0, content(0)), segment(1, "app", 2, content(1)));
        assertMismatch(2, "the last of them segment 2");
        note(segment(3, "app", 1, content(3)));
        assertMismatch(3, "have gaps");
    }

    @Test
    void theSameSegmentMayBeNotedAgainAndNoOtherInItsPlace() {
        assertThat(note(segment(0, "app", 0, content(0)))).isTrue();
        assertThat(note(segment(0, "app", 0, content(0)), segment(1, "app", 1, content(1))))
                .isTrue();
        for (SegmentUploads.Segment other :
                List.of(segment(0, "app", 0, content(5)), segment(2, "app", 0, content(2)))) {
            assertThatExceptionOfType(OutOfBounds.class).isThrownBy(() -> note(other));
        }
        assertThat(segments.table.total(job.id(), job.epoch()).segments()).isEqualTo(2);
    }

    @Test
    void dl11_anAttemptThatHasEndedNotesNothingAndIsForgotten() {
        send(3);
        assertThat(segments.forgetEnded()).isFalse();
        assertThat(segments.table.total(job.id(), job.epoch()).segments()).isEqualTo(3);
        TestDatabase.run(parts.database, "UPDATE job SET state = 'FAILED' WHERE id = " + job.id());
        assertThat(note(segment(3, "app", 3, content(3)))).isFalse();
        assertThat(segments.forgetEnded()).isFalse();
        assertThat(segments.table.total(job.id(), job.epoch()).segments()).isZero();
    }

    @Test
    void whatIsLiveIsLookedThroughByNobodyWhoWritesMeanwhile() throws Exception {
        send(3);
        CountDownLatch writing = new CountDownLatch(1);
        CountDownLatch looked = new CountDownLatch(1);
        Thread writer = Thread.ofPlatform()
                .start(() -> parts.database.write(handle -> {
                    writing.countDown();
                    try {
                        return looked.await(30, TimeUnit.SECONDS);
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                }));
        writing.await();
        assertThat(CompletableFuture.supplyAsync(segments::forgetEnded))
                .as("answered while another one writes")
                .succeedsWithin(Duration.ofSeconds(10))
                .isEqualTo(false);
        looked.countDown();
        writer.join();
    }

    @Test
    void attemptsThatMayNotLendAreForgottenAndTheLiveOneIsNot() {
        send(3);
        TestDatabase.run(parts.database, "UPDATE job SET epoch = epoch + 1 WHERE id = " + job.id());
        job = parts.jobs.get(job.id());
        send(2);
        assertThat(segments.forgetEnded()).isFalse();
        assertThat(segments.table.total(job.id(), job.epoch() - 1).segments()).isEqualTo(3);
        parts.backups.useNoneBefore(parts.backups.ofJob(job.id()).id(), job.epoch() + 1);
        assertThat(segments.forgetEnded()).isFalse();
        assertThat(segments.table.total(job.id(), job.epoch() - 1).segments()).isZero();
        assertThat(segments.table.total(job.id(), job.epoch()).segments()).isEqualTo(2);
    }
}
