package io.holdfast.manager.deletion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.format.segment.SegmentName;
import io.holdfast.manager.TestKeys;
import io.holdfast.manager.TestPlans;
import io.holdfast.manager.backup.Backup;
import io.holdfast.manager.backup.BackupState;
import io.holdfast.manager.instance.Instance;
import io.holdfast.manager.layout.MadeUpBackup;
import io.holdfast.manager.layout.StoreLayout;
import io.holdfast.manager.sql.TestDatabase;
import io.holdfast.manager.store.FaultyStore;
import io.holdfast.manager.store.FaultyStore.Call;
import io.holdfast.manager.store.FaultyStore.Fault;
import io.holdfast.manager.store.Store;
import io.holdfast.manager.store.Store.StoredObject;
import io.holdfast.manager.store.StoreException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a deletion and the garbage collection leave in the store: whatever another manifest uses. */
@Tag("state")
class SegmentRemovalTest {
    @TempDir
    Path folder;

    private TestPlans parts;
    private String id;
    private FaultyStore store;
    private Instance instance;
    private GarbageCollection garbage;

    @BeforeEach
    void open() {
        parts = new TestPlans(folder);
        store = new FaultyStore(parts.store);
        begin("shop-1");
        garbage = parts.garbageCollection(store, new GarbageCollection.Patience(Duration.ofHours(1), Duration.ZERO));
    }

    private void begin(String instanceId) {
        id = instanceId;
        instance = parts.instance(id);
    }

    @AfterEach
    void close() {
        parts.close();
    }

    /** One that has three segments; its name is the first that is given. */
    private Backup lender(String name) {
        Backup made = backup(segment(name, 1), segment(name, 2));
        assertThat(made.backupId()).isEqualTo(name);
        put(segment(name, 1), segment(name, 2));
        return made;
    }

    private Backup backup(SegmentName... borrowed) {
        return parts.backups.get(parts.backup(instance, BackupState.DONE, Duration.ofDays(2), borrowed));
    }

    private static SegmentName segment(String backupId, int number) {
        return new SegmentName(backupId, 1, number);
    }

    private void put(SegmentName... segments) {
        for (SegmentName each : segments) {
            store.put(StoreLayout.segment(id, each), new byte[] {1});
        }
    }

    private List<String> stored(String below) {
        return parts.store.list(below).stream().map(StoredObject::key).toList();
    }

    private List<String> segmentsOf(String backupId) {
        return stored(StoreLayout.segments(id, backupId));
    }

    private String key(String backupId, int number) {
        return StoreLayout.segment(id, segment(backupId, number));
    }

    private void delete(Backup backup) throws SegmentsInDoubt {
        Deletion deletion = parts.deletion(store);
        assertThat(deletion.begin(backup)).isTrue();
        deletion.remove(backup);
        assertThat(state(backup)).isEqualTo(BackupState.DELETED);
    }

    private BackupState state(Backup backup) {
        return parts.backups.get(backup.id()).state();
    }

    @Test
    void dl31_whatAnotherBackupUsesStaysWhenItsLenderGoesAndGoesWithTheLastThatUsesIt() throws Exception {
        Backup lender = lender("backup-0");
        Backup borrower = backup(segment("backup-0", 1));
        Backup second = backup(segment("backup-0", 1), segment("backup-1", 0));
        backup();
        delete(lender);
        assertThat(segmentsOf("backup-0")).containsExactly(key("backup-0", 1));
        assertThat(stored(StoreLayout.backup(id, "backup-0"))).isEmpty();

        parts.setStoreAhead(Duration.ofDays(400));
        garbage.unknownObjects();
        garbage.unknownObjects();
        garbage.knownGarbage();
        assertThat(segmentsOf("backup-0")).containsExactly(key("backup-0", 1));

        delete(borrower);
        assertThat(segmentsOf("backup-0")).containsExactly(key("backup-0", 1));
        assertThat(segmentsOf("backup-1")).containsExactly(key("backup-1", 0));
        delete(second);
        assertThat(stored(StoreLayout.segments(id))).containsExactly(key("backup-3", 0));
        assertThat(stored(StoreLayout.backups(id))).hasSize(2);
        assertThat(garbage.removedObjects()).isZero();
    }

    @Test
    void whatIsNotedForACommitThatHasNotEndedCounts() throws Exception {
        Backup lender = lender("backup-0");
        backup();
        long committing = parts.backup(instance, BackupState.UPLOADED, Duration.ZERO);
        byte[] manifest = MadeUpBackup.of(parts.backups.get(committing).backupId(), segment("backup-0", 2))
                .manifest(id, TestKeys.SIGNING.pair());
        parts.backupRows.setManifest(committing, new String(manifest, StandardCharsets.UTF_8));
        delete(lender);
        assertThat(segmentsOf("backup-0")).containsExactly(key("backup-0", 2));
    }

