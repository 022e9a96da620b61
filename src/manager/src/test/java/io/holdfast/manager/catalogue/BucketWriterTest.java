package io.holdfast.manager.catalogue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.format.age.Age;
import io.holdfast.format.age.AgeException;
import io.holdfast.format.age.X25519Identity;
import io.holdfast.format.age.X25519Recipient;
import io.holdfast.format.instance.Custody;
import io.holdfast.manager.TestKeys;
import io.holdfast.manager.TestPlans;
import io.holdfast.manager.backup.VerificationLevel;
import io.holdfast.manager.catalogue.Reconciler.Surroundings;
import io.holdfast.manager.catalogue.Reconciliation.Report;
import io.holdfast.manager.instance.Instance;
import io.holdfast.manager.instance.Instances;
import io.holdfast.manager.keys.EncryptionKeys;
import io.holdfast.manager.keys.EncryptionKeys.Change;
import io.holdfast.manager.keys.InstanceRecords.Stored;
import io.holdfast.manager.keys.KeyMismatchException;
import io.holdfast.manager.keys.KeyVersion;
import io.holdfast.manager.keys.KeyVersions;
import io.holdfast.manager.keys.SigningKey;
import io.holdfast.manager.layout.StoreLayout;
import io.holdfast.manager.sql.Database;
import io.holdfast.manager.sql.TestDatabase;
import io.holdfast.manager.store.Store.StoredObject;
import io.holdfast.manager.store.StoreException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Somebody can write to the bucket, and reads what is in it, recipients too. No later backup is to be theirs, no key is to be
 * lost, nobody's instance is to become theirs, and whatever they did is to be told.
 */
@Tag("state")
class BucketWriterTest {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final X25519Identity MASTER = X25519Identity.generate(RANDOM);
    private static final X25519Identity RECOVERY = X25519Identity.generate(RANDOM);
    private static final X25519Identity WRITER = X25519Identity.generate(RANDOM);
    private static final String PASSPHRASE = "correct horse battery staple";

    @TempDir
    Path folder;

    private TestPlans parts;
    private Manager manager;
    private final List<String> problems = new ArrayList<>();
    private final List<String> differences = new ArrayList<>();

    /** A manager on its own catalogue and the one store. */
    private final class Manager {
        final Instances instances;
        final KeyVersions versions;
        final TestKeys keys;
        final EncryptionKeys passphrases;
        final MadeBackups backups;

        Manager(Database database) {
            instances = new Instances(database);
            versions = new KeyVersions(database);
            keys = new TestKeys(database, parts.store, MASTER, List.of(RECOVERY.recipient()), TestKeys.SIGNING);
            passphrases = TestPlans.encryptionKeys(database, keys);
            backups = new MadeBackups(database, parts.store, keys);
        }

        Instance instance(String id) {
            return instances.findAlsoDeleted(id).orElseThrow();
        }

        List<KeyVersion> keys(String id) {
            return versions.list(instance(id).id());
        }

        void passphrase(String id, Custody custody) throws Exception {
            TestKeys.change(passphrases, instance(id), new Change(PASSPHRASE, null, custody, true));
        }

        Reconciliation reconcile(Surroundings surroundings) {
            problems.clear();
            differences.clear();
            return keys.reconciler.reconcile(surroundings, new Report(differences::add, problems::add));
        }
    }

    @BeforeEach
    void open() {
        parts = new TestPlans(folder);
        manager = new Manager(parts.database);
    }

    @AfterEach
    void close() {
        parts.close();
    }

    private interface Work {
        void with(Manager rebuilt) throws Exception;
    }

    /** Rebuilds into an empty catalogue, and does something with what is there then. */
    private Reconciliation rebuilt(Work work) throws Exception {
        try (Database fresh = TestDatabase.open(folder.resolve("fresh-" + System.nanoTime()))) {
            Manager other = new Manager(fresh);
            Reconciliation found = other.reconcile(Surroundings.ALONE);
            List<String> told = List.copyOf(problems);
            work.with(other);
            problems.clear();
            problems.addAll(told);
            return found;
        }
    }

    private static byte[] wrapped(X25519Identity identity, X25519Recipient... recipients) throws Exception {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        try (OutputStream out = Age.encrypt(file, List.of(recipients), RANDOM)) {
            out.write((identity.encoded() + "\n").getBytes(StandardCharsets.US_ASCII));
        }
        return file.toByteArray();
    }

    private void plant(String id, int version, X25519Identity identity) throws Exception {
        parts.store.put(StoreLayout.key(id, version), wrapped(identity, MASTER.recipient()));
    }

