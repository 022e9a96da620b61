package io.holdfast.manager.catalogue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.format.age.X25519Identity;
import io.holdfast.format.manifest.Manifest;
import io.holdfast.format.manifest.SignedManifest;
import io.holdfast.manager.TestPlans;
import io.holdfast.manager.backup.Sweep;
import io.holdfast.manager.catalogue.Reconciler.Surroundings;
import io.holdfast.manager.catalogue.Reconciliation.Report;
import io.holdfast.manager.database.BackupComparison;
import io.holdfast.manager.database.Backups.Backup;
import io.holdfast.manager.database.Backups.State;
import io.holdfast.manager.database.Instances.Instance;
import io.holdfast.manager.database.KeyVersions;
import io.holdfast.manager.database.KeyVersions.Copies;
import io.holdfast.manager.database.KeyVersions.KeyVersion;
import io.holdfast.manager.database.TestDatabase;
import io.holdfast.manager.database.Uploads;
import io.holdfast.manager.keys.Custody;
import io.holdfast.manager.keys.EncryptionKeys;
import io.holdfast.manager.keys.EncryptionKeys.Change;
import io.holdfast.manager.keys.EncryptionKeys.Standing;
import io.holdfast.manager.keys.KeyRing;
import io.holdfast.manager.keys.SigningKey;
import io.holdfast.manager.layout.StoreLayout;
import io.holdfast.manager.store.FaultyStore;
import io.holdfast.manager.store.FaultyStore.Call;
import io.holdfast.manager.store.FaultyStore.Fault;
import io.holdfast.manager.store.Store.StoredObject;
import io.holdfast.manager.store.StoreException;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
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
    private SigningKey signing;
    private KeyRing keys;
    private BackupComparison comparison;
    private Reconciler reconciler;
    private final List<String> told = new ArrayList<>();

    @BeforeEach
    void open() throws NoSuchAlgorithmException {
        parts = new TestPlans(folder);
        store = new FaultyStore(parts.store);
        KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        signing = new SigningKey(pair, List.of(pair.getPublic()));
        SecureRandom random = new SecureRandom();
        KeyVersions keyVersions = new KeyVersions(parts.database);
        keys = new KeyRing(keyVersions, store, X25519Identity.generate(random), List.of(), random, point -> {});
        comparison = new BackupComparison(parts.database);
        reconciler = new Reconciler(
                parts.database, parts.instances, keyVersions, parts.backups, comparison, keys, signing, store);
    }

    @AfterEach
    void close() {
        parts.close();
    }

    private Reconciliation reconcile(Surroundings surroundings) {
        told.clear();
        return reconciler.reconcile(surroundings, new Report(told::add, told::add));
    }

    private List<State> states(Instance instance) {
        return parts.backups.list(instance.id()).stream().map(Backup::state).toList();
    }

    private void putManifest(String instanceId, String backupId) {
        putManifest(instanceId, backupId, RECIPIENT);
    }

    private void putManifest(String instanceId, String backupId, String recipient) {
        Manifest manifest = new Manifest(
                Manifest.FORMAT,
                instanceId,
                backupId,
                1,
                Instant.EPOCH,
                Instant.EPOCH.plusSeconds(1),
                "postgresql",
                "18",
                1,
                List.of(recipient),
                List.of(new Manifest.Artifact(
                        "app", "stream", "app", 1, List.of(new Manifest.Segment(1, "0".repeat(64))))),
                Map.of());
        store.put(StoreLayout.manifest(instanceId, backupId), SignedManifest.sign(manifest, signing.pair()));
    }

    @Test
    void aKeyThatItsUserKeepsIsTakenInWithTheRecipientOfASignedManifest() throws Exception {
        Instance instance = parts.instance("shop-1");
        EncryptionKeys encryptionKeys = parts.encryptionKeys(keys);
        encryptionKeys.change(instance, new Change("a passphrase", null, Custody.USER, true));
        KeyVersions versions = new KeyVersions(parts.database);
        String recipient = versions.list(instance.id()).getFirst().recipient();
        TestDatabase.run(parts.database, "DELETE FROM key_version");
        assertThat(reconcile(Surroundings.ALONE).problems())
                .as("nothing says whose it is")
                .isOne();

        putManifest("shop-1", "backup-of-it", recipient);
        assertThat(reconcile(Surroundings.ALONE).problems()).as(told.toString()).isZero();
        assertThat(versions.list(instance.id()).getFirst().recipient()).isEqualTo(recipient);
        assertThat(encryptionKeys.standing(instance)).isEqualTo(new Standing(Custody.USER, true));
        assertThat(encryptionKeys.forRestore(instance, 1, "a passphrase")).isPresent();
        assertThat(reconcile(Surroundings.ALONE).agrees()).isTrue();
    }

    @Test
    void anOlderCatalogueTakesThePassphraseThatWasSetLastFromTheStore() throws Exception {
        Instance instance = parts.instance("shop-1");
        EncryptionKeys encryptionKeys = parts.encryptionKeys(keys);
        encryptionKeys.change(instance, new Change("the first passphrase", null, null, false));
        KeyVersions versions = new KeyVersions(parts.database);
        KeyVersion older = versions.list(instance.id()).getFirst();
        encryptionKeys.change(instance, new Change("the second passphrase", null, null, false));
        versions.follow(instance.id(), 1, new Copies(older.wrapped(), older.passphraseWrapped(), older.managed()));

        assertThat(reconcile(Surroundings.MANAGER_WORKS).agrees())
                .as("a manager's own changes are newer")
                .isTrue();
        assertThat(reconcile(Surroundings.ALONE).differences()).isOne();
        assertThat(encryptionKeys.forRestore(instance, 1, "the second passphrase"))
                .isPresent();
        assertThat(reconcile(Surroundings.ALONE).agrees()).isTrue();
    }

    @Test
    void aStoreThatHasNothingTakesNothingFromTheCatalogue() {
        Instance instance = parts.instance("shop-1");
        parts.backup(instance, State.DONE, Duration.ofDays(1));
        for (StoredObject object : store.list("")) {
            store.delete(object.key());
        }
        store.next(Call.LIST, new Fault.DropsFromList(1000));
        for (Surroundings surroundings : Surroundings.values()) {
            assertThat(reconcile(surroundings).problems()).isEqualTo(1);
            assertThat(told).singleElement().asString().contains("is it the right store");
            assertThat(states(instance)).containsExactly(State.DONE);
            store.next(Call.LIST, new Fault.DropsFromList(1000));
        }
    }

    @Test
    void aListingThatFailsEndsItAndOneThatLacksItsEndTakesNothing() {
        Instance instance = parts.instance("shop-1");
        Instance other = parts.instance("shop-2");
        parts.backup(instance, State.DONE, Duration.ofDays(1));
        parts.backup(other, State.VERIFIED, Duration.ofDays(1));
        store.next(Call.LIST, new Fault.None(), new Fault.Fails(StoreException.Kind.PASSING));
        assertThatThrownBy(() -> reconcile(Surroundings.ALONE)).isInstanceOf(StoreException.class);

        store.next(Call.LIST, new Fault.DropsFromList(1), new Fault.DropsFromList(1000), new Fault.DropsFromList(1000));
        assertThat(reconcile(Surroundings.MANAGER_WORKS).agrees())
                .as(told::toString)
                .isTrue();
        assertThat(states(instance)).containsExactly(State.DONE);
        assertThat(states(other)).containsExactly(State.VERIFIED);
    }

    @Test
    void whatIsLostIsFoundInAnInstanceThatTheStoreDoesNotHave() {
        Instance instance = parts.instance("shop-1");
        parts.backup(parts.instance("shop-2"), State.DONE, Duration.ofDays(1));
        long lost = parts.backup(instance, State.DONE, Duration.ofDays(1));
        for (StoredObject object : store.list(StoreLayout.folder("shop-1"))) {
            store.delete(object.key());
        }
        assertThat(reconcile(Surroundings.MANAGER_WORKS).differences()).isEqualTo(1);
        assertThat(parts.backups.get(lost).state()).isEqualTo(State.SUSPECT);
        assertThat(reconcile(Surroundings.ALONE).differences()).isEqualTo(1);
        assertThat(parts.backups.get(lost).state()).isEqualTo(State.DELETED);
        assertThat(reconcile(Surroundings.ALONE).agrees()).isTrue();

        putManifest("shop-1", parts.backups.get(lost).backupId());
        reconcile(Surroundings.MANAGER_WORKS);
        assertThat(parts.backups.get(lost).state())
                .as("nobody has asked for its deletion: it was the wrong store")
                .isEqualTo(State.DONE);
    }

    @Test
    void manyBackupsAreTakenInAndTwiceIsAsGoodAsOnce() {
        int count = 230;
        for (int i = 0; i < count; i++) {
            putManifest("shop-9", "backup-" + i);
        }
        Reconciliation first = reconcile(Surroundings.MANAGER_WORKS);
        Instance instance = parts.instances.find("shop-9").orElseThrow();
        assertThat(first.backups()).isEqualTo(count);
        assertThat(first.differences()).as("backups and the instance").isEqualTo(count + 1);
        assertThat(comparison.standings(instance.id()))
                .hasSize(count)
                .extracting(BackupComparison.Standing::state)
                .containsOnly(State.DONE);
        assertThat(reconcile(Surroundings.MANAGER_WORKS).differences()).isZero();
        assertThat(comparison.standings(instance.id())).hasSize(count);
    }

    @Test
    void objectsOfNoBackupGoOnlyWhenAllOfThemAreOldAndNobodyNeedsThem() {
        Instance instance = parts.instance("shop-1");
        parts.backup(instance, State.DONE, Duration.ofDays(1));
        parts.backup(instance, State.PENDING, Duration.ofDays(1));
        List<String> kept =
                new ArrayList<>(store.list("").stream().map(StoredObject::key).toList());
        String pending = parts.backups.list(instance.id()).stream()
                .filter(each -> each.state() == State.PENDING)
                .findFirst()
                .orElseThrow()
                .backupId();
        kept.add(StoreLayout.segment("shop-1", pending, "app", 0));
        kept.add(StoreLayout.manifest("shop-9", "unknown-with-manifest"));
        kept.add(StoreLayout.segment("shop-9", "unknown-with-manifest", "app", 0));
        kept.forEach(key -> store.put(key, new byte[] {1}));
        store.put(StoreLayout.segment("shop-1", "unknown", "app", 0), new byte[] {1});
        store.put(StoreLayout.segment("shop-9", "unknown", "app", 0), new byte[] {1});

        Sweep early = sweep(Duration.ofHours(1));
        early.unknownObjects();
        assertThat(early.orphanedObjects()).isZero();

        parts.setStoreAhead(Duration.ofHours(2));
        // A listing that does not show a manifest which is there must not cost a backup.
        store.next(Call.LIST, new Fault.DropsFromList(1));
        Sweep later = sweep(Duration.ofHours(1));
        later.unknownObjects();
        later.unknownObjects();
        assertThat(later.orphanedObjects()).isEqualTo(2);
        assertThat(store.list("").stream().map(StoredObject::key)).containsExactlyInAnyOrderElementsOf(kept);
    }

    private Sweep sweep(Duration minAge) {
        return new Sweep(parts.instances, parts.backups, new Uploads(parts.database), parts.deletion, store, minAge);
    }
}