    @Test
    void dl36_aManifestThatOnlyTheStoreHasCounts() throws Exception {
        Backup lender = lender("backup-0");
        backup();
        MadeUpBackup.of("unknown", segment("backup-0", 2)).store(store, id, TestKeys.SIGNING.pair());
        long failed = parts.backup(instance, BackupState.FAILED, Duration.ofDays(1));
        String failedId = parts.backups.get(failed).backupId();
        MadeUpBackup.of("another", segment(failedId, 0)).store(store, id, TestKeys.SIGNING.pair());
        put(segment(failedId, 0), segment(failedId, 1));
        delete(lender);
        assertThat(segmentsOf("backup-0")).containsExactly(key("backup-0", 2));
        garbage.knownGarbage();
        assertThat(segmentsOf(failedId)).containsExactly(key(failedId, 0));
    }

    @Test
    void dl36_oneThatNobodyHasSignedKeepsAllSegmentsUntilItIsGone() throws Exception {
        Backup lender = lender("backup-0");
        backup();
        String strange = StoreLayout.manifest(id, "unknown");
        store.put(strange, new byte[] {1});
        Deletion deletion = parts.deletion(store);
        assertThat(deletion.begin(lender)).isTrue();
        assertThatThrownBy(() -> deletion.remove(lender))
                .isInstanceOf(SegmentsInDoubt.class)
                .hasMessageContaining("unknown")
                .hasMessageContaining("not authentic");
        garbage.knownGarbage();
        parts.setStoreAhead(Duration.ofDays(400));
        put(segment("gone", 0));
        garbage.unknownObjects();
        garbage.unknownObjects();
        assertThat(state(lender)).isEqualTo(BackupState.DELETING);
        assertThat(segmentsOf("backup-0")).hasSize(3);
        assertThat(segmentsOf("gone")).hasSize(1);
        assertThat(store.head(StoreLayout.manifest(id, "backup-0"))).isEmpty();

        store.delete(strange);
        parts.deletion(store).removeAll(instance);
        assertThat(state(lender)).isEqualTo(BackupState.DELETED);
        assertThat(segmentsOf("backup-0")).isEmpty();
    }

    @Test
    void dl37_whatAListingHidesInOneOfTwoLooksIsNotRemoved() {
        backup();
        put(segment("gone", 0), segment("gone", 1));
        MadeUpBackup.of("unknown", segment("gone", 1)).store(store, id, TestKeys.SIGNING.pair());
        parts.setStoreAhead(Duration.ofDays(1));
        garbage.unknownObjects();
        // The folders of instances, of manifests and of segments: nothing is seen of the unknown backup.
        store.next(Call.LIST, new Fault.None(), new Fault.DropsFromList(1), new Fault.DropsFromList(1));
        garbage.unknownObjects();
        garbage.unknownObjects();
        assertThat(segmentsOf("gone")).hasSize(2);
        garbage.unknownObjects();
        assertThat(segmentsOf("gone")).containsExactly(key("gone", 1));
        assertThat(garbage.removedObjects()).isEqualTo(1);
    }

    @Test
    void garbageStaysUntilTheSecondLookAndWhileItGrows() {
        backup();
        put(segment("gone", 0));
        parts.setStoreAhead(Duration.ofDays(1));
        GarbageCollection patient =
                parts.garbageCollection(store, new GarbageCollection.Patience(Duration.ofHours(1), Duration.ofDays(1)));
        patient.unknownObjects();
        patient.unknownObjects();
        assertThat(segmentsOf("gone")).hasSize(1);
        TestDatabase.run(
                parts.database,
                "UPDATE garbage SET seen_at = seen_at - " + Duration.ofDays(1).toMillis());
        put(segment("gone", 1));
        patient.unknownObjects();
        assertThat(segmentsOf("gone")).hasSize(2);
        TestDatabase.run(
                parts.database,
                "UPDATE garbage SET seen_at = seen_at - " + Duration.ofDays(1).toMillis());
        parts.setStoreAhead(Duration.ZERO);
        patient.unknownObjects();
        assertThat(segmentsOf("gone")).as("the second one is young").hasSize(2);
        parts.setStoreAhead(Duration.ofDays(2));
        patient.unknownObjects();
        assertThat(segmentsOf("gone")).isEmpty();
    }

    @Test
    void aStoreThatShowsNothingOfAGoodBackupLosesNoGarbage() {
        backup();
        Backup hidden = backup();
        put(segment("gone", 0));
        parts.setStoreAhead(Duration.ofDays(1));
        garbage.unknownObjects();
        store.next(Call.LIST, new Fault.None(), new Fault.DropsFromList(1));
        garbage.unknownObjects();
        assertThat(state(hidden)).isEqualTo(BackupState.DONE);
        assertThat(segmentsOf("gone")).hasSize(1);
    }

