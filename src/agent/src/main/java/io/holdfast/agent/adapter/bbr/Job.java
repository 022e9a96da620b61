package io.holdfast.agent.adapter.bbr;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;

/**
 * A BOSH job with scripts.
 *
 * @param scripts the folder {@code bin/bbr}
 * @param backupLockedBefore the jobs before which it is locked for a backup
 * @param restoreLockedBefore the same for a restore
 */
record Job(String name, Path scripts, Set<String> backupLockedBefore, Set<String> restoreLockedBefore) {
    boolean has(Step step) {
        return Files.isExecutable(script(step));
    }

    Path script(Step step) {
        return scripts.resolve(step.script());
    }
}
