package io.holdfast.manager.keys;

import io.holdfast.format.age.AgeException;
import io.holdfast.format.age.X25519Identity;
import io.holdfast.format.instance.Custody;
import io.holdfast.manager.config.EncryptionKeyConfig;
import io.holdfast.manager.crash.CrashPoint;
import io.holdfast.manager.crash.CrashPoints;
import io.holdfast.manager.instance.Instance;
import io.holdfast.manager.instance.Revisions;
import io.holdfast.manager.keys.EncryptionKeyRefused.Reason;
import io.holdfast.manager.keys.InstanceRecords.Recorded;
import io.holdfast.manager.sql.Database;
import io.holdfast.manager.store.StoreException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The passphrases that users set for their instances, each one more way to the identities of all of an
 * instance's key versions. Setting or changing one wraps these identities again and touches no backup.
 *
 * <p>A passphrase is never kept, and is in no message. With {@link Custody#USER} nothing that the manager keeps opens an
 * identity without it. Tries of passphrases are counted in the database, so nothing here may run in a transaction of the
 * caller's: a refusal would undo the count. May be used by any thread.
 */
public final class EncryptionKeys {
    private static final Logger log = LoggerFactory.getLogger(EncryptionKeys.class);

    /** What losing the passphrase means; shown before it is the only one. */
    public static final String LOSS = "with custody 'user' only this passphrase opens the instance's backups, and the"
            + " operator's offline recovery keys if there are any: whoever loses it loses all of the backups, and nobody"
            + " can set another one";

    private static final int MOST_LENGTH = 1024;
    private static final int MOST_UNUSED = 5;
    private static final int STORED_AT_ONCE = 100;

    private final KeyRing ring;
    private final InstanceRecords records;
    private final KeyVersionTable versions;
    private final Revisions revisions;
    private final KeyTryTable tries;
    private final PassphraseWork work;
    private final int minLength;
    private final CrashPoints crashPoints;

    /**
     * Makes it.
     *
     * @param heapBytes how large the heap may become
     * @throws IllegalArgumentException when the heap is too small for what the configuration asks
     */
    public EncryptionKeys(
            Database database,
            KeyRing ring,
            InstanceRecords records,
            EncryptionKeyConfig config,
            long heapBytes,
            SecureRandom random,
            CrashPoints crashPoints) {
        this.ring = ring;
        this.records = records;
        this.versions = new KeyVersionTable(database);
        this.revisions = new Revisions(database);
        this.tries = new KeyTryTable(database, config.mostWrong(), config.wrongWithin());
        this.work = new PassphraseWork(config.workFactor(), config.atOnce(), heapBytes, random);
        this.minLength = config.minLength();
        this.crashPoints = crashPoints;
    }

    /**
     * What somebody wants to change. Each part may be null, for no change.
     *
     * @param passphrase the new one
     * @param current the one that is set; needed where the manager itself cannot open the identities
     * @param confirmed whether {@link #LOSS} was understood
     */
    public record Change(
            @Nullable String passphrase,
            @Nullable String current,
            @Nullable Custody custody,
            boolean confirmed) {
        /** Whether nothing is to change. */
        public boolean isNothing() {
            return passphrase == null && custody == null;
        }

        @Override
        public String toString() {
            return "Change[passphrase hidden, custody=" + custody + "]";
        }
    }

    /**
     * How an instance's keys are kept.
     *
     * @param isSet whether a passphrase opens all of them
     */
    public record Standing(Custody custody, boolean isSet) {}

    /** How an instance's keys are kept now. */
    public Standing standing(Instance instance) {
        return standing(records.recorded(instance.id()));
    }

    private static Standing standing(Recorded now) {
        return new Standing(
                now.instance().custody(),
                !now.keys().isEmpty() && now.keys().stream().allMatch(each -> each.passphraseWrapped() != null));
    }

    /** How many characters a new passphrase has at least. */
    public int minLength() {
        return minLength;
    }

    /**
     * Looks at a wish before anything is changed for it.
     *
     * @throws EncryptionKeyRefused when it breaks a rule that can be told without the instance's keys
     */
    public void check(Change change) throws EncryptionKeyRefused {
        String passphrase = change.passphrase();
        if (passphrase == null) {
            return;
        }
        int length = passphrase.codePointCount(0, passphrase.length());
        if (length < minLength || length > MOST_LENGTH) {
            throw new EncryptionKeyRefused(
                    Reason.UNUSABLE,
                    "the passphrase must have " + minLength + " to " + MOST_LENGTH + " characters",
                    "a few unrelated words are good");
        }
        // It must be possible to type it where age asks for it.
        if (passphrase
                        .codePoints()
                        .anyMatch(
                                each -> Character.isISOControl(each) || Character.getType(each) == Character.SURROGATE)
                || !passphrase.equals(passphrase.strip())) {
            throw new EncryptionKeyRefused(
                    Reason.UNUSABLE,
                    "the passphrase must not contain control characters, or begin or end with a blank",
                    null);
        }
    }

    /** A change that is ready to be made. */
    public interface Prepared {
        /**
         * Makes it; to be called in a transaction, also again after that was undone. The store follows: see
         * {@link EncryptionKeys#store}.
         *
         * @param instance the one that it was prepared for, or the one that was registered since
         * @throws EncryptionKeyRefused of reason BUSY when the keys were changed since: prepare it again
         */
        void make(Instance instance) throws EncryptionKeyRefused;
    }

    /**
     * Does all of a change that takes time, and finds out whether it can be made. Nothing is changed yet.
     *
     * @param instance null for one that is registered with it
     * @throws EncryptionKeyRefused when it cannot be
     */
    public Prepared prepare(@Nullable Instance instance, Change change) throws EncryptionKeyRefused {
        check(change);
        if (change.isNothing()) {
            return _ -> {};
        }
        Recorded now = instance == null ? null : records.recorded(instance.id());
        Standing standing = now == null ? new Standing(Custody.MANAGED, false) : standing(now);
        Custody custody = change.custody() == null ? standing.custody() : change.custody();
        requireConfirmed(standing.custody(), custody, change);
        if (now == null || now.keys().isEmpty()) {
            return first(now, custody, change.passphrase());
        }
        List<KeyCopies> copies = new ArrayList<>();
        for (KeyVersion version : now.keys()) {
            copies.add(copies(now.instance(), version, change, custody));
        }
        return its -> {
            requireAsSeen(its, now);
            versions.rewrap(its.id(), now.keys(), copies, custody);
            log.info("passphrase of {} changed, custody {}", its.instanceId(), custody);
        };
    }

    private static void requireConfirmed(Custody now, Custody wanted, Change change) throws EncryptionKeyRefused {
        if (wanted == Custody.USER && now == Custody.MANAGED) {
            if (change.passphrase() == null) {
                throw new EncryptionKeyRefused(
                        Reason.REQUIRED,
                        "custody 'user' needs a passphrase in the same request, the current one or a new one",
                        "give 'encryption_key'");
            }
            if (!change.confirmed()) {
                throw new EncryptionKeyRefused(
                        Reason.NOT_CONFIRMED, LOSS, "keep it safe, and confirm with 'confirm_custody': true");
            }
        }
    }

    private Prepared first(@Nullable Recorded now, Custody custody, @Nullable String passphrase)
            throws EncryptionKeyRefused {
        if (passphrase == null) {
            return _ -> {}; // there is nothing to keep, and what comes is managed
        }
        X25519Identity identity = ring.generate();
        Wrapped wrapped = work.inTurn(() -> new Wrapped(work.wrap(identity, passphrase)));
        return its -> {
            if (now == null ? !versions.list(its.id()).isEmpty() : !isAsSeen(its, now)) {
                throw changedMeanwhile();
            }
            ring.add(its, identity, custody, wrapped);
            versions.rewrap(its.id(), List.of(), List.of(), custody);
            log.info("passphrase of {} set, custody {}", its.instanceId(), custody);
        };
    }

    private boolean isAsSeen(Instance instance, Recorded seen) {
        return instance.id() == seen.instance().id()
                && revisions.isAsSeen(instance.id(), seen.instance().revision());
    }

    private void requireAsSeen(Instance instance, Recorded seen) throws EncryptionKeyRefused {
        if (!isAsSeen(instance, seen)) {
            throw changedMeanwhile();
        }
    }

    /** Puts into the store what was changed; when it cannot be reached, that is done later. */
    public void store(Instance instance) {
        crashPoints.reached(CrashPoint.KEY_WRAPPED_NOT_STORED);
        storeIfPossible(instance);
    }

    private KeyCopies copies(Instance instance, KeyVersion version, Change change, Custody custody)
            throws EncryptionKeyRefused {
        String passphrase = change.passphrase();
        X25519Identity identity = version.managed()
                ? byManager(instance, version)
                : work.inTurn(() -> byPassphrase(instance, version, change.current()));
        // The place is given back between two: who has many versions does not keep the others waiting for all of them.
        Wrapped forPassphrase = passphrase == null
                ? version.passphraseWrapped()
                : work.inTurn(() -> new Wrapped(work.wrap(identity, passphrase)));
        return version.managed() == (custody == Custody.MANAGED)
                ? new KeyCopies(version.wrapped(), forPassphrase, version.managed())
                : ring.copies(identity, custody, forPassphrase);
    }

    private X25519Identity byManager(Instance instance, KeyVersion version) {
        try {
            return ring.open(instance, version.version());
        } catch (KeyMismatchException e) {
            throw new IllegalStateException(e.getMessage(), e);
        }
    }

    /** A new key version that is ready to be added. */
    public interface Rotation {
        /**
         * Adds it; may be called in a transaction, also again after that was undone.
         *
         * @throws EncryptionKeyRefused when the keys were changed since
         */
        KeyVersion add() throws EncryptionKeyRefused;
    }

    /**
     * Makes a new key version for later backups. Where a passphrase is set it is needed, since it has to open the new one
     * too.
     *
     * @throws EncryptionKeyRefused when it is missing or wrong, or too many versions wait for their first backup
     */
    public Rotation rotation(Instance instance, @Nullable String passphrase) throws EncryptionKeyRefused {
        Recorded now = records.recorded(instance.id());
        if (versions.unused(instance.id()) >= MOST_UNUSED) {
            throw new EncryptionKeyRefused(
                    Reason.TOO_MANY_VERSIONS,
                    "no backup was made with the last " + MOST_UNUSED + " key versions of this instance",
                    "make a backup first");
        }
        Standing standing = standing(now);
        X25519Identity identity = ring.generate();
        boolean needed = standing.isSet() || standing.custody() == Custody.USER;
        Wrapped wrapped = !needed
                ? null
                : work.inTurn(() -> {
                    byPassphrase(instance, now.keys().getFirst(), passphrase);
                    return new Wrapped(work.wrap(identity, String.valueOf(passphrase)));
                });
        return () -> {
            requireAsSeen(instance, now);
            return ring.add(instance, identity, standing.custody(), wrapped);
        };
    }

    private static EncryptionKeyRefused changedMeanwhile() {
        return new EncryptionKeyRefused(
                Reason.BUSY, "the keys of this instance are being changed by somebody else", "try again");
    }

    /**
     * Opens what a restore needs with a passphrase.
     *
     * @return empty when there is no passphrase and none is needed, because the manager opens it itself
     * @throws EncryptionKeyRefused when it is wrong, or missing and needed
     */
    public Optional<X25519Identity> forRestore(Instance instance, int version, @Nullable String passphrase)
            throws EncryptionKeyRefused {
        KeyVersion found;
        try {
            found = ring.known(instance, version);
        } catch (KeyMismatchException _) {
            return Optional.empty(); // the restore itself will say so
        }
        if (passphrase == null && found.managed()) {
            return Optional.empty();
        }
        return Optional.of(work.inTurn(() -> byPassphrase(instance, found, passphrase)));
    }

    /** In turn. */
    private X25519Identity byPassphrase(Instance instance, KeyVersion version, @Nullable String passphrase)
            throws EncryptionKeyRefused {
        Wrapped wrapped = version.passphraseWrapped();
        if (wrapped == null) {
            throw new EncryptionKeyRefused(
                    Reason.NOT_SET, "no passphrase is set for this instance", "leave it out, or set one first");
        }
        if (passphrase == null) {
            throw new EncryptionKeyRefused(
                    Reason.REQUIRED,
                    "the passphrase of this instance is needed, since the manager does not have it",
                    "give the passphrase that is set");
        }
        Optional<Duration> pause = tries.begin(instance.id());
        if (pause.isPresent()) {
            throw new EncryptionKeyRefused(
                    Reason.TOO_MANY_WRONG,
                    "too many wrong passphrases were tried on this instance",
                    "try again in " + Math.max(1, pause.get().toSeconds()) + " seconds");
        }
        try {
            X25519Identity identity = work.open(wrapped.bytes(), passphrase);
            if (!identity.recipient().toString().equals(version.recipient())) {
                throw new IllegalStateException("what the passphrase of " + instance.instanceId()
                        + " opens is not the identity of key version " + version.version());
            }
            tries.succeeded(instance.id());
            return identity;
        } catch (AgeException e) {
            if (e.kind() == AgeException.Kind.EXCESSIVE_WORK_FACTOR) {
                log.error(
                        "the passphrase of {} was set with a larger passphrases.work_factor than the manager's"
                                + " memory allows now: {}",
                        instance.instanceId(),
                        e.getMessage());
                throw new EncryptionKeyRefused(
                        Reason.TOO_LITTLE_MEMORY,
                        "the manager has too little memory for the passphrase of this instance",
                        "ask an operator to give the manager the memory back that it had when the key was set");
            }
            if (e.kind() != AgeException.Kind.WRONG_PASSPHRASE) {
                throw new IllegalStateException("a wrapped key of " + instance.instanceId() + " cannot be read", e);
            }
            log.warn("a wrong passphrase was tried on {}", instance.instanceId());
            throw new EncryptionKeyRefused(
                    Reason.WRONG,
                    "this is not the passphrase of the instance; nothing was changed",
                    "use the one that was set last");
        }
    }

    /** Puts into the store what a crash or an unreachable store has kept from it. Repeatable. */
    public void storeMissing() {
        revisions.toStore(STORED_AT_ONCE).forEach(this::storeIfPossible);
    }

    private void storeIfPossible(Instance instance) {
        try {
            records.store(instance.id());
        } catch (StoreException e) {
            log.warn("the record of {} will be put into the store later: {}", instance.instanceId(), e.getMessage());
        }
    }
}
