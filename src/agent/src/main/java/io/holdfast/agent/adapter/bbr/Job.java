package io.holdfast.agent.adapter.bbr;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A BOSH job with scripts.
 *
 * @param scripts the folder {@code bin/bbr}
 * @param backupLockedBefore the jobs before which it is locked for a backup
 * @param restoreLockedBefore the same for a restore
 * @param backupArtifact the name of what its backup script makes: its {@code backup_name}, else its own
 * @param restoreArtifact the name of what its restore script takes: its {@code restore_name}, else its own
 */
record Job(
        String name,
        Path scripts,
        Set<String> backupLockedBefore,
        Set<String> restoreLockedBefore,
        String backupArtifact,
        String restoreArtifact) {

    boolean has(Step step) {
        return Files.isExecutable(script(step));
    }

    Path script(Step step) {
        return scripts.resolve(step.script());
    }

    /** Whether its backup script makes one of these artifacts. */
    boolean makes(Set<String> artifacts) {
        return has(Step.BACKUP) && artifacts.contains(backupArtifact);
    }

    /**
     * Which of a backup's artifacts its restore script takes; null for none. Earlier versions of this adapter gave an artifact
     * its job's name also where the job has a {@code backup_name}.
     */
    @Nullable String taken(Set<String> artifacts) {
        if (!has(Step.RESTORE)) {
            return null;
        }
        if (artifacts.contains(restoreArtifact)) {
            return restoreArtifact;
        }
        return !backupArtifact.equals(name) && artifacts.contains(name) ? name : null;
    }
}