    @Test
    void dl42_twoThatAreRemovedAtOnceLeaveNothingAndTakeNothingOfAThird() throws Exception {
        boolean reached = true;
        for (int call = 0; reached; call++) {
            Removals removals = new Removals(call);
            AtomicInteger left = new AtomicInteger(call);
            parts.deletion(interrupted(left, () -> removals.remove(removals.borrower)))
                    .remove(removals.lender);
            reached = left.get() < 0;
            if (!reached) {
                removals.remove(removals.borrower);
            }
            removals.requireOnlyTheThird();
        }
    }

    @Test
    void dl42_aRemovalThatBreaksOffAnywhereGoesOn() throws Exception {
        boolean reached = true;
        for (int call = 0; reached; call++) {
            Removals removals = new Removals(call);
            AtomicInteger left = new AtomicInteger(call);
            Deletion broken = parts.deletion(interrupted(left, () -> {
                throw new StoreException(StoreException.Kind.PASSING, "it fails on demand", null);
            }));
            broken.tryToRemove(removals.lender);
            reached = left.get() < 0;
            removals.remove(removals.borrower);
            garbage.knownGarbage();
            removals.requireOnlyTheThird();
        }
    }

    /** A lender and a borrower that are marked, and another one that stays. */
    private final class Removals {
        private final Backup lender;
        private final Backup borrower;
        private final List<String> stay = new ArrayList<>();

        Removals(int number) {
            begin("shop-" + number);
            String name = "backup-" + 3 * number;
            lender = lender(name);
            borrower = backup(segment(name, 1), segment(name, 2));
            Backup third = backup(segment(name, 2));
            stay.add(key(name, 2));
            stay.add(key(third.backupId(), 0));
            assertThat(parts.deletion.begin(lender)).isTrue();
            assertThat(parts.deletion.begin(borrower)).isTrue();
        }

        void remove(Backup backup) {
            try {
                parts.deletion(parts.store).remove(backup);
            } catch (SegmentsInDoubt e) {
                throw new IllegalStateException(e);
            }
        }

        void requireOnlyTheThird() {
            assertThat(state(lender)).isEqualTo(BackupState.DELETED);
            assertThat(state(borrower)).isEqualTo(BackupState.DELETED);
            List<String> left = new ArrayList<>(segmentsOf(lender.backupId()));
            left.addAll(segmentsOf(borrower.backupId()));
            assertThat(left).containsExactly(stay.getFirst());
            assertThat(store.head(stay.getLast())).isPresent();
        }
    }

    /** Does something before one of the calls to the store. */
    private Store interrupted(AtomicInteger before, Runnable something) {
        return (Store) Proxy.newProxyInstance(
                Store.class.getClassLoader(), new Class<?>[] {Store.class}, (proxy, method, arguments) -> {
                    if (before.getAndDecrement() == 0) {
                        something.run();
                    }
                    try {
                        return method.invoke(parts.store, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    @Test
    void aLenderStaysWhileABackupIsMadeThatMayNameItsSegments() {
        Backup lender = backup();
        backup();
        backup();
        long borrowing = parts.backup(instance, BackupState.PENDING, Duration.ZERO);
        parts.backupRows.setLender(borrowing, lender.id());
        String name = parts.backups.get(borrowing).backupId();
        long job = parts.backups.get(borrowing).job().id();
        for (String open : List.of("QUEUED", "RUNNING", "COMMITTING")) {
            TestDatabase.run(parts.database, "UPDATE job SET state = '" + open + "' WHERE id = " + job);
            assertThat(parts.deletion.borrower(lender)).contains(name);
            assertThat(parts.backups.lent(instance.id())).containsExactly(lender.id());
            assertThat(parts.deletion.begin(lender)).isFalse();
            assertThat(parts.deletion.beginUnkept(lender, 1, false, Duration.ZERO))
                    .isFalse();
            TestDatabase.run(parts.database, "UPDATE instance SET deleted_at = 1 WHERE id = " + instance.id());
            assertThat(parts.deletion.beginAfterInstance(lender, Duration.ZERO)).isFalse();
            TestDatabase.run(parts.database, "UPDATE instance SET deleted_at = NULL WHERE id = " + instance.id());
        }
        TestDatabase.run(parts.database, "UPDATE job SET state = 'FAILED' WHERE id = " + job);
        assertThat(parts.deletion.borrower(lender)).isEmpty();
        assertThat(parts.deletion.begin(lender)).isTrue();
    }
}
