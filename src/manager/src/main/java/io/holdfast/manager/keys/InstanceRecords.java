package io.holdfast.manager.keys;

import io.holdfast.format.instance.InstanceRecord;
import io.holdfast.format.instance.SignedInstanceRecord;
import io.holdfast.format.signed.SignedFileException;
import io.holdfast.format.signed.SignedFileException.Kind;
import io.holdfast.manager.instance.Instance;
import io.holdfast.manager.instance.Instances;
import io.holdfast.manager.instance.Revisions;
import io.holdfast.manager.layout.StoreLayout;
import io.holdfast.manager.store.Store;
import io.holdfast.manager.store.StoreException;
import io.holdfast.manager.transaction.Transactions;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The signed records of instances in the store, and the key files beside them: written from the database, and read by what
 * compares the two. A record has all of its instance in one file, the wrapped identities too, so nobody can put parts of
 * one state beside parts of another. The key files are copies for people; no manager believes them.
 *
 * <p>The database says what is; the store follows. What is in the store already and newer than the database is never
 * written over. May be used by any thread, and by several managers.
 */
public final class InstanceRecords {
    private final Transactions transactions;
    private final Instances instances;
    private final KeyVersionTable versions;
    private final Revisions revisions;
    private final Store store;
    private final SigningKey signing;

    public InstanceRecords(
            Transactions transactions,
            Instances instances,
            KeyVersions versions,
            Revisions revisions,
            Store store,
            SigningKey signing) {
        this.transactions = transactions;
        this.instances = instances;
        this.versions = versions.table;
        this.revisions = revisions;
        this.store = store;
        this.signing = signing;
    }

    /**
     * What the database says of an instance.
     *
     * @param keys its key versions, newest first
     */
    public record Recorded(Instance instance, List<KeyVersion> keys) {
        /** The same as a record. */
        public InstanceRecord toRecord() {
            return new InstanceRecord(
                    InstanceRecord.FORMAT,
                    instance.folder(),
                    instance.revision(),
                    instance.life(),
                    instance.service(),
                    instance.owner(),
                    instance.createdAt(),
                    instance.deletedAt(),
                    instance.backupsKept(),
                    instance.custody(),
                    instance.nextKeyVersion(),
                    instance.ended()
                            ? List.of()
                            : keys.reversed().stream().map(Recorded::toRecord).toList());
        }

        private static InstanceRecord.Key toRecord(KeyVersion key) {
            return new InstanceRecord.Key(
                    key.version(),
                    key.recipient(),
                    key.createdAt(),
                    base64(key.wrapped()),
                    base64(key.passphraseWrapped()),
                    base64(key.segmentSecret()),
                    key.adopted());
        }

        private static @Nullable String base64(@Nullable Wrapped wrapped) {
            return wrapped == null || wrapped.bytes().length == 0
                    ? null
                    : Base64.getEncoder().encodeToString(wrapped.bytes());
        }
    }

    /** What the store has as an instance's record. */
    public sealed interface Stored {
        /** Nothing. */
        record Missing() implements Stored {}

        /**
         * Something that cannot be believed.
         *
         * @param othersKey whether it may well be whole, and signed with a key that this manager does not trust
         */
        record Unusable(String why, boolean othersKey) implements Stored {}

        /**
         * An authentic one.
         *
         * @param text its file
         * @param present whether this manager's own key signed it, and not an earlier one
         */
        record Authentic(InstanceRecord instance, String text, boolean present) implements Stored {}
    }

    /** What the database says, all of it of one moment. */
    public Recorded recorded(long instance) {
        return transactions.transaction(instance, () -> new Recorded(instances.get(instance), versions.list(instance)));
    }

    /** The file that the store should have. */
    public String text(Recorded recorded) {
        return new String(SignedInstanceRecord.sign(recorded.toRecord(), signing.pair()), StandardCharsets.UTF_8);
    }

    /**
     * What the store has.
     *
     * @throws StoreException when it cannot be read
     */
    public Stored stored(String instanceId) {
        Optional<byte[]> file = store.get(StoreLayout.instance(instanceId));
        if (file.isEmpty()) {
            return new Stored.Missing();
        }
        try {
            return new Stored.Authentic(
                    SignedInstanceRecord.read(file.get(), instanceId, signing.trusted()),
                    new String(file.get(), StandardCharsets.UTF_8),
                    isPresent(file.get(), instanceId));
        } catch (SignedFileException e) {
            return new Stored.Unusable(String.valueOf(e.getMessage()), e.kind() == Kind.UNKNOWN_SIGNER);
        }
    }

