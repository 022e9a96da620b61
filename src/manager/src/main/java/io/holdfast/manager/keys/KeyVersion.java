package io.holdfast.manager.keys;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A key version.
 *
 * @param version from 1
 * @param recipient the public part, {@code age1…}
 * @param wrapped the identity, as an age file for the recovery recipients and, when {@code managed}, the master
 *     recipient; empty when it is for nobody
 * @param passphraseWrapped the identity, as an age file for the user's passphrase, or null
 * @param segmentSecret the version's segment secret, as an age file for the master and the recovery recipients; null when
 *     nobody has it
 * @param managed whether the manager's master identity opens {@code wrapped}
 * @param adopted whether no record speaks for it, only manifests do: never for new backups
 */
public record KeyVersion(
        long instance,
        int version,
        String recipient,
        Wrapped wrapped,
        @Nullable Wrapped passphraseWrapped,
        @Nullable Wrapped segmentSecret,
        boolean managed,
        boolean adopted,
        Instant createdAt) {}
