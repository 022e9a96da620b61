package io.holdfast.agent.adapter.directory;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a restore writes into its journal. Directories are known by their inodes, which a change of name does not change.
 *
 * @param stagedInode the new directory
 * @param replaces whether there was a directory in the live place
 * @param rollbackHours how long that is kept
 * @param expected counts by which the new directory is checked
 * @param notes sentences for an operator
 */
record SwapState(
        @Nullable Long stagedInode,
        boolean replaces,
        int rollbackHours,
        Map<String, Long> expected,
        List<String> notes) {
    static final SwapState EMPTY = new SwapState(null, false, 0, Map.of(), List.of());
}
