package io.holdfast.manager.catalogue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.format.age.X25519Identity;
import io.holdfast.format.manifest.Manifest;
import io.holdfast.format.manifest.SignedManifest;
import io.holdfast.format.segment.Cutter;
import io.holdfast.format.segment.SegmentList;
import io.holdfast.format.segment.SegmentName;
import io.holdfast.format.segment.SegmentSizes;
import io.holdfast.manager.TestKeys;
import io.holdfast.manager.TestPlans;
import io.holdfast.manager.backup.Backup;
import io.holdfast.manager.backup.BackupState;
import io.holdfast.manager.catalogue.Reconciler.Surroundings;
import io.holdfast.manager.catalogue.Reconciliation.Report;
import io.holdfast.manager.deletion.GarbageCollection;
import io.holdfast.manager.instance.Instance;
import io.holdfast.manager.keys.SigningKey;
import io.holdfast.manager.layout.MadeUpBackup;
import io.holdfast.manager.layout.StoreLayout;
import io.holdfast.manager.store.FaultyStore;
import io.holdfast.manager.store.FaultyStore.Call;
import io.holdfast.manager.store.FaultyStore.Fault;
import io.holdfast.manager.store.Store.StoredObject;
import io.holdfast.manager.store.StoreException;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The catalogue and a store that misbehaves. RebuildTest has the whole with real backups. */
@Tag("state")
class ReconcilerTest {
    private static final String RECIPIENT =
            X25519Identity.generate(new SecureRandom()).recipient().toString();

    @TempDir
    Path folder;

    private TestPlans parts;
    private FaultyStore store;
    private ComparedBackupTable comparison;
    private Reconciler reconciler;
    private final List<String> told = new ArrayList<>();

    @BeforeEach
    void open() {
        parts = new TestPlans(folder);
        store = new FaultyStore(parts.store);
        comparison = new ComparedBackupTable(parts.database);
        reconciler = new TestKeys(parts.database, store).reconciler;
    }

    @AfterEach
    void close() {
        parts.close();
    }

    private Reconciliation reconcile(Surroundings surroundings) {
        told.clear();
        return reconciler.reconcile(surroundings, new Report(told::add, told::add));
    }

    private List<BackupState> states(Instance instance) {
        return parts.backups.list(instance.id()).stream().map(Backup::state).toList();
    }

    private void putManifest(String instanceId, String backupId) {
        putManifest(instanceId, backupId, TestKeys.SIGNING.pair());
    }

    private void putManifest(String instanceId, String backupId, KeyPair signer) {
        MadeUpBackup.of(backupId).store(store, instanceId, signer);
    }

    @Test
    void s14_whatAnEarlierKeyHasSignedIsTakenInByARebuildAlone() throws Exception {
        Instance instance = parts.instance("shop-1");
        KeyPair earlier = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        KeyPair present = TestKeys.SIGNING.pair();
        SigningKey both = new SigningKey(present, List.of(present.getPublic(), earlier.getPublic()));
        reconciler = new TestKeys(parts.database, store, X25519Identity.generate(new SecureRandom()), List.of(), both)
                .reconciler;
        // Both were ordered, and their jobs ended without a word of them.
        long ofEarlier = parts.backup(instance, BackupState.FAILED, Duration.ofDays(1));
        long ofPresent = parts.backup(instance, BackupState.FAILED, Duration.ofDays(1));
        putManifest("shop-1", parts.backups.get(ofEarlier).backupId(), earlier);
        putManifest("shop-1", parts.backups.get(ofPresent).backupId());
        reconcile(Surroundings.MANAGER_WORKS);
        assertThat(told).anyMatch(each -> each.contains("not authentic"));
        assertThat(parts.backups.get(ofEarlier).state()).isEqualTo(BackupState.FAILED);
        assertThat(parts.backups.get(ofPresent).state()).isEqualTo(BackupState.DONE);
        reconcile(Surroundings.ALONE);
        assertThat(parts.backups.get(ofEarlier).state()).isEqualTo(BackupState.DONE);
        // What is in the catalogue stays good.
        assertThat(reconcile(Surroundings.MANAGER_WORKS).differences()).isZero();
        assertThat(states(instance)).containsOnly(BackupState.DONE);
    }

