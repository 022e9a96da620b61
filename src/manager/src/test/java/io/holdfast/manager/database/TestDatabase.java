package io.holdfast.manager.database;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/** A real database for a test, in its own folder. */
public final class TestDatabase {
    private TestDatabase() {}

    public static Database open(Path folder) {
        try {
            return new Database(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Runs SQL that no part of the manager would run, such as moving a lease into the past. */
    public static void run(Database database, String sql) {
        database.write(handle -> handle.execute(sql));
    }
}