    private Map<String, byte[]> bucket() {
        Map<String, byte[]> found = new HashMap<>();
        for (StoredObject object : parts.store.list("")) {
            found.put(object.key(), parts.store.get(object.key()).orElseThrow());
        }
        return found;
    }

    @Test
    void s1_aPlantedKeyIsToldAndNoBackupIsMadeWithIt() throws Exception {
        manager.instances.register("shop-1", "postgresql", "broker");
        manager.backups.make("shop-1");
        plant("shop-1", 2, WRITER);

        assertThat(manager.reconcile(Surroundings.MANAGER_WORKS).problems()).isOne();
        assertThat(problems).singleElement().asString().contains("key version 2", "nothing signed knows it");
        assertThat(manager.reconcile(Surroundings.ALONE).problems()).isOne();
        manager.backups.make("shop-1");
        assertThat(manager.keys("shop-1")).extracting(KeyVersion::version).containsExactly(1);
        assertThat(rebuilt(fresh -> {
                            assertThat(fresh.keys("shop-1"))
                                    .extracting(KeyVersion::version)
                                    .containsExactly(1);
                            fresh.backups.make("shop-1");
                        })
                        .problems())
                .isOne();
        assertNothingOpensFor(WRITER);
    }

    @Test
    void s1_aKeyPlantedInPlaceOfAnInstancesOwnIsPutBack() throws Exception {
        manager.instances.register("shop-1", "postgresql", "broker");
        manager.backups.make("shop-1");
        byte[] own = parts.store.get(StoreLayout.key("shop-1", 1)).orElseThrow();
        plant("shop-1", 1, WRITER);
        assertThat(manager.reconcile(Surroundings.MANAGER_WORKS).problems()).isOne();
        assertThat(problems).singleElement().asString().contains("keys/1/key.age", "put back");
        assertThat(parts.store.get(StoreLayout.key("shop-1", 1)).orElseThrow()).isEqualTo(own);
        assertThat(manager.reconcile(Surroundings.MANAGER_WORKS).agrees()).isTrue();

        plant("shop-1", 1, WRITER);

        assertThat(rebuilt(fresh -> {
                            fresh.backups.make("shop-1");
                            assertThat(fresh.backups.read(
                                            fresh.backups.good("shop-1").getLast()))
                                    .isEqualTo(VerificationLevel.DECRYPTED);
                        })
                        .problems())
                .isOne();
        assertThat(parts.store.get(StoreLayout.key("shop-1", 1)).orElseThrow()).isEqualTo(own);

        assertNothingOpensFor(WRITER);
    }

    @Test
    void s1_anotherInstancesKeyIsNotUsedWithAndWithoutARecord() throws Exception {
        manager.instances.register("shop-1", "postgresql", "broker");
        manager.instances.register("theirs", "postgresql", "intruder");
        manager.backups.make("shop-1");
        manager.backups.make("theirs");
        byte[] theirKey = parts.store.get(StoreLayout.key("theirs", 1)).orElseThrow();
        String theirs = manager.keys("theirs").getFirst().recipient();
        parts.store.put(StoreLayout.key("shop-1", 2), theirKey);
        for (boolean withRecord : new boolean[] {true, false}) {
            if (!withRecord) {
                parts.store.delete(StoreLayout.instance("shop-1"));
            }
            assertThat(rebuilt(fresh -> {
                                fresh.backups.make("shop-1");
                                assertThat(fresh.keys("shop-1"))
                                        .extracting(KeyVersion::recipient)
                                        .doesNotContain(theirs);
                            })
                            .problems())
                    .as(problems.toString())
                    .isPositive();
        }
    }

    @Test
    void s1_theUsersCustodyStaysItsAlsoWhenAnOldKeyFileIsPutBack() throws Exception {
        manager.instances.register("shop-1", "postgresql", "broker");
        manager.backups.make("shop-1");
        byte[] managed = parts.store.get(StoreLayout.key("shop-1", 1)).orElseThrow();
        manager.passphrase("shop-1", Custody.USER);
        manager.backups.make("shop-1");
        parts.store.put(StoreLayout.key("shop-1", 1), managed);

        for (boolean withRecord : new boolean[] {true, false}) {
            if (!withRecord) {
                parts.store.put(StoreLayout.key("shop-1", 1), managed);
                parts.store.delete(StoreLayout.instance("shop-1"));
            }
            assertThat(rebuilt(fresh -> {
                                Instance instance = fresh.instance("shop-1");
                                assertThat(instance.custody()).isEqualTo(Custody.USER);
                                assertThatThrownBy(() -> fresh.keys.ring.open(instance, 1))
                                        .isInstanceOf(KeyMismatchException.class);
                                assertThat(fresh.passphrases.forRestore(instance, 1, PASSPHRASE))
                                        .isPresent();
                            })
                            .problems())
                    .as(problems.toString())
                    .isPositive();
        }
        assertThat(manager.reconcile(Surroundings.MANAGER_WORKS).problems()).isPositive();
        assertThat(parts.store.get(StoreLayout.key("shop-1", 1))).isNotEqualTo(Optional.of(managed));
    }

