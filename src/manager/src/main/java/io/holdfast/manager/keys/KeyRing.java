package io.holdfast.manager.keys;

import io.holdfast.format.age.Age;
import io.holdfast.format.age.AgeException;
import io.holdfast.format.age.X25519Identity;
import io.holdfast.format.age.X25519Recipient;
import io.holdfast.format.json.Json;
import io.holdfast.manager.crash.CrashPoint;
import io.holdfast.manager.crash.CrashPoints;
import io.holdfast.manager.database.Instances.Instance;
import io.holdfast.manager.database.KeyVersions;
import io.holdfast.manager.database.KeyVersions.KeyVersion;
import io.holdfast.manager.layout.StoreLayout;
import io.holdfast.manager.store.Store;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Makes and opens the instances' keys.
 *
 * <p>A key version is an age identity. It is kept only encrypted, to the manager's master recipient and to the
 * operator's recovery recipients, in the database and in the store; a backup is made with it only once both have it.
 * Later, a user's passphrase will be one more way to wrap the same identity; backups will not change for it.
 *
 * <p>May be used by any thread.
 */
public final class KeyRing {
    private final KeyVersions versions;
    private final Store store;
    private final X25519Identity master;
    private final List<X25519Recipient> wrapFor;
    private final List<X25519Recipient> recovery;
    private final SecureRandom random;
    private final CrashPoints crashPoints;

    /**
     * Makes a key ring.
     *
     * @param master opens every key
     * @param recovery can open every key and every backup too
     */
    public KeyRing(
            KeyVersions versions,
            Store store,
            X25519Identity master,
            List<X25519Recipient> recovery,
            SecureRandom random,
            CrashPoints crashPoints) {
        this.versions = versions;
        this.store = store;
        this.master = master;
        this.recovery = List.copyOf(recovery);
        this.wrapFor =
                Stream.concat(Stream.of(master.recipient()), recovery.stream()).toList();
        this.random = random;
        this.crashPoints = crashPoints;
    }

    /**
     * The key version for new backups, made if there is none, and surely in the store.
     *
     * @throws io.holdfast.manager.store.StoreException when it cannot be put there
     */
    public KeyVersion current(Instance instance) {
        List<KeyVersion> all = versions.list(instance.id());
        if (all.isEmpty()) {
            rotate(instance);
            all = versions.list(instance.id());
        }
        KeyVersion newest = all.getFirst();
        if (!newest.stored()) {
            crashPoints.reached(CrashPoint.KEY_MADE_NOT_STORED);
            byte[] who = Json.mapper()
                    .writeValueAsBytes(Map.of(
                            "instance_id",
                            instance.instanceId(),
                            "service",
                            instance.service(),
                            "created_at",
                            instance.createdAt().toString()));
            store.put(StoreLayout.instance(instance.instanceId()), who);
            store.put(
                    StoreLayout.key(instance.instanceId(), newest.version()),
                    newest.wrapped().bytes());
            versions.markStored(instance.id(), newest.version());
        }
        return newest;
    }

    /** Makes a new key version for later backups. It reaches the store before the first backup that uses it. */
    public KeyVersion rotate(Instance instance) {
        X25519Identity identity = X25519Identity.generate(random);
        int version = versions.add(instance.id(), identity.recipient().toString(), wrap(identity));
        return version(instance, version);
    }

    /**
     * The recipient of a key file, as the store has it.
     *
     * @throws KeyMismatchException when the manager's master key does not open it, or there is no identity in it
     */
    public String recipientOf(byte[] wrapped) throws KeyMismatchException {
        return unwrap(wrapped, "the key file").recipient().toString();
    }

    /** A key version that exists. */
    public KeyVersion version(Instance instance, int version) {
        return versions.list(instance.id()).stream()
                .filter(each -> each.version() == version)
                .findFirst()
                .orElseThrow();
    }

    /** Whom backups of a key version are encrypted to: that version, and the recovery recipients. */
    public List<String> recipients(KeyVersion version) {
        List<String> recipients = new ArrayList<>(List.of(version.recipient()));
        recovery.forEach(each -> recipients.add(each.toString()));
        return recipients;
    }

    /**
     * Opens a key version of an instance.
     *
     * @throws KeyMismatchException when the manager's master key does not open it
     */
    public X25519Identity open(Instance instance, int version) throws KeyMismatchException {
        KeyVersion found = versions.list(instance.id()).stream()
                .filter(each -> each.version() == version)
                .findFirst()
                .orElseThrow(() -> new KeyMismatchException(
                        "key version " + version + " of instance " + instance.instanceId() + " is not known", null));
        X25519Identity identity =
                unwrap(found.wrapped().bytes(), "key version " + version + " of instance " + instance.instanceId());
        if (!identity.recipient().toString().equals(found.recipient())) {
            throw new KeyMismatchException("key version " + version + " is not the one of its recipient", null);
        }
        return identity;
    }

    private X25519Identity unwrap(byte[] wrapped, String what) throws KeyMismatchException {
        try (var in = Age.decrypt(new ByteArrayInputStream(wrapped), List.of(master))) {
            return X25519Identity.parseFile(new String(in.readAllBytes(), StandardCharsets.UTF_8))
                    .getFirst();
        } catch (AgeException e) {
            throw new KeyMismatchException("the manager's master key does not open " + what, e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private byte[] wrap(X25519Identity identity) {
        ByteArrayOutputStream wrapped = new ByteArrayOutputStream();
        try (OutputStream out = Age.encrypt(wrapped, wrapFor, random)) {
            out.write((identity.encoded() + "\n").getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return wrapped.toByteArray();
    }
}
