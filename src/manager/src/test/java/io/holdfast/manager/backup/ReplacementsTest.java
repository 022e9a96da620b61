package io.holdfast.manager.backup;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.format.age.WrappedFileKey;
import io.holdfast.format.segment.Fingerprint;
import io.holdfast.format.segment.SegmentLine;
import io.holdfast.format.segment.SegmentName;
import io.holdfast.manager.TestPlans;
import io.holdfast.manager.instance.Instance;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which objects are read in the place of others. */
@Tag("state")
class ReplacementsTest {
    private static final String FOLDER = "shop-1";

    @TempDir
    Path folder;

    private TestPlans parts;
    private Instance instance;
    private Replacements replacements;

    @BeforeEach
    void open() {
        parts = new TestPlans(folder);
        instance = parts.instance(FOLDER);
        replacements = parts.backups.replacements();
    }

    @AfterEach
    void close() {
        parts.close();
    }

    private static SegmentName lost(int number) {
        return new SegmentName("lost", 1, number);
    }

    private static Replacement replacement(int lost, String foundIn, int bytes) throws Exception {
        SegmentLine line = new SegmentLine(
                "app",
                new Fingerprint("0f".repeat(32)),
                bytes,
                "1e".repeat(32),
                WrappedFileKey.parse("A".repeat(43), "A".repeat(43)),
                new SegmentName("other", 2, lost));
        return new Replacement(lost(lost), 7, foundIn, line);
    }

    private Backup backup(BackupState state) {
        return parts.backups.get(parts.backup(instance, state, Duration.ofDays(1)));
    }

    @Test
    void oneIsNotedReplacedAndForgotten() throws Exception {
        Backup first = backup(BackupState.DONE);
        Backup second = backup(BackupState.SUSPECT);
        assertThat(replacements.of(FOLDER)).isEmpty();
        for (Backup each : new Backup[] {first, second}) {
            int bytes = Math.toIntExact(each.id());
            assertThat(replacements.add(instance.id(), FOLDER, each.id(), replacement(3, each.backupId(), bytes)))
                    .isTrue();
            assertThat(replacements.of(FOLDER)).containsOnlyKeys(lost(3));
            Replacement noted = Objects.requireNonNull(replacements.of(FOLDER).get(lost(3)));
            assertThat(noted.foundIn()).isEqualTo(each.backupId());
            assertThat(noted.lostBytes()).isEqualTo(7);
            assertThat(noted.line().bytes()).isEqualTo(bytes);
            assertThat(noted.line().name()).isEqualTo(new SegmentName("other", 2, 3));
            assertThat(noted.line().key().share()).isEqualTo("A".repeat(43));
        }
        assertThat(replacements.of("shop-2")).isEmpty();
        replacements.remove(FOLDER, lost(4));
        assertThat(replacements.of(FOLDER)).hasSize(1);
        replacements.remove(FOLDER, lost(3));
        assertThat(replacements.of(FOLDER)).isEmpty();
    }

    @Test
    void nothingIsReadFromABackupThatGoes() throws Exception {
        for (BackupState state : new BackupState[] {BackupState.DELETING, BackupState.DELETED, BackupState.FAILED}) {
            Backup gone = backup(state);
            assertThat(replacements.add(instance.id(), FOLDER, gone.id(), replacement(0, gone.backupId(), 1)))
                    .as(state.toString())
                    .isFalse();
        }
        assertThat(replacements.of(FOLDER)).isEmpty();
    }

    @Test
    void theyStayFew() throws Exception {
        Backup found = backup(BackupState.VERIFIED);
        for (int i = 0; i < Replacements.MOST; i++) {
            assertThat(replacements.add(instance.id(), FOLDER, found.id(), replacement(i, found.backupId(), 1)))
                    .isTrue();
        }
        Replacement more = replacement(Replacements.MOST, found.backupId(), 1);
        assertThat(replacements.add(instance.id(), FOLDER, found.id(), more)).isFalse();
        assertThat(replacements.of(FOLDER)).hasSize(Replacements.MOST).doesNotContainKey(more.lost());
    }
}
