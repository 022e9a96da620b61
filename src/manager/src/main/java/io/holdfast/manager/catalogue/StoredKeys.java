package io.holdfast.manager.catalogue;

import io.holdfast.manager.database.Instances.Instance;
import io.holdfast.manager.database.KeyVersions;
import io.holdfast.manager.database.KeyVersions.Copies;
import io.holdfast.manager.database.KeyVersions.KeyVersion;
import io.holdfast.manager.database.KeyVersions.Wrapped;
import io.holdfast.manager.keys.KeyMismatchException;
import io.holdfast.manager.keys.KeyRing;
import io.holdfast.manager.layout.StoreLayout;
import io.holdfast.manager.store.Store;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Takes in the key files that a store has of one instance. What the manager cannot open is its user's: a passphrase opens
 * it, and which recipient it belongs to is said by the signed manifests alone.
 */
final class StoredKeys {
    private final Store store;
    private final KeyRing keys;
    private final KeyVersions versions;
    private final Instance instance;
    private final Map<Integer, KeyVersion> known;

    StoredKeys(Store store, KeyRing keys, KeyVersions versions, Instance instance) {
        this.store = store;
        this.keys = keys;
        this.versions = versions;
        this.instance = instance;
        this.known = versions.list(instance.id()).stream()
                .collect(Collectors.toMap(KeyVersion::version, Function.identity()));
    }

    /** What was found, and what mends the catalogue. */
    record Difference(String what, Runnable mend) {}

    /**
     * Compares one version.
     *
     * @param alone whether no manager works: only then a version that is known, but otherwise, is followed
     * @param recipientOf the recipient of a version by the manifests, or null
     * @param problem takes what cannot be mended
     */
    Optional<Difference> compare(
            int version, boolean alone, Function<Integer, @Nullable String> recipientOf, Consumer<String> problem) {
        KeyVersion row = known.get(version);
        if (row != null && !(alone && row.isStoredAsIs())) {
            return Optional.empty();
        }
        String name = "key version " + version + " of " + instance.instanceId();
        byte[] wrapped =
                store.get(StoreLayout.key(instance.instanceId(), version)).orElse(new byte[0]);
        Wrapped forPassphrase = store.get(StoreLayout.passphraseKey(instance.instanceId(), version))
                .map(Wrapped::new)
                .orElse(null);
        if (row != null && isSame(row, wrapped, forPassphrase)) {
            return Optional.empty();
        }
        String opened = null;
        String why = "";
        try {
            opened = keys.recipientOf(wrapped);
        } catch (KeyMismatchException e) {
            why = String.valueOf(e.getMessage());
        }
        Copies copies = new Copies(new Wrapped(wrapped), forPassphrase, opened != null);
        String recipient = opened != null || forPassphrase == null ? opened : recipientOf.apply(version);
        if (recipient == null) {
            problem.accept(name + " cannot be opened: " + why);
            return Optional.empty();
        }
        if (row == null) {
            return Optional.of(new Difference(
                    name + " is not in the catalogue",
                    () -> versions.adopt(instance.id(), version, recipient, copies)));
        }
        if (!row.recipient().equals(recipient)) {
            problem.accept(name + " is another one in the store");
            return Optional.empty();
        }
        return Optional.of(new Difference(
                name + " was wrapped again since the catalogue's copy",
                () -> versions.follow(instance.id(), version, copies)));
    }

    private static boolean isSame(KeyVersion row, byte[] wrapped, @Nullable Wrapped forPassphrase) {
        Wrapped own = row.passphraseWrapped();
        return Arrays.equals(row.wrapped().bytes(), wrapped)
                && (own == null) == (forPassphrase == null)
                && (own == null || forPassphrase == null || Arrays.equals(own.bytes(), forPassphrase.bytes()));
    }
}
