package io.holdfast.protocol;

/** Why a job failed. The name is what the API, the log and the metrics show. */
public enum FailureCode {
    /** A dump program ended with another exit code than 0, or was killed. */
    DUMP_FAILED(true),
    /** A dump program ended well, but its output has no end mark or is incomplete. */
    INCOMPLETE_DUMP(true),
    /** A program ran longer than it may, or said nothing for too long. */
    TOOL_TIMEOUT(true),
    /** A program that is needed was not found. */
    TOOL_MISSING(false),
    /** A program's version does not fit the server, or is refused by the configuration. */
    TOOL_VERSION(false),
    /** The data service could not be reached. */
    SERVICE_UNREACHABLE(true),
    /** The data service refused the agent's credentials or rights. */
    SERVICE_DENIED(false),
    /** The node's role does not fit the job: it has changed, or the node is too far behind its primary. */
    WRONG_NODE(true),
    /** The store refused or lost what was sent, after all retries. */
    STORE_FAILED(true),
    /** What is stored is not what was sent. */
    STORE_MISMATCH(true),
    /** The key does not open the backup. */
    KEY_MISMATCH(false),
    /** The user's passphrase that the restore was begun with is not in the manager's memory any more. */
    KEY_LOST(false),
    /** No new backup is made with the instance's key: it was found in the store, and its user has to make a new one. */
    KEY_UNPROVEN(false),
    /** The agent is of an older release, which cannot do what the job needs. */
    AGENT_OUTDATED(false),
    /** The backup's bytes are not those that were made: cut, changed or reordered. */
    CORRUPT(false),
    /** The backup belongs to another instance. */
    WRONG_INSTANCE(false),
    /** The backup was made by a newer or otherwise incompatible data service. */
    ENGINE_INCOMPATIBLE(false),
    /** Not enough space for the staged data. */
    DISK_FULL(false),
    /** The data service refused the dump's contents. */
    RESTORE_FAILED(false),
    /** What was restored does not have the counts of the manifest. */
    VALIDATION_FAILED(false),
    /** Somebody asked for it. */
    CANCELLED(false),
    /** The agent stopped, and the job was handed back. */
    AGENT_STOPPED(true),
    /** The agent was silent for as long as the lease lasts. */
    AGENT_LOST(true),
    /** A restore was cut off while it replaced live data, and its agent did not come back. */
    NEEDS_OPERATOR(false),
    /** What the attempt would have to report is more than the manager takes. */
    TOO_MUCH_TO_REPORT(false),
    /** The manager did not answer, or not with what was asked for, after all retries. */
    MANAGER_UNAVAILABLE(true),
    /** A mistake in Holdfast itself. */
    INTERNAL(true);

    private final boolean retryable;

    FailureCode(boolean retryable) {
        this.retryable = retryable;
    }

    /** Whether another attempt may well go better. */
    public boolean retryable() {
        return retryable;
    }
}
