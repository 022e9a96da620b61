package io.holdfast.manager.verification;

import io.holdfast.manager.backup.Backup;
import io.holdfast.manager.backup.Backups;
import io.holdfast.manager.backup.VerificationLevel;
import io.holdfast.manager.sql.Database;
import java.util.List;

/** Which backups wait to be read back, and what reading them back has found. May be used by any thread. */
public final class Verifications {
    private final VerificationTable table;
    private final Backups backups;

    public Verifications(Database database, Backups backups) {
        this.table = new VerificationTable(database);
        this.backups = backups;
    }

    /** The same by its number. */
    public boolean request(long backup) {
        return request(backups.get(backup));
    }

    /** Has a backup read back. False when it is not finished, so that there is nothing to read. */
    public boolean request(Backup backup) {
        boolean finished = backup.state().isListed();
        if (finished) {
            table.queue(backup.id());
        }
        return finished;
    }

    /**
     * Good ones that wait to be read back, or whose reading was cut off, or when all are to be, that never were; the
     * oldest first.
     */
    List<Backup> waiting(boolean all, int most) {
        List<Long> asked = table.with("'QUEUED', 'RUNNING'", most);
        List<Long> waiting = asked.isEmpty() && all ? table.with("'NONE'", most) : asked;
        return waiting.stream().map(backups::get).toList();
    }

    void begin(Backup backup) {
        table.begin(backup.id());
    }

    void passed(Backup backup, VerificationLevel level, String message) {
        table.end(backup.id(), level, message);
    }

    /**
     * Notes that a finished backup is damaged.
     *
     * @param message how, for people
     */
    public void failed(long backup, String message) {
        table.end(backup, null, message);
    }
}
