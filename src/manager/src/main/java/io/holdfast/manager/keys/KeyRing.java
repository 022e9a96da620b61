package io.holdfast.manager.keys;

import io.holdfast.format.age.Age;
import io.holdfast.format.age.AgeException;
import io.holdfast.format.age.X25519Identity;
import io.holdfast.format.age.X25519Recipient;
import io.holdfast.format.instance.Custody;
import io.holdfast.format.segment.SegmentSecret;
import io.holdfast.manager.crash.CrashPoint;
import io.holdfast.manager.crash.CrashPoints;
import io.holdfast.manager.instance.Instance;
import io.holdfast.manager.store.StoreException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Makes and opens the instances' keys.
 *
 * <p>A key version is an age identity. It is kept only encrypted, in the database and in the store: to the manager's
 * master recipient unless its user alone keeps it, to the operator's recovery recipients, and with the user's passphrase
 * if one was set ({@link EncryptionKeys}). A backup is made with it only once both have it. The database says how it is to
 * be kept; the store follows.
 *
 * <p>May be used by any thread.
 */
public final class KeyRing {
    private final KeyVersionTable versions;
    private final InstanceRecords records;
    private final X25519Identity master;
    private final List<X25519Recipient> withMaster;
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
            InstanceRecords records,
            X25519Identity master,
            List<X25519Recipient> recovery,
            SecureRandom random,
            CrashPoints crashPoints) {
        this.versions = versions.table;
        this.records = records;
        this.master = master;
        this.recovery = List.copyOf(recovery);
        this.withMaster =
                Stream.concat(Stream.of(master.recipient()), recovery.stream()).toList();
        this.random = random;
        this.crashPoints = crashPoints;
    }

    /**
     * The key version for new backups, made if there is none, and surely in the store.
     *
     * @throws StoreException when it cannot be put there
     * @throws KeyMismatchException when only its user can make one
     */
    public KeyVersion current(Instance instance) throws KeyMismatchException {
        KeyVersion newest = newest(instance);
        crashPoints.reached(CrashPoint.KEY_MADE_NOT_STORED);
        records.store(instance.id());
        return newest;
    }

    private KeyVersion newest(Instance instance) throws KeyMismatchException {
        Optional<KeyVersion> newest = versions.list(instance.id()).stream()
                .filter(each -> !each.adopted())
                .findFirst();
        if (newest.isPresent()) {
            return newest.get();
        }
        if (instance.custody() == Custody.USER) {
            throw new KeyMismatchException(
                    "the key versions of instance " + instance.instanceId()
                            + " were found in the store without the instance's record, so no new backup is made with them",
                    null);
        }
        return rotate(instance);
    }

    /** Makes a new key version for later backups. It reaches the store before the first backup that uses it. */
    public KeyVersion rotate(Instance instance) {
        X25519Identity identity = generate();
        return add(instance, identity, Custody.MANAGED, null);
    }

    X25519Identity generate() {
        return X25519Identity.generate(random);
    }

    /** Adds a key version. */
    KeyVersion add(Instance instance, X25519Identity identity, Custody custody, @Nullable Wrapped forPassphrase) {
        return version(
                instance,
                versions.add(
                        instance.id(),
                        identity.recipient().toString(),
                        copies(identity, custody, forPassphrase),
                        wrap(SegmentSecret.random(random).bytes(), withMaster)));
    }

    /**
     * The segment secret of a key version, if that is known.
     *
     * @return null when nobody has it, or it was wrapped for other keys than this manager's
     * @throws KeyMismatchException when the key version is not known
     */
    public @Nullable SegmentSecret segmentSecret(Instance instance, int version) throws KeyMismatchException {
        return segmentSecret(known(instance, version));
    }

    /**
     * The segment secret of a key version for new backups.
     *
     * @throws KeyMismatchException when the manager's master key does not open it
     */
    public SegmentSecret requireSegmentSecret(Instance instance, KeyVersion version) throws KeyMismatchException {
        SegmentSecret secret = segmentSecret(version);
        if (secret == null) {
            throw new KeyMismatchException(
                    "the manager's master key does not open the segment secret of key version " + version.version()
                            + " of instance " + instance.instanceId(),
                    null);
        }
        return secret;
    }

    /**
     * The segment secret of a key version, which the manager has whoever keeps the key.
     *
     * @return null when nobody has it, or it was wrapped for other keys than this manager's
     */
    private @Nullable SegmentSecret segmentSecret(KeyVersion version) {
        Wrapped wrapped = version.segmentSecret();
        if (wrapped == null) {
            return null;
        }
        try (var in = Age.decrypt(new ByteArrayInputStream(wrapped.bytes()), List.of(master))) {
            return SegmentSecret.of(in.readNBytes(SegmentSecret.BYTES + 1));
        } catch (AgeException | IllegalArgumentException e) {
            return null;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** An identity as it is to be kept. */
    KeyCopies copies(X25519Identity identity, Custody custody, @Nullable Wrapped passphraseWrapped) {
        return switch (custody) {
            case MANAGED -> new KeyCopies(wrap(identity, withMaster), passphraseWrapped, true);
            case USER -> new KeyCopies(wrap(identity, recovery), passphraseWrapped, false);
        };
    }

    /**
     * Whether the manager's master key opens a wrapped identity, and it is the one of this recipient.
     */
    public boolean opens(byte[] wrapped, String recipient) {
        try {
            return unwrap(wrapped, "the key file").recipient().toString().equals(recipient);
        } catch (KeyMismatchException e) {
            return false;
        }
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
     * A key version, if it is known.
     *
     * @throws KeyMismatchException when it is not
     */
    KeyVersion known(Instance instance, int version) throws KeyMismatchException {
        return versions.list(instance.id()).stream()
                .filter(each -> each.version() == version)
                .findFirst()
                .orElseThrow(() -> new KeyMismatchException(
                        "key version " + version + " of instance " + instance.instanceId() + " is not known", null));
    }

    /** Whether only a passphrase opens this key version, and not the manager. */
    public boolean isUsersOnly(Instance instance, int version) {
        return versions.list(instance.id()).stream().anyMatch(each -> each.version() == version && !each.managed());
    }

    /**
     * Opens a key version of an instance.
     *
     * @throws KeyMismatchException when the manager's master key does not open it
     */
    public X25519Identity open(Instance instance, int version) throws KeyMismatchException {
        KeyVersion found = known(instance, version);
        if (!found.managed()) {
            throw new KeyMismatchException(
                    "key version " + version + " of instance " + instance.instanceId()
                            + " is kept by its user: only the passphrase opens it",
                    null);
        }
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

    private Wrapped wrap(X25519Identity identity, List<X25519Recipient> recipients) {
        return wrap(file(identity), recipients);
    }

    private Wrapped wrap(byte[] secret, List<X25519Recipient> recipients) {
        ByteArrayOutputStream wrapped = new ByteArrayOutputStream();
        if (!recipients.isEmpty()) {
            try (OutputStream out = Age.encrypt(wrapped, recipients, random)) {
                out.write(secret);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return new Wrapped(wrapped.toByteArray());
    }

    /** The content of an identity file, as age-keygen writes it. */
    static byte[] file(X25519Identity identity) {
        return (identity.encoded() + "\n").getBytes(StandardCharsets.US_ASCII);
    }
}
