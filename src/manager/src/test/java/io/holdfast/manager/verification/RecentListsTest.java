package io.holdfast.manager.verification;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.holdfast.format.manifest.Manifest;
import io.holdfast.manager.TestPlans;
import io.holdfast.manager.layout.MadeUpBackup;
import io.holdfast.manager.layout.StoreLayout;
import io.holdfast.manager.store.FaultyStore;
import io.holdfast.manager.store.FaultyStore.Call;
import io.holdfast.manager.store.FaultyStore.Fault;
import io.holdfast.manager.store.StoreException;
import io.holdfast.protocol.FailureCode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Lists of segments are given out only when they are the ones that their manifests mean. */
class RecentListsTest {
    @TempDir
    Path folder;

    private TestPlans parts;
    private FaultyStore store;
    private RecentLists lists;

    @BeforeEach
    void open() {
        parts = new TestPlans(folder);
        store = new FaultyStore(parts.store);
        lists = new RecentLists(store);
    }

    @AfterEach
    void close() {
        lists.close();
        parts.close();
    }

    private static Manifest manifest(String backupId) {
        return MadeUpBackup.of(backupId).manifest("shop-1");
    }

    private Manifest stored(String backupId) {
        store.put(
                StoreLayout.list("shop-1", backupId), MadeUpBackup.of(backupId).list());
        return manifest(backupId);
    }

    private void assertDamaged(byte[] list, String why) {
        store.put(StoreLayout.list("shop-1", "b1"), list);
        assertThatExceptionOfType(UnreadableBackup.class)
                .isThrownBy(() -> lists.lines(manifest("b1"), 0, 1))
                .withMessageContaining(why)
                .satisfies(e -> assertThat(e.code()).isEqualTo(FailureCode.CORRUPT));
    }

    @Test
    void linesAreGivenOutAsFarAsThereAreSome() throws Exception {
        Manifest manifest = stored("b1");
        List<String> lines = lists.lines(manifest, 0, 10);
        assertThat(lines).hasSize(1);
        assertThat(OpenedList.parse(lines.getFirst()).name())
                .isEqualTo(MadeUpBackup.of("b1").segment());
        assertThat(lists.lines(manifest, 1, 10)).isEmpty();
        assertThat(lists.lines(manifest, Long.MAX_VALUE, 10)).isEmpty();
    }

    @Test
    void manyBackupsAreReadInTurnsThoughFewListsAreKept() throws Exception {
        for (int round = 0; round < 2; round++) {
            for (int i = 0; i < 20; i++) {
                assertThat(lists.lines(stored("b" + i), 0, 1)).hasSize(1);
            }
        }
    }

    @Test
    void aListThatWasReadIsNotFetchedForEachPage() throws Exception {
        Manifest manifest = stored("b1");
        lists.lines(manifest, 0, 1);
        store.delete(StoreLayout.list("shop-1", "b1"));
        assertThat(lists.lines(manifest, 0, 1)).hasSize(1);
    }

    @Test
    void dl05_aListThatIsCutLongerChangedOrMissingIsRefused() {
        byte[] list = MadeUpBackup.of("b1").list();
        assertDamaged(Arrays.copyOf(list, list.length - 1), "it ends before");
        assertDamaged(Arrays.copyOf(list, list.length + 1), "it is longer");
        assertDamaged(new byte[0], "it ends before");
        byte[] changed = list.clone();
        changed[10] = (byte) (changed[10] == '0' ? '1' : '0');
        assertDamaged(changed, "its SHA-256");
        assertDamaged("end 0\n".getBytes(StandardCharsets.UTF_8), "it ends before");
        store.delete(StoreLayout.list("shop-1", "b1"));
        assertThatExceptionOfType(UnreadableBackup.class)
                .isThrownBy(() -> lists.lines(manifest("b1"), 0, 1))
                .withMessageContaining("is not in the store");
    }

    @Test
    void aStoreThatFailsSaysNothingOfTheBackup() throws Exception {
        Manifest manifest = stored("b1");
        store.next(Call.READ, new Fault.Fails(StoreException.Kind.PASSING));
        assertThatExceptionOfType(StoreException.class).isThrownBy(() -> lists.lines(manifest, 0, 1));
        assertThat(lists.lines(manifest, 0, 1)).hasSize(1);
    }
}