    @Test
    void s1_withoutARecordNewBackupsHaveANewKeyAndOldOnesCanBeRead() throws Exception {
        manager.instances.register("shop-1", "postgresql", "broker");
        manager.backups.make("shop-1");
        parts.store.delete(StoreLayout.instance("shop-1"));
        assertThat(rebuilt(fresh -> {
                            fresh.backups.make("shop-1");
                            assertThat(fresh.backups.good("shop-1"))
                                    .extracting(each -> each.keyVersion())
                                    .containsExactly(2, 1);
                            for (var backup : fresh.backups.good("shop-1")) {
                                assertThat(fresh.backups.read(backup)).isEqualTo(VerificationLevel.DECRYPTED);
                            }
                            assertThat(fresh.reconcile(Surroundings.ALONE).agrees())
                                    .as(problems.toString())
                                    .isTrue();
                        })
                        .problems())
                .isOne();
        assertThat(problems).singleElement().asString().contains("its record is not in the store");
    }

    @Test
    void s1_withTheUsersCustodyAndWithoutARecordItsUserMakesTheNextKey() throws Exception {
        manager.instances.register("shop-1", "postgresql", "broker");
        manager.passphrase("shop-1", Custody.USER);
        manager.backups.make("shop-1");
        parts.store.delete(StoreLayout.instance("shop-1"));
        rebuilt(fresh -> {
            Instance instance = fresh.instance("shop-1");
            assertThatThrownBy(() -> fresh.backups.make("shop-1")).isInstanceOf(KeyMismatchException.class);
            fresh.passphrases.rotation(instance, PASSPHRASE).add();
            fresh.backups.make("shop-1");
            assertThat(fresh.backups.good("shop-1").getFirst().keyVersion()).isEqualTo(2);
        });
    }

    @Test
    void s1_aRecordThatIsOlderThanABackupSaysIsNotBelieved() throws Exception {
        manager.instances.register("shop-1", "postgresql", "former");
        manager.backups.make("shop-1");
        Map<String, byte[]> before = bucket();
        parts.lives.giveTo(manager.instance("shop-1").id(), "rightful");
        manager.passphrase("shop-1", Custody.USER);
        manager.backups.make("shop-1");
        before.forEach(parts.store::put);

        assertThat(rebuilt(fresh -> {
                            Instance instance = fresh.instance("shop-1");
                            assertThat(instance.ownerUnknown()).isTrue();
                            assertThat(instance.owner()).isNull();
                            assertThat(instance.custody()).isEqualTo(Custody.USER);
                            assertThatThrownBy(() -> fresh.backups.make("shop-1"))
                                    .isInstanceOf(KeyMismatchException.class);
                        })
                        .problems())
                .isPositive();
        assertThat(problems).anyMatch(each -> each.contains("an older record was put back"));

        before.forEach(parts.store::put);
        assertThat(manager.reconcile(Surroundings.MANAGER_WORKS).problems()).isPositive();
        assertThat(manager.instance("shop-1").owner()).isEqualTo("rightful");
        assertThat(manager.reconcile(Surroundings.MANAGER_WORKS).agrees())
                .as(problems.toString())
                .isTrue();
    }

    @Test
    void s2_aLostOrJunkKeyFileIsAProblemAndPutBackAndNoGoodCopyIsThrownAway() throws Exception {
        manager.instances.register("shop-1", "postgresql", "broker");
        manager.passphrase("shop-1", Custody.MANAGED);
        manager.backups.make("shop-1");
        Map<String, byte[]> good = bucket();
        List<String> files = List.of(StoreLayout.key("shop-1", 1), StoreLayout.passphraseKey("shop-1", 1));
        for (Surroundings surroundings : Surroundings.values()) {
            for (String file : files) {
                for (boolean junk : new boolean[] {true, false}) {
                    damage(file, junk);
                    assertThat(manager.reconcile(surroundings).problems()).isOne();
                    assertThat(parts.store.get(file)).contains(good.get(file));
                    assertThat(manager.backups.read(
                                    manager.backups.good("shop-1").getFirst()))
                            .isEqualTo(VerificationLevel.DECRYPTED);
                    assertThat(manager.passphrases.forRestore(manager.instance("shop-1"), 1, PASSPHRASE))
                            .isPresent();
                    assertThat(manager.reconcile(surroundings).agrees()).isTrue();
                }
            }
        }
        for (String file : files) {
            damage(file, true);
            assertThat(rebuilt(fresh -> {
                                assertThat(fresh.backups.read(
                                                fresh.backups.good("shop-1").getFirst()))
                                        .isEqualTo(VerificationLevel.DECRYPTED);
                                assertThat(fresh.passphrases.forRestore(fresh.instance("shop-1"), 1, PASSPHRASE))
                                        .isPresent();
                            })
                            .problems())
                    .isOne();
            assertThat(parts.store.get(file)).contains(good.get(file));
        }
    }

