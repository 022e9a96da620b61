package io.holdfast.manager.verification;

import io.holdfast.manager.backup.VerificationLevel;
import io.holdfast.manager.sql.Database;
import org.jspecify.annotations.Nullable;

/** What tests of other packages do to what is known of backups that were read back. */
public final class VerificationRows {
    private final VerificationTable verifications;

    public VerificationRows(Database database) {
        this.verifications = new VerificationTable(database);
    }

    public void begin(long id) {
        verifications.begin(id);
    }

    public void end(long id, @Nullable VerificationLevel level, String message) {
        verifications.end(id, level, message);
    }
}
