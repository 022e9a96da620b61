package io.holdfast.manager.downloads;

import io.holdfast.format.manifest.Manifest;
import io.holdfast.manager.keys.KeyVersion;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The text that goes with a downloaded backup. */
final class HowToOpen {
    private HowToOpen() {}

    static String text(Manifest manifest, @Nullable KeyVersion key) {
        int version = manifest.keyVersion();
        String backup = "backups/" + manifest.backupId();
        String byPassphrase = key == null || key.passphraseWrapped() == null
                ? "   (No passphrase was set when this was downloaded: only the operator's keys open it.)\n"
                : "   With the passphrase that was set last; age asks for it:\n\n" + "     age -d keys/" + version
                        + "/key.passphrase.age > key.txt\n\n";
        String artifacts = manifest.artifacts().stream()
                .map(each -> "   " + each.name() + ": " + each.type() + " of " + each.source() + "\n")
                .collect(Collectors.joining());
        return """
                Backup %s of %s, a %s, begun at %s.

                All of it is encrypted with age (https://age-encryption.org) and compressed with zstd. Everything is done in
                this folder, with the programs age and zstd.

                1. The key, into a file that nobody else may read (umask 077):

                %s   With an operator's recovery identity, or the manager's master identity where the manager has the key:

                     age -d -i identity.txt keys/%d/key.age > key.txt

                2. Each artifact into a file, for example %s (in bash; it ends with an error when a file is missing or damaged):

                     set -o pipefail
                     awk 'NF == 7 { print $4 "  " $7 }' %s/segments.list | sha256sum --quiet -c &&
                     awk 'NF == 7 && $1 == "%s" { print $7 }' %s/segments.list | while read -r path; do
                       age -d -i key.txt "$path" || exit 1
                     done | zstd -d > %s

                %s
                3. How to load these into the data service is described in Holdfast's docs/recovery.md. Delete key.txt afterwards.
                """.formatted(
                        manifest.backupId(),
                        manifest.instanceId(),
                        manifest.service(),
                        manifest.startedAt(),
                        byPassphrase,
                        version,
                        manifest.artifacts().getFirst().name(),
                        backup,
                        manifest.artifacts().getFirst().name(),
                        backup,
                        manifest.artifacts().getFirst().name(),
                        artifacts);
    }
}
