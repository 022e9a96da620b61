package io.holdfast.protocol;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code POST /agent/v1/snapshots}: which backups have their data in the data service's own repository, where only the
 * agent sees it, by the service. Told at the agent's start and every hour. Repeating it is fine.
 *
 * @param session the agent's present session
 * @param backups the backups' names in the store, in lower case, as search engines demand it of names
 * @param failure why the repository could not be looked at, in which case no backups are named; null when it was
 */
public record Snapshots(
        String session, List<String> backups, @Nullable String failure) {
    /** The type of the artifact that says where the data of such a backup lies. */
    public static final String ARTIFACT_TYPE = "engine-snapshot";

    /**
     * The answer.
     *
     * @param unneeded those of the backups that have failed for good or were deleted: their snapshots are to be removed
     */
    public record Answer(List<String> unneeded) {}
}
