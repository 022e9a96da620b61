package io.holdfast.acceptance;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The manager's SQLite database, seen and changed behind its back while it runs. */
final class ManagerDatabase {
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final Path file;

    ManagerDatabase(Landscape landscape) {
        this.file = landscape.folder().resolve("state/manager.db");
    }

    private Connection open() throws SQLException {
        return DriverManager.getConnection("jdbc:sqlite:" + file + "?busy_timeout=10000");
    }

    void execute(String... statements) {
        try (Connection connection = open();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            for (String sql : statements) {
                statement.executeUpdate(sql);
            }
            connection.commit();
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    /** Every row of a query, as texts. */
    List<List<String>> rows(String query) {
        try (Connection connection = open();
                Statement statement = connection.createStatement();
                ResultSet found = statement.executeQuery(query)) {
            List<List<String>> rows = new ArrayList<>();
            while (found.next()) {
                List<String> row = new ArrayList<>();
                for (int column = 1; column <= found.getMetaData().getColumnCount(); column++) {
                    row.add(String.valueOf(found.getString(column)));
                }
                rows.add(row);
            }
            return rows;
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    /** All rows of the tables that say what exists and what is to be done, once the store has every instance's record. */
    Map<String, List<List<String>>> contents() {
        Eventually.within(
                PATIENCE,
                () -> "the instances' records are in the store",
                () -> rows("SELECT id FROM instance WHERE revision <> stored_revision")
                        .isEmpty());
        Map<String, List<List<String>>> contents = new TreeMap<>();
        for (String table :
                List.of("instance", "key_version", "job", "attempt", "backup", "restore", "segment", "answer")) {
            contents.put(table, rows("SELECT * FROM " + table));
        }
        return contents;
    }
}
