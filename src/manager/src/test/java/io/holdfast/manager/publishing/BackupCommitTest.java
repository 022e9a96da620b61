package io.holdfast.manager.publishing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.holdfast.format.manifest.Manifest;
import io.holdfast.format.manifest.SignedManifest;
import io.holdfast.format.segment.SegmentName;
import io.holdfast.manager.TestKeys;
import io.holdfast.manager.TestPlans;
import io.holdfast.manager.backup.Backup;
import io.holdfast.manager.backup.BackupState;
import io.holdfast.manager.instance.Instance;
import io.holdfast.manager.jobs.Job;
import io.holdfast.manager.layout.MadeUpBackup;
import io.holdfast.manager.layout.StoreLayout;
import io.holdfast.manager.store.StoreException;
import io.holdfast.protocol.BackupResult;
import io.holdfast.protocol.SegmentUploads;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The end of a backup, on a real database and a real directory store. */
@Tag("state")
class BackupCommitTest {
    private static final byte[] CONTENT = "a segment".getBytes(StandardCharsets.UTF_8);

    @TempDir
    Path folder;

    private TestPlans parts;
    private BackupCommit commit;
    private Instance instance;
    private Job job;
    private String backupId = "";

    @BeforeEach
    void begin() throws Exception {
        parts = new TestPlans(folder);
        TestKeys keys = new TestKeys(parts.database, parts.store);
        instance = parts.instance("shop-1");
        commit = parts.commit(keys, parts.store, () -> true, (_, _, _) -> {});
        parts.backupJobs.queue(instance);
        job = parts.jobRows.claim(instance.id(), "session", Duration.ofHours(1)).orElseThrow();
        Backup backup = parts.backups.ofJob(job.id());
        backupId = backup.backupId();
        parts.backupJobs.encryptTo(
                instance, backup, job.epoch(), keys.ring.current(instance).version(), List.of());
        parts.segments.table.add(
                instance.id(),
                job.id(),
                new SegmentUploads(
                        job.epoch(),
                        List.of(new SegmentUploads.Segment(
                                0,
                                "app",
                                0,
                                "0".repeat(64),
                                CONTENT.length,
                                HexFormat.of()
                                        .formatHex(MessageDigest.getInstance("SHA-256")
                                                .digest(CONTENT)),
                                Base64.getEncoder()
                                        .encodeToString(
                                                MessageDigest.getInstance("MD5").digest(CONTENT)),
                                "A".repeat(43),
                                "A".repeat(43)))));
        parts.store.put(StoreLayout.segment("shop-1", new SegmentName(backupId, job.epoch(), 0)), CONTENT);
        parts.backupJobs.uploaded(
                job.id(),
                instance,
                new BackupResult(
                        job.epoch(),
                        null,
                        List.of(new BackupResult.Artifact("app", "stream", "app", 1, 512 * 1024, 1)),
                        Map.of(),
                        List.of()));
    }

    @AfterEach
    void close() {
        parts.close();
    }

    private BackupState state() {
        return parts.backups.ofJob(job.id()).state();
    }

    @Test
    void whatIsStoredIsListed() {
        commit.commit(job);
        assertThat(state()).isEqualTo(BackupState.DONE);
        assertThat(parts.store.get(StoreLayout.manifest("shop-1", backupId)))
                .hasValueSatisfying(each -> assertThat(new String(each, StandardCharsets.UTF_8))
                        .isEqualTo(parts.backups
                                .manifest(parts.backups.ofJob(job.id()).id())
                                .orElseThrow()));
        // Another look, or another manager, was first.
        commit.commit(job);
        assertThat(state()).isEqualTo(BackupState.DONE);
    }

    @Test
    void dl18_withAnOlderCatalogueTheListOfWhatWasCommittedBeforeStaysAsItIs() {
        MadeUpBackup before = MadeUpBackup.of(backupId);
        Manifest manifest = before.manifest("shop-1");
        parts.store.put(StoreLayout.list("shop-1", backupId), before.list());
        parts.store.put(
                StoreLayout.manifest("shop-1", backupId), SignedManifest.sign(manifest, TestKeys.SIGNING.pair()));
        assertThatExceptionOfType(StoreException.class)
                .isThrownBy(() -> commit.commit(job))
                .withMessageContaining("there is another manifest");
        assertThat(state()).isEqualTo(BackupState.UPLOADED);
        assertThat(parts.store.get(StoreLayout.list("shop-1", backupId))).contains(before.list());
    }

    @Test
    void whatSomebodyHasPutInTheManifestsPlaceIsReplaced() {
        parts.store.put(StoreLayout.manifest("shop-1", backupId), new byte[] {1});
        parts.store.put(StoreLayout.list("shop-1", backupId), new byte[] {1});
        commit.commit(job);
        assertThat(state()).isEqualTo(BackupState.DONE);
    }
}
