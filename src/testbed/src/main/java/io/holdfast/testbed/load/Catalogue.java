package io.holdfast.testbed.load;

import io.holdfast.format.age.X25519Identity;
import io.holdfast.format.manifest.Manifest;
import io.holdfast.format.manifest.SignedManifest;
import io.holdfast.format.segment.Cutter;
import io.holdfast.format.segment.SegmentList;
import io.holdfast.format.segment.SegmentSizes;
import java.nio.charset.StandardCharsets;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A manager's catalogue as it is after a long time with many instances: written straight into its database, day by day,
 * so that an instance's rows lie apart from each other as they do in life. Each backup has its job, its attempt and a
 * manifest; one in a hundred failed, and the oldest one in fifty is deleted.
 */
final class Catalogue {
    private static final DateTimeFormatter NAME =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);
    private static final int ROWS_AT_ONCE = 10_000;
    private static final int FAILED_ONE_IN = 100;
    /** As many as with names of eight characters, and backups that are named as a manager names them. */
    private static final int LINE_BYTES = 295;

    private static final long DAY = Duration.ofDays(1).toMillis();

    private final Connection connection;
    private final boolean sqlite;
    private final int instances;
    private final int backups;
    private final long now = System.currentTimeMillis();

    /**
     * Makes a filler.
     *
     * @param connection to a database with the manager's schema and no rows, which no manager uses
     * @param backups how many of each instance, one a day
     */
    Catalogue(Connection connection, int instances, int backups) throws SQLException {
        this.connection = connection;
        this.sqlite = connection.getMetaData().getDatabaseProductName().equals("SQLite");
        this.instances = instances;
        this.backups = backups;
    }

    /** The name of an instance, from 1. */
    static String instanceId(int number) {
        return "load-%07d".formatted(number);
    }

    /** How many instances there are. */
    static int count(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet found = statement.executeQuery("SELECT count(*) FROM instance")) {
            found.next();
            return found.getInt(1);
        }
    }

    void fill() throws SQLException {
        if (sqlite) {
            // Nobody else is there, and what is interrupted is thrown away.
            execute("PRAGMA journal_mode=OFF", "PRAGMA synchronous=OFF", "PRAGMA cache_size=-1500000");
        }
        List<String> indexes = sqlite ? withoutIndexes() : List.of();
        connection.setAutoCommit(false);
        instances();
        String manifest = manifest();
        for (int day = 1; day <= backups; day++) {
            backups(day, manifest);
        }
        if (!sqlite) {
            for (String table : List.of("instance", "job", "backup")) {
                execute("SELECT setval(pg_get_serial_sequence('" + table + "', 'id'), (SELECT max(id) FROM " + table
                        + "))");
            }
        }
        connection.commit();
        connection.setAutoCommit(true);
        execute(indexes.toArray(new String[0]));
        // PostgreSQL would do it on its own some time.
        execute(sqlite ? "PRAGMA journal_mode=WAL" : "ANALYZE");
    }

    /** Takes the indexes away for a while: making them at the end takes less time. Returns what makes them again. */
    private List<String> withoutIndexes() throws SQLException {
        List<String> make = new ArrayList<>();
        List<String> drop = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet found = statement.executeQuery(
                        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL")) {
            while (found.next()) {
                drop.add("DROP INDEX " + found.getString(1));
                make.add(found.getString(2));
            }
        }
        execute(drop.toArray(new String[0]));
        return make;
    }

    private void instances() throws SQLException {
        SecureRandom random = new SecureRandom();
        try (PreparedStatement instance = connection.prepareStatement(
                        "INSERT INTO instance (id, instance_id, folder, service, created_at, scheduled_from,"
                                + " next_key_version, stored_revision) VALUES (?, ?, ?, 'postgresql', ?, ?, 2, 1)");
                PreparedStatement key = connection.prepareStatement(
                        "INSERT INTO key_version (instance, version, recipient, wrapped, created_at)"
                                + " VALUES (?, 1, ?, ?, ?)");
                PreparedStatement agent = connection.prepareStatement("INSERT INTO agent (instance, position, session,"
                        + " version, host, server_version, tools, warnings, last_seen_at)"
                        + " VALUES (?, 0, 'none', '1', 'db', '17.1', '[]', '[]', ?)")) {
            for (int i = 1; i <= instances; i++) {
                instance.setLong(1, i);
                instance.setString(2, instanceId(i));
                instance.setString(3, instanceId(i));
                instance.setLong(4, now - (backups + 1) * DAY);
                instance.setLong(5, now);
                instance.addBatch();
                key.setLong(1, i);
                key.setString(2, X25519Identity.generate(random).recipient().toString());
                key.setBytes(3, new byte[400]);
                key.setLong(4, now);
                key.addBatch();
                agent.setLong(1, i);
                agent.setLong(2, now - DAY);
                agent.addBatch();
                if (i % ROWS_AT_ONCE == 0 || i == instances) {
                    instance.executeBatch();
                    key.executeBatch();
                    agent.executeBatch();
                }
            }
        }
    }

    private void backups(int day, String manifest) throws SQLException {
        long begin = now - (backups - day + 1) * DAY;
        try (PreparedStatement job = connection.prepareStatement("INSERT INTO job (id, instance, kind, state, epoch,"
                        + " not_before, created_at, started_at, finished_at, phase, bytes_in, bytes_out, code, message)"
                        + " VALUES (?, ?, 'BACKUP', ?, 1, 0, ?, ?, ?, 'committing', 1000000, 300000, ?, ?)");
                PreparedStatement attempt = connection.prepareStatement("INSERT INTO attempt (job, epoch, position,"
                        + " started_at, ended_at, outcome) VALUES (?, 1, 0, ?, ?, ?)");
                PreparedStatement backup =
                        connection.prepareStatement("INSERT INTO backup (id, backup_id, instance, job,"
                                + " state, key_version, engine_version, size, sequence, manifest, finished_at, verification,"
                                + " verification_message, verified_at, clean)"
                                + " VALUES (?, ?, ?, ?, ?, 1, '17.1', 300000, ?, ?, ?, ?, ?, ?, ?)")) {
            for (int i = 1; i <= instances; i++) {
                long id = (long) (day - 1) * instances + i;
                long made = begin + (long) i * (DAY / 24) / instances;
                boolean failed = (i + day) % FAILED_ONE_IN == 0;
                boolean deleted = !failed && day * 50 <= backups;
                job.setLong(1, id);
                job.setLong(2, i);
                job.setString(3, failed ? "FAILED" : "DONE");
                job.setLong(4, made - 60_000);
                job.setLong(5, made - 50_000);
                job.setLong(6, made);
                job.setString(7, failed ? "DUMP_FAILED" : null);
                job.setString(8, failed ? "pg_dump ended with exit code 1" : null);
                job.addBatch();
                attempt.setLong(1, id);
                attempt.setLong(2, made - 50_000);
                attempt.setLong(3, made);
                attempt.setString(4, failed ? "DUMP_FAILED" : "DONE");
                attempt.addBatch();
                backup.setLong(1, id);
                backup.setString(2, NAME.format(Instant.ofEpochMilli(made)) + "-%08x".formatted(id));
                backup.setLong(3, i);
                backup.setLong(4, id);
                backup.setString(5, failed ? "FAILED" : deleted ? "DELETED" : "VERIFIED");
                backup.setObject(6, failed ? null : (Long) id);
                backup.setString(7, failed ? null : manifest);
                backup.setObject(8, failed ? null : (Long) made);
                backup.setString(9, failed ? "NONE" : "PASSED");
                backup.setString(10, failed ? null : "read, decrypted and decompressed to its end");
                backup.setObject(11, failed ? null : (Long) (made + 60_000));
                backup.setInt(12, 1);
                backup.addBatch();
                if (i % ROWS_AT_ONCE == 0 || i == instances) {
                    job.executeBatch();
                    attempt.executeBatch();
                    backup.executeBatch();
                }
            }
        }
    }

    /** The text of a real one: of a server with two databases. */
    private static String manifest() {
        String recipient =
                X25519Identity.generate(new SecureRandom()).recipient().toString();
        List<String> names = List.of("globals", "app", "postgres");
        List<Manifest.Artifact> artifacts = names.stream()
                .map(name ->
                        new Manifest.Artifact(name, "stream", name, 1_000_000, 100_000, SegmentSizes.SMALLEST_MEAN, 2))
                .toList();
        long lines = 2L * names.size();
        String backupId = "20260101T013000Z-00000001";
        SegmentList list = new SegmentList(
                lines, LINE_BYTES, lines * LINE_BYTES + ("end " + lines + "\n").length(), "0123456789abcdef".repeat(4));
        Manifest.Brought brought =
                new Manifest.Brought(backupId, 1, Instant.EPOCH.plusSeconds(10), "0-" + (lines - 1), 300_000);
        Manifest manifest = new Manifest(
                Manifest.FORMAT,
                instanceId(1),
                backupId,
                1,
                Instant.EPOCH,
                Instant.EPOCH.plusSeconds(10),
                "postgresql",
                "17.1",
                Manifest.Life.UNRECORDED,
                1,
                List.of(recipient),
                artifacts,
                new Manifest.Segments(Cutter.NAME, list, List.of(brought)),
                Map.of());
        try {
            return new String(
                    SignedManifest.sign(
                            manifest, KeyPairGenerator.getInstance("Ed25519").generateKeyPair()),
                    StandardCharsets.UTF_8);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private void execute(String... statements) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }
}
