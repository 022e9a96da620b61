package io.holdfast.agent.adapter.bbr;

import java.util.Locale;

/** What a job's scripts do; each script is named like this. */
enum Step {
    PRE_BACKUP_LOCK,
    BACKUP,
    POST_BACKUP_UNLOCK,
    PRE_RESTORE_LOCK,
    RESTORE,
    POST_RESTORE_UNLOCK;

    String script() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
