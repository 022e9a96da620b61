package io.holdfast.manager.jobs;

import io.holdfast.manager.sql.Database;
import java.time.Duration;
import java.util.List;

/** The jobs that have not ended, in the order of the queue, and why those that wait do. */
public final class OpenJobs {
    final OpenJobTable table;

    /**
     * Makes it.
     *
     * @param mostRunning how many jobs may run at once, {@link Integer#MAX_VALUE} for any number
     * @param silence how long an agent may be silent and still counts as there
     */
    public OpenJobs(Database database, int mostRunning, Duration silence) {
        this.table = new OpenJobTable(database, mostRunning, silence);
    }

    /** How many jobs may run at once. */
    public int mostRunning() {
        return table.mostRunning();
    }

    /**
     * Those that run, then those that wait, in the order in which they are taken.
     *
     * @param most how many
     */
    public List<OpenJob> list(int most) {
        return table.list(most);
    }

    /** The same of one instance. */
    public List<OpenJob> list(long instance, int most) {
        return table.list(instance, most);
    }

    /** How many jobs agents work on now. */
    public int running() {
        return table.running();
    }
}