    private boolean isPresent(byte[] file, String instanceId) {
        try {
            SignedInstanceRecord.read(file, instanceId, signing.present());
            return true;
        } catch (SignedFileException e) {
            return false;
        }
    }

    /**
     * Brings the store's record and key files up to what the database says. Does nothing when they are.
     *
     * @throws StoreException when that cannot be; of kind REFUSED when what is in the store is newer, or may be needed
     */
    public void store(long instance) {
        boolean again = false;
        while (true) {
            Recorded now = recorded(instance);
            if (!again && now.instance().revision() == now.instance().storedRevision()) {
                return;
            }
            write(now);
            if (revisions.markStored(instance, now.instance().revision())) {
                return;
            }
            // Changed meanwhile. Whoever did it may have written before this did: what is newest is written last.
            again = true;
        }
    }

    private void write(Recorded now) {
        Instance instance = now.instance();
        if (!instance.isNewestLife() && !instance.ended()) {
            return; // its record is the next life's, and its key files are as they were
        }
        List<KeyFile> files = files(now);
        if (instance.storedRevision() == 0) {
            files.forEach(InstanceRecords::requireFree);
        }
        // First the ways in that are new, then the record, then away with those that it has no more.
        for (KeyFile file : files) {
            Wrapped wanted = file.wanted();
            if (wanted != null && !file.isAsWanted()) {
                store.put(file.key(), wanted.bytes());
            }
        }
        if (instance.isNewestLife()) {
            writeRecord(now);
        }
        for (KeyFile file : files) {
            if (file.wanted() == null && !file.isAsWanted()) {
                store.delete(file.key());
            }
        }
        if (instance.ended()) {
            versions.forget(instance.id());
        }
    }

    /**
     * A key file.
     *
     * @param key where it is in the store
     * @param wanted what it should be, or null when it should not be there
     * @param there what it is, or null when it is not there
     */
    private record KeyFile(
            String key, @Nullable Wrapped wanted, @Nullable Wrapped there) {
        boolean isAsWanted() {
            return Objects.equals(wanted, there);
        }
    }

    private List<KeyFile> files(Recorded now) {
        String folder = now.instance().folder();
        return now.keys().reversed().stream()
                .flatMap(each -> Stream.of(
                        file(now, StoreLayout.passphraseKey(folder, each.version()), each.passphraseWrapped()),
                        file(now, StoreLayout.key(folder, each.version()), each.wrapped())))
                .toList();
    }

    private KeyFile file(Recorded now, String key, @Nullable Wrapped wrapped) {
        Wrapped wanted =
                wrapped == null || wrapped.bytes().length == 0 || now.instance().ended() ? null : wrapped;
        return new KeyFile(key, wanted, store.get(key).map(Wrapped::new).orElse(null));
    }

    /** After a catalogue was lost without being rebuilt, a new key must not take the place of one that backups need. */
    private static void requireFree(KeyFile file) {
        if (file.there() != null && !file.isAsWanted()) {
            throw refused(
                    "the store has another key as " + file.key() + ", which backups may need; rebuild the catalogue");
        }
    }

    private void writeRecord(Recorded now) {
        String text = text(now);
        switch (stored(now.instance().folder())) {
            case Stored.Missing missing -> {}
            case Stored.Unusable unusable -> {
                if (now.instance().storedRevision() == 0) {
                    throw refused("the store has a record of " + now.instance().folder()
                            + " that is not this manager's: " + unusable.why());
                }
            }
            case Stored.Authentic authentic -> {
                if (authentic.text().equals(text)) {
                    return;
                }
                // An earlier key may have come into other hands: it must not keep this manager from writing.
                if (authentic.present()
                        && authentic.instance().revision() >= now.instance().revision()
                        && !authentic.instance().equals(now.toRecord())) {
                    if (!revisions.isAsSeen(now.instance().id(), now.instance().revision())) {
                        return; // another manager has written what was changed meanwhile
                    }
                    throw refused("the store has a newer record of "
                            + now.instance().folder() + " than the catalogue: rebuild the catalogue");
                }
            }
        }
        store.put(StoreLayout.instance(now.instance().folder()), text.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * The key files of an instance that are not in the store as the database has them: missing, changed, or there though
     * they should not be.
     */
    public List<String> differingFiles(Recorded recorded) {
        return files(recorded).stream()
                .filter(each -> !each.isAsWanted())
                .map(KeyFile::key)
                .toList();
    }

    private static StoreException refused(String message) {
        return new StoreException(StoreException.Kind.REFUSED, message, null);
    }
}