    @Test
    void aStoreThatHasNothingTakesNothingFromTheCatalogue() {
        Instance instance = parts.instance("shop-1");
        parts.backup(instance, BackupState.DONE, Duration.ofDays(1));
        for (StoredObject object : store.list("")) {
            store.delete(object.key());
        }
        store.next(Call.LIST, new Fault.DropsFromList(1000));
        for (Surroundings surroundings : Surroundings.values()) {
            assertThat(reconcile(surroundings).problems()).isEqualTo(1);
            assertThat(told).singleElement().asString().contains("is it the right store");
            assertThat(states(instance)).containsExactly(BackupState.DONE);
            store.next(Call.LIST, new Fault.DropsFromList(1000));
        }
    }

    @Test
    void aListingThatFailsEndsItAndOneThatLacksItsEndTakesNothing() {
        Instance instance = parts.instance("shop-1");
        Instance other = parts.instance("shop-2");
        parts.backup(instance, BackupState.DONE, Duration.ofDays(1));
        parts.backup(other, BackupState.VERIFIED, Duration.ofDays(1));
        store.next(Call.LIST, new Fault.None(), new Fault.Fails(StoreException.Kind.PASSING));
        assertThatThrownBy(() -> reconcile(Surroundings.ALONE)).isInstanceOf(StoreException.class);

        store.next(Call.LIST, new Fault.DropsFromList(1), new Fault.DropsFromList(1000), new Fault.DropsFromList(1000));
        assertThat(reconcile(Surroundings.MANAGER_WORKS).agrees())
                .as(told::toString)
                .isTrue();
        assertThat(states(instance)).containsExactly(BackupState.DONE);
        assertThat(states(other)).containsExactly(BackupState.VERIFIED);
    }

    @Test
    void whatIsLostIsFoundInAnInstanceThatTheStoreDoesNotHave() {
        Instance instance = parts.instance("shop-1");
        parts.backup(parts.instance("shop-2"), BackupState.DONE, Duration.ofDays(1));
        long lost = parts.backup(instance, BackupState.DONE, Duration.ofDays(1));
        for (StoredObject object : store.list(StoreLayout.folder("shop-1"))) {
            store.delete(object.key());
        }
        assertThat(reconcile(Surroundings.MANAGER_WORKS).problems()).isEqualTo(1);
        assertThat(parts.backups.get(lost).state()).isEqualTo(BackupState.SUSPECT);
        assertThat(reconcile(Surroundings.ALONE).differences()).isEqualTo(1);
        assertThat(parts.backups.get(lost).state()).isEqualTo(BackupState.DELETED);
        assertThat(reconcile(Surroundings.ALONE).agrees()).isTrue();

        putManifest("shop-1", parts.backups.get(lost).backupId());
        reconcile(Surroundings.MANAGER_WORKS);
        assertThat(parts.backups.get(lost).state())
                .as("nobody has asked for its deletion: it was the wrong store")
                .isEqualTo(BackupState.DONE);
    }

    @Test
    void manyBackupsAreTakenInByARebuildAloneAndTwiceIsAsGoodAsOnce() {
        int count = 230;
        for (int i = 0; i < count; i++) {
            putManifest("shop-9", "backup-" + i);
        }
        Reconciliation beside = reconcile(Surroundings.MANAGER_WORKS);
        assertThat(beside.problems()).isPositive();
        assertThat(told).anyMatch(each -> each.contains("only a rebuild adds it"));
        assertThat(parts.instances.findAlsoDeleted("shop-9")).isEmpty();

        Reconciliation first = reconcile(Surroundings.ALONE);
        Instance instance = parts.instances.find("shop-9").orElseThrow();
        assertThat(first.backups()).isEqualTo(count);
        assertThat(first.differences()).isEqualTo(count);
        assertThat(comparison.standings(instance.id()))
                .hasSize(count)
                .extracting(Standing::state)
                .containsOnly(BackupState.DONE);
        assertThat(reconcile(Surroundings.ALONE).differences()).isZero();
        assertThat(reconcile(Surroundings.MANAGER_WORKS).agrees())
                .as(told.toString())
                .isTrue();
        assertThat(comparison.standings(instance.id())).hasSize(count);
    }

