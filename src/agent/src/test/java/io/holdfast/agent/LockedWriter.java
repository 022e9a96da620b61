package io.holdfast.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Somebody who writes into an SQLite database all the time, one row into table {@code a}, then one into table {@code b};
 * for each pair they take a lock, a folder that only one can make, as whoever wants to dump both tables has to do.
 */
final class LockedWriter implements AutoCloseable {
    /** It waits when somebody reads just now. */
    private static final String INSERT = "sqlite3 -cmd '.timeout 5000' $1 ";

    private final Path database;
    private final Path lock;
    private final Process process;

    /** Makes the tables in a database that is not there yet, and begins. */
    LockedWriter(Path database, Path lock) throws Exception {
        this.database = database;
        this.lock = lock;
        shell("sqlite3 -bail $1 'CREATE TABLE a (x INTEGER PRIMARY KEY); CREATE TABLE b (x INTEGER PRIMARY KEY)'");
        process = start("while :; do " + lock(lock) + "; " + INSERT + "'INSERT INTO a VALUES (NULL)';" + INSERT
                + "'INSERT INTO b VALUES (NULL)'; " + unlock(lock) + "; sleep 0.05; done");
        Await.until(() -> rows("a") > 2);
    }

    /** A script that takes the lock. */
    static String lock(Path lock) {
        return "until mkdir " + lock + " 2> /dev/null; do sleep 0.01; done";
    }

    /** A script that gives it back. */
    static String unlock(Path lock) {
        return "rmdir " + lock;
    }

    /** A script that dumps one table, and quite a while later the other. */
    static String dump(Path database) {
        return "sqlite3 " + database + " '.dump a'; sleep 0.5; sqlite3 " + database + " '.dump b'";
    }

    /** Whether the dump was made while nobody was writing. */
    static void assertWholePairs(byte[] dump) {
        String text = new String(dump, StandardCharsets.ISO_8859_1);
        assertThat(count(text, "INSERT INTO a ")).isPositive().isEqualTo(count(text, "INSERT INTO b "));
    }

    private static long count(String text, String start) {
        return text.lines().filter(line -> line.startsWith(start)).count();
    }

    /** Waits until more is written, ends the writing between two pairs, and looks whether none was torn apart. */
    void assertWritesGoOnInWholePairs() throws Exception {
        long before = rows("a");
        Await.until(() -> rows("a") > before);
        shell(lock(lock));
        process.destroyForcibly().waitFor();
        assertThat(rows("a")).isEqualTo(rows("b"));
    }

    private long rows(String table) throws Exception {
        return Long.parseLong(shell("sqlite3 -cmd '.timeout 5000' $1 'SELECT count(*) FROM " + table + "'")
                .strip());
    }

    private String shell(String script) throws IOException, InterruptedException {
        Process shell = start(script);
        String output = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(shell.waitFor()).as(output).isZero();
        return output;
    }

    private Process start(String script) throws IOException {
        return new ProcessBuilder("bash", "-c", script, "bash", database.toString())
                .redirectErrorStream(true)
                .start();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