    private void damage(String file, boolean junk) {
        if (junk) {
            parts.store.put(file, "junk".getBytes(StandardCharsets.UTF_8));
        } else {
            parts.store.delete(file);
        }
    }

    @Test
    void s2_aLostOrJunkRecordIsPutBackToo() throws Exception {
        manager.instances.register("shop-1", "postgresql", "broker");
        manager.backups.make("shop-1");
        byte[] good = parts.store.get(StoreLayout.instance("shop-1")).orElseThrow();
        for (boolean junk : new boolean[] {true, false}) {
            damage(StoreLayout.instance("shop-1"), junk);
            assertThat(manager.reconcile(Surroundings.MANAGER_WORKS).problems()).isOne();
            assertThat(manager.keys.records.stored("shop-1")).isInstanceOf(Stored.Authentic.class);
            assertThat(manager.reconcile(Surroundings.MANAGER_WORKS).agrees()).isTrue();
        }
        parts.store.put(StoreLayout.instance("shop-1"), good);
        assertThat(manager.reconcile(Surroundings.MANAGER_WORKS).problems())
                .as("an older one")
                .isOne();
    }

    @Test
    void aManagerWithTheWrongKeysSignsNothingAnew() throws Exception {
        manager.instances.register("shop-1", "postgresql", "broker");
        manager.backups.make("shop-1");
        byte[] right = parts.store.get(StoreLayout.instance("shop-1")).orElseThrow();
        TestKeys wrong = new TestKeys(
                parts.database, parts.store, X25519Identity.generate(RANDOM), List.of(), TestKeys.signing());
        List<String> told = new ArrayList<>();
        for (Surroundings surroundings : Surroundings.values()) {
            assertThat(wrong.reconciler
                            .reconcile(surroundings, new Report(told::add, told::add))
                            .problems())
                    .isPositive();
            assertThat(parts.store.get(StoreLayout.instance("shop-1"))).contains(right);
        }
        assertThat(told).anyMatch(each -> each.contains("it is left as it is"));
    }

    @Test
    void aChangedSigningKeySignsAnewWhatTheOneBeforeHasSigned() throws Exception {
        manager.instances.register("shop-1", "postgresql", "broker");
        manager.backups.make("shop-1");
        SigningKey next = TestKeys.signing();
        SigningKey both = new SigningKey(
                next.pair(),
                List.of(next.pair().getPublic(), TestKeys.SIGNING.pair().getPublic()));
        TestKeys keys = new TestKeys(parts.database, parts.store, MASTER, List.of(RECOVERY.recipient()), both);
        assertThat(keys.reconciler
                        .reconcile(Surroundings.MANAGER_WORKS, new Report(problems::add, problems::add))
                        .agrees())
                .as(problems.toString())
                .isTrue();
        assertThat(new TestKeys(parts.database, parts.store, MASTER, List.of(RECOVERY.recipient()), next)
                        .records.stored("shop-1"))
                .isInstanceOf(Stored.Authentic.class);
    }

    @Test
    void aRunningManagerWhoseCatalogueIsOlderThanTheStoreTellsAndWritesNothingOver() throws Exception {
        manager.instances.register("shop-1", "postgresql", "broker");
        manager.passphrase("shop-1", Custody.MANAGED);
        Instance instance = manager.instance("shop-1");
        TestDatabase.run(parts.database, "UPDATE instance SET revision = 1, stored_revision = 1, owner = 'former'");
        byte[] there = parts.store.get(StoreLayout.instance("shop-1")).orElseThrow();

        assertThat(manager.reconcile(Surroundings.MANAGER_WORKS).problems()).isPositive();
        assertThat(problems).anyMatch(each -> each.contains("must be an older copy"));
        parts.lives.giveTo(instance.id(), "another");
        assertThatThrownBy(() -> manager.keys.records.store(instance.id()))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("rebuild");
        assertThat(parts.store.get(StoreLayout.instance("shop-1"))).contains(there);

        assertThat(manager.reconcile(Surroundings.ALONE).differences()).isPositive();
        assertThat(manager.instance("shop-1").owner()).isEqualTo("broker");
        assertThat(manager.reconcile(Surroundings.ALONE).agrees()).isTrue();
    }

