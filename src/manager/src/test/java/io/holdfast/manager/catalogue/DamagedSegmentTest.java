package io.holdfast.manager.catalogue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.holdfast.format.segment.SegmentName;
import io.holdfast.manager.TestKeys;
import io.holdfast.manager.TestPlans;
import io.holdfast.manager.backup.Backup;
import io.holdfast.manager.layout.StoreLayout;
import io.holdfast.manager.verification.UnreadableBackup;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whoever reads a backup and finds a damaged object can say which one it is. */
@Tag("state")
class DamagedSegmentTest {
    @TempDir
    Path folder;

    private TestPlans parts;
    private MadeBackups backups;
    private Backup backup;
    private SegmentName segment;

    @BeforeEach
    void open() throws Exception {
        parts = new TestPlans(folder);
        TestKeys keys = new TestKeys(parts.database, parts.store);
        parts.instance("shop-1");
        backups = new MadeBackups(parts.database, parts.store, keys);
        backup = parts.backups.get(backups.make("shop-1"));
        segment = new SegmentName(backup.backupId(), 1, 0);
    }

    @AfterEach
    void close() {
        parts.close();
    }

    private UnreadableBackup damage() {
        return catchThrowableOfType(UnreadableBackup.class, () -> backups.read(backup));
    }

    @Test
    void anObjectThatWasChangedIsNamed() {
        String object = StoreLayout.segment("shop-1", segment);
        byte[] changed = parts.store.get(object).orElseThrow();
        changed[changed.length / 2] ^= 1;
        parts.store.put(object, changed);
        assertThat(damage().segment()).contains(segment);
    }

    @Test
    void anObjectThatIsMissingIsNamed() {
        parts.store.delete(StoreLayout.segment("shop-1", segment));
        assertThat(damage().segment()).contains(segment);
        assertThat(damage()).hasMessageContaining(segment.path());
    }

    @Test
    void aListThatIsMissingConcernsNoObject() {
        parts.store.delete(StoreLayout.list("shop-1", backup.backupId()));
        assertThat(damage().segment()).isEmpty();
    }
}