    @Test
    void objectsOfNoBackupGoOnlyWhenAllOfThemAreOldAndNobodyNeedsThem() {
        Instance instance = parts.instance("shop-1");
        parts.backup(instance, BackupState.DONE, Duration.ofDays(1));
        parts.backup(instance, BackupState.PENDING, Duration.ofDays(1));
        List<String> kept =
                new ArrayList<>(store.list("").stream().map(StoredObject::key).toList());
        String pending = parts.backups.list(instance.id()).stream()
                .filter(each -> each.state() == BackupState.PENDING)
                .findFirst()
                .orElseThrow()
                .backupId();
        kept.add(StoreLayout.segment("shop-1", new SegmentName(pending, 1, 0)));
        store.put(kept.getLast(), new byte[] {1});
        putManifest("shop-9", "unknown-with-manifest");
        kept.add(StoreLayout.manifest("shop-9", "unknown-with-manifest"));
        kept.add(StoreLayout.list("shop-9", "unknown-with-manifest"));
        kept.add(StoreLayout.segment("shop-9", new SegmentName("unknown-with-manifest", 1, 0)));
        store.put(StoreLayout.segment("shop-1", new SegmentName("unknown", 1, 0)), new byte[] {1});
        store.put(StoreLayout.segment("shop-9", new SegmentName("unknown", 1, 0)), new byte[] {1});

        GarbageCollection early = collection(Duration.ofHours(1));
        early.unknownObjects();
        assertThat(early.removedObjects()).isZero();

        parts.setStoreAhead(Duration.ofHours(2));
        // A listing that does not show a manifest which is there must not cost a backup.
        store.next(Call.LIST, new Fault.DropsFromList(1));
        GarbageCollection later = collection(Duration.ofHours(1));
        later.unknownObjects();
        later.unknownObjects();
        assertThat(later.removedObjects()).isEqualTo(2);
        assertThat(store.list("").stream().map(StoredObject::key)).containsExactlyInAnyOrderElementsOf(kept);
    }

    @Test
    void dl07_aListingThatLacksManySegmentsMakesNoBackupSuspect() {
        int count = 1500;
        Instance instance = parts.instance("shop-1");
        long made = parts.backup(instance, BackupState.FAILED, Duration.ofDays(1));
        String backupId = parts.backups.get(made).backupId();
        MadeUpBackup one = MadeUpBackup.of(backupId);
        int lineBytes = one.segments().list().lineBytes();
        int listBytes = count * lineBytes + "end 1500\n".length();
        Manifest manifest = new Manifest(
                Manifest.FORMAT,
                "shop-1",
                backupId,
                1,
                Instant.EPOCH,
                Instant.EPOCH,
                "postgresql",
                null,
                Manifest.Life.UNRECORDED,
                1,
                List.of(RECIPIENT),
                List.of(new Manifest.Artifact("app", "stream", "app", 1, count, SegmentSizes.SMALLEST_MEAN, count)),
                new Manifest.Segments(
                        Cutter.NAME,
                        new SegmentList(count, lineBytes, listBytes, "0".repeat(64)),
                        List.of(new Manifest.Brought(backupId, 1, Instant.EPOCH, "0-1499", count))),
                Map.of());
        for (int i = 0; i < count; i++) {
            store.put(StoreLayout.segment("shop-1", new SegmentName(backupId, 1, i)), new byte[1]);
        }
        store.put(StoreLayout.list("shop-1", backupId), new byte[listBytes]);
        store.put(StoreLayout.manifest("shop-1", backupId), SignedManifest.sign(manifest, TestKeys.SIGNING.pair()));
        reconcile(Surroundings.MANAGER_WORKS);
        store.next(Call.LIST, new Fault.None(), new Fault.DropsFromList(count));
        int heads = store.calls(Call.HEAD);
        assertThat(reconcile(Surroundings.MANAGER_WORKS).differences())
                .as(told.toString())
                .isZero();
        assertThat(store.calls(Call.HEAD) - heads).isGreaterThanOrEqualTo(count);
        assertThat(states(instance)).containsExactly(BackupState.DONE);
        // One that is there without content is none.
        store.put(StoreLayout.segment("shop-1", new SegmentName(backupId, 1, 7)), new byte[0]);
        reconcile(Surroundings.MANAGER_WORKS);
        assertThat(states(instance)).containsExactly(BackupState.SUSPECT);
    }