    @Test
    void s6_ownersSurviveARebuildAndWithoutARecordNobodyIsTheOwner() throws Exception {
        manager.instances.register("shop-1", "postgresql", "rightful");
        manager.instances.register("shop-2", "redis", "rightful");
        manager.backups.make("shop-1");
        manager.backups.make("shop-2");
        parts.store.delete(StoreLayout.instance("shop-2"));
        rebuilt(fresh -> {
            assertThat(fresh.instance("shop-1").owner()).isEqualTo("rightful");
            assertThat(fresh.instance("shop-1").ownerUnknown()).isFalse();
            assertThat(fresh.instance("shop-2").owner()).isNull();
            assertThat(fresh.instance("shop-2").ownerUnknown()).isTrue();
            assertThat(fresh.instance("shop-2").service()).isEqualTo("redis");
        });
    }

    @Test
    void a1_aBackupOfADeletedLifeIsNotTakenIntoTheNextOne() throws Exception {
        manager.instances.register("shop-1", "postgresql", "former");
        long old = manager.backups.make("shop-1");
        Map<String, byte[]> before = bucket();
        assertThat(parts.deletion.beginWith(manager.instance("shop-1"))).isTrue();
        parts.deletion.removeAll(manager.instance("shop-1"));
        manager.passphrases.storeMissing();
        assertThat(parts.store.get(StoreLayout.key("shop-1", 1)))
                .as("keys go with the last backup")
                .isEmpty();
        parts.lives.beginAnew(manager.instance("shop-1"), "postgresql", "next");
        manager.backups.make("shop-1");
        assertThat(manager.keys("shop-1")).extracting(KeyVersion::version).containsExactly(2);
        assertThat(manager.backups.good("shop-1")).hasSize(1);
        before.forEach((key, content) -> {
            if (!key.endsWith("instance.json")) {
                parts.store.put(key, content);
            }
        });

        assertThat(rebuilt(fresh -> {
                            assertThat(fresh.instance("shop-1").owner()).isEqualTo("next");
                            assertThat(fresh.backups.good("shop-1"))
                                    .extracting(each -> each.keyVersion())
                                    .containsExactly(2);
                        })
                        .problems())
                .isPositive();
        assertThat(manager.reconcile(Surroundings.MANAGER_WORKS).agrees()).isFalse();
        assertThat(manager.backups.good("shop-1")).hasSize(1).noneMatch(each -> each.id() == old);
    }

    @Test
    void aDeletedInstanceIsNotThereAgainAfterARebuild() throws Exception {
        manager.instances.register("shop-1", "postgresql", "broker");
        manager.backups.make("shop-1");
        parts.deletion.beginWith(manager.instance("shop-1"));
        parts.deletion.removeAll(manager.instance("shop-1"));
        manager.passphrases.storeMissing();
        rebuilt(fresh -> {
            assertThat(fresh.instances.find("shop-1")).isEmpty();
            assertThat(fresh.instance("shop-1").owner()).isEqualTo("broker");
            assertThat(fresh.reconcile(Surroundings.ALONE).agrees()).isTrue();
        });
    }

    @Test
    void aPlantedInstanceIsNotTakenIn() throws Exception {
        manager.instances.register("shop-1", "postgresql", "broker");
        manager.backups.make("shop-1");
        bucket().forEach((key, content) -> parts.store.put(key.replace("/shop-1/", "/planted/"), content));
        plant("planted", 7, WRITER);
        assertThat(manager.reconcile(Surroundings.MANAGER_WORKS).problems()).isPositive();
        assertThat(rebuilt(fresh -> assertThat(fresh.instances.findAlsoDeleted("planted"))
                                .isEmpty())
                        .problems())
                .isPositive();
        assertThat(manager.instances.findAlsoDeleted("planted")).isEmpty();
    }

    /** No segment that is in the store opens with an identity. */
    private void assertNothingOpensFor(X25519Identity identity) {
        bucket().forEach((key, content) -> {
            if (key.endsWith(".zst.age")) {
                assertThatThrownBy(() -> Age.fileKey(new ByteArrayInputStream(content), List.of(identity)))
                        .as(key)
                        .isInstanceOf(AgeException.class);
            }
        });
    }
}
