package io.holdfast.manager;

import io.holdfast.format.age.X25519Identity;
import io.holdfast.format.age.X25519Recipient;
import io.holdfast.manager.backup.Backups;
import io.holdfast.manager.catalogue.Comparisons;
import io.holdfast.manager.catalogue.Reconciler;
import io.holdfast.manager.crash.CrashPoints;
import io.holdfast.manager.instance.Instance;
import io.holdfast.manager.instance.Instances;
import io.holdfast.manager.instance.Lives;
import io.holdfast.manager.instance.Revisions;
import io.holdfast.manager.keys.EncryptionKeyRefused;
import io.holdfast.manager.keys.EncryptionKeys;
import io.holdfast.manager.keys.InstanceRecords;
import io.holdfast.manager.keys.KeyRing;
import io.holdfast.manager.keys.KeyVersions;
import io.holdfast.manager.keys.SigningKey;
import io.holdfast.manager.sql.Database;
import io.holdfast.manager.store.Store;
import io.holdfast.manager.verification.Verifications;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.List;

/** A manager's keys on a database and a store, put together as {@code Manager} does it. */
public final class TestKeys {
    private static final SecureRandom RANDOM = new SecureRandom();

    /** One that managers of a test sign with unless they say otherwise. */
    public static final SigningKey SIGNING = signing();

    public final InstanceRecords records;
    public final KeyRing ring;
    public final Reconciler reconciler;

    public TestKeys(Database database, Store store) {
        this(database, store, X25519Identity.generate(RANDOM), List.of(), SIGNING);
    }

    public TestKeys(
            Database database, Store store, X25519Identity master, List<X25519Recipient> recovery, SigningKey signing) {
        this(database, store, master, recovery, signing, RANDOM, point -> {});
    }

    public TestKeys(
            Database database,
            Store store,
            X25519Identity master,
            List<X25519Recipient> recovery,
            SigningKey signing,
            SecureRandom random,
            CrashPoints crashPoints) {
        Instances instances = new Instances(database);
        Revisions revisions = new Revisions(database);
        KeyVersions versions = new KeyVersions(database);
        Backups backups = new Backups(database);
        records = new InstanceRecords(database, instances, versions, revisions, store, signing);
        ring = new KeyRing(versions, records, master, recovery, random, crashPoints);
        reconciler = new Reconciler(
                new Reconciler.Listed(
                        database,
                        instances,
                        new Lives(database),
                        revisions,
                        versions,
                        backups,
                        new Verifications(database, backups)),
                new Comparisons(database),
                records,
                ring,
                signing,
                store);
    }

    /** A new key to sign with. */
    public static SigningKey signing() {
        try {
            KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
            return new SigningKey(pair, List.of(pair.getPublic()));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Changes a passphrase, and puts that into the store. */
    public static void change(EncryptionKeys keys, Instance instance, EncryptionKeys.Change change)
            throws EncryptionKeyRefused {
        keys.prepare(instance, change).make(instance);
        keys.store(instance);
    }
}