    @Test
    void dl18_whatAnOlderCatalogueKnowsAsFailedIsNoGarbageWhenItHasAManifest() {
        Instance instance = parts.instance("shop-1");
        long made = parts.backup(instance, BackupState.FAILED, Duration.ofDays(1));
        long failed = parts.backup(instance, BackupState.FAILED, Duration.ofDays(1));
        putManifest("shop-1", parts.backups.get(made).backupId());
        SegmentName garbage = new SegmentName(parts.backups.get(failed).backupId(), 1, 0);
        store.put(StoreLayout.segment("shop-1", garbage), new byte[] {1});
        collection(Duration.ofHours(1)).knownGarbage();
        assertThat(store.list("").stream().map(StoredObject::key))
                .hasSize(3)
                .allMatch(each -> each.contains(parts.backups.get(made).backupId()));
        reconcile(Surroundings.MANAGER_WORKS);
        assertThat(parts.backups.get(made).state()).isEqualTo(BackupState.DONE);
        assertThat(parts.backups.get(failed).state()).isEqualTo(BackupState.FAILED);
    }

    @Test
    void whatABackupUsesOfAnotherIsLookedForInTheFolderOfThat() {
        Instance instance = parts.instance("shop-1");
        long lender = parts.backup(instance, BackupState.DONE, Duration.ofDays(1));
        long made = parts.backup(instance, BackupState.FAILED, Duration.ofDays(1));
        String backupId = parts.backups.get(made).backupId();
        SegmentName own = new SegmentName(backupId, 1, 1);
        SegmentName shared = new SegmentName(parts.backups.get(lender).backupId(), 1, 0);
        MadeUpBackup.of(backupId, own, shared).store(store, "shop-1", TestKeys.SIGNING.pair());
        store.put(StoreLayout.segment("shop-1", own), new byte[1]);
        reconcile(Surroundings.MANAGER_WORKS);
        assertThat(parts.backups.get(made).state()).as(told.toString()).isEqualTo(BackupState.DONE);
        assertThat(parts.backups.get(made).size()).isEqualTo(3);
        List<Long> noted = parts.database.read(handle -> handle.createQuery(
                        "SELECT added_bytes FROM backup WHERE id = :id UNION ALL SELECT rests_since FROM backup WHERE id = :id")
                .bind("id", made)
                .mapTo(Long.class)
                .list());
        assertThat(noted).containsExactly(2L, 0L);
        assertThat(reconcile(Surroundings.MANAGER_WORKS).agrees())
                .as(told.toString())
                .isTrue();

        store.delete(StoreLayout.segment("shop-1", shared));
        reconcile(Surroundings.MANAGER_WORKS);
        assertThat(states(instance)).containsOnly(BackupState.SUSPECT);
        assertThat(parts.backups.get(made).verification().message()).contains(shared.path());
    }

    @Test
    void dl36_itIsToldThatDeletedBackupsKeepTheirSegmentsBecauseOfAManifest() {
        Instance instance = parts.instance("shop-1");
        parts.backup(instance, BackupState.DONE, Duration.ofDays(1));
        long going = parts.backup(instance, BackupState.DONE, Duration.ofDays(1));
        assertThat(parts.deletion.begin(parts.backups.get(going))).isTrue();
        store.put(StoreLayout.manifest("shop-1", "unknown"), new byte[] {1});
        parts.deletion.removeAll(instance);
        assertThat(parts.backups.get(going).state()).isEqualTo(BackupState.DELETING);
        reconcile(Surroundings.MANAGER_WORKS);
        assertThat(told).anyMatch(each -> each.contains("keep their segments") && each.contains("unknown"));
    }

    private GarbageCollection collection(Duration minAge) {
        return parts.garbageCollection(store, new GarbageCollection.Patience(minAge, Duration.ZERO));
    }
}
