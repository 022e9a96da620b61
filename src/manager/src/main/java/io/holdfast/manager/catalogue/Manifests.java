package io.holdfast.manager.catalogue;

import io.holdfast.format.instance.Custody;
import io.holdfast.format.manifest.Manifest;
import io.holdfast.format.manifest.SignedManifest;
import io.holdfast.format.signed.SignedFileException;
import io.holdfast.manager.layout.StoreLayout;
import io.holdfast.manager.store.Store;
import java.nio.charset.StandardCharsets;
import java.security.PublicKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** Reads manifests from a store, and believes those alone that a trusted key signed for the place where they are. */
public final class Manifests {
    private final Store store;
    private final List<PublicKey> trusted;

    /** Makes a reader that believes these keys. */
    public Manifests(Store store, List<PublicKey> trusted) {
        this.store = store;
        this.trusted = List.copyOf(trusted);
    }

    /** A manifest that may be believed, and its file's text. */
    public record Authentic(Manifest manifest, String text) {}

    /**
     * Reads one. Empty when it is not there any more, and when it cannot be believed.
     *
     * @param problem takes why it cannot be believed
     */
    public Optional<Authentic> read(String instanceId, String backupId, Consumer<String> problem) {
        Optional<byte[]> file = store.get(StoreLayout.manifest(instanceId, backupId));
        if (file.isEmpty()) {
            return Optional.empty();
        }
        String name = "backup " + backupId + " of " + instanceId;
        try {
            SignedManifest signed = SignedManifest.parse(file.get());
            signed.requireSignedBy(trusted);
            Manifest manifest = signed.manifest();
            if (!manifest.instanceId().equals(instanceId)
                    || !manifest.backupId().equals(backupId)) {
                problem.accept(
                        name + ": its manifest is that of " + manifest.backupId() + " of " + manifest.instanceId());
                return Optional.empty();
            }
            return Optional.of(new Authentic(manifest, new String(file.get(), StandardCharsets.UTF_8)));
        } catch (SignedFileException e) {
            problem.accept(name + ": its manifest is not authentic: " + e.getMessage());
            return Optional.empty();
        }
    }

    /**
     * What a backup's manifest says of its instance and its key.
     *
     * @param at when the backup was begun
     * @param recipient the key version's own
     */
    record Witness(
            String backupId,
            Instant at,
            String service,
            int life,
            long revision,
            Custody custody,
            int keyVersion,
            String recipient) {}

    /** What all authentic manifests of an instance say of it. */
    List<Witness> witnesses(String instanceId, Collection<String> backupIds) {
        List<Witness> found = new ArrayList<>();
        for (String backupId : backupIds) {
            read(instanceId, backupId, _ -> {})
                    .map(Authentic::manifest)
                    .ifPresent(each -> found.add(new Witness(
                            backupId,
                            each.startedAt(),
                            each.service(),
                            each.life().number(),
                            each.life().revision(),
                            each.life().custody(),
                            each.keyVersion(),
                            each.recipients().getFirst())));
        }
        return found;
    }
}
