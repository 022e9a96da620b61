package io.holdfast.manager.assignment;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.format.manifest.SignedManifest;
import io.holdfast.manager.TestKeys;
import io.holdfast.manager.TestPlans;
import io.holdfast.manager.assignment.JobStarts.Started;
import io.holdfast.manager.backup.Backup;
import io.holdfast.manager.instance.Instance;
import io.holdfast.manager.layout.MadeUpBackup;
import io.holdfast.manager.layout.StoreLayout;
import io.holdfast.manager.verification.StoredBackups;
import io.holdfast.protocol.FailureCode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a backup begins with when its catalogue may be older than its store. */
class JobStartsTest {
    @TempDir
    Path folder;

    private TestPlans parts;
    private JobStarts starts;
    private Instance instance;
    private Backup backup;

    @BeforeEach
    void open() {
        parts = new TestPlans(folder);
        TestKeys keys = new TestKeys(parts.database, parts.store);
        StoredBackups stored =
                new StoredBackups(parts.backups, parts.store, keys.ring, TestKeys.SIGNING, Runnable::run);
        starts = new JobStarts(
                parts.backups,
                parts.backupJobs,
                parts.restores,
                parts.agents,
                parts.queue,
                keys.ring,
                stored,
                parts.lending(14));
        instance = parts.instance("shop-1");
        backup = parts.backups.get(parts.backupJobs.queue(instance).number());
    }

    @AfterEach
    void close() {
        parts.close();
    }

    private Optional<Started> claim() throws InterruptedException {
        return starts.claim(instance, 0, "session", null, Duration.ZERO);
    }

    private void putManifest(byte[] file) {
        parts.store.put(StoreLayout.manifest("shop-1", backup.backupId()), file);
    }

    @Test
    void dl14_aBackupThatTheStoreHasAlreadyIsNotWrittenOver() throws Exception {
        MadeUpBackup made = MadeUpBackup.of(backup.backupId());
        putManifest(SignedManifest.sign(made.manifest("shop-1"), TestKeys.SIGNING.pair()));
        assertThat(claim()).isEmpty();
        assertThat(parts.backups.get(backup.id()).job().code()).isEqualTo(FailureCode.STORE_MISMATCH);
    }

    @Test
    void aManifestThatSomebodyHasPutThereKeepsNoBackupFromBeginning() throws Exception {
        putManifest("{}".getBytes(StandardCharsets.UTF_8));
        assertThat(claim()).isPresent();
    }
}
