package io.holdfast.manager.sql;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import org.jdbi.v3.core.Handle;

/**
 * Brings the schema up to date: numbered SQL files, each applied once, in order. A file that was changed after it was
 * applied, and a database that is newer than this program, stop the start; nothing is ever repaired by guessing.
 */
final class Migrations {
    private static final List<String> FILES = List.of(
            "V001_first.sql",
            "V002_job_end.sql",
            "V003_instance_deletion.sql",
            "V004_plans.sql",
            "V005_restore_numbers.sql",
            "V006_task_leases.sql",
            "V007_scale.sql",
            "V008_queue_control.sql",
            "V010_encryption_keys.sql",
            "V011_access.sql",
            "V012_job_origin.sql",
            "V013_agent_role.sql",
            "V014_snapshots.sql",
            "V015_snapshot_looks.sql",
            "V016_lives.sql",
            "V017_refused_agents.sql",
            "V018_made_by.sql",
            "V019_notes.sql",
            "V020_skip_broken.sql",
            "V021_agent_protocol.sql",
            "V022_segments.sql",
            "V023_reuse.sql",
            "V024_retries.sql",
            "V025_replacements.sql");

    /** The first schema of managers that read the backups that this one reads. */
    private static final int OLDEST_READABLE = FILES.indexOf("V022_segments.sql") + 1;

    private Migrations() {}

    /** Applies what is missing, in a transaction of the caller's that no other manager has at the same time. */
    static void apply(Handle handle, Engine engine) {
        handle.execute(engine.schema("""
                CREATE TABLE IF NOT EXISTS schema_version (
                  version INTEGER PRIMARY KEY, file TEXT NOT NULL, sha256 TEXT NOT NULL, applied_at INTEGER NOT NULL)
                """));
        int present = handle.createQuery("SELECT coalesce(max(version), 0) FROM schema_version")
                .mapTo(Integer.class)
                .one();
        if (present > FILES.size()) {
            throw new IllegalStateException("the database has schema version " + present
                    + ", this manager knows only up to " + FILES.size()
                    + "\nHINT: run the manager version that wrote it, or a newer one");
        }
        if (present > 0 && present < OLDEST_READABLE) {
            throw new IllegalStateException("the database has schema version " + present
                    + ": the manager that made it stored backups in the format holdfast/1, which this one does not read"
                    + "\nHINT: nothing was changed; go on with that manager's release, or give this one an empty database"
                    + " and another prefix in the store");
        }
        for (int version = 1; version <= FILES.size(); version++) {
            String file = FILES.get(version - 1);
            String sql = text(file);
            if (version <= present) {
                requireUnchanged(handle, version, file, sha256(sql));
            } else {
                handle.createScript(engine.schema(sql)).execute();
                handle.createUpdate(
                                "INSERT INTO schema_version VALUES (:version, :file, :sha256, " + Database.NOW + ")")
                        .bind("version", version)
                        .bind("file", file)
                        .bind("sha256", sha256(sql))
                        .execute();
            }
        }
    }

    private static void requireUnchanged(Handle handle, int version, String file, String sha256) {
        String applied = handle.createQuery("SELECT sha256 FROM schema_version WHERE version = :version")
                .bind("version", version)
                .mapTo(String.class)
                .one();
        if (!applied.equals(sha256)) {
            throw new IllegalStateException(
                    "the database was made with another " + file + "\nHINT: run the manager version that wrote it");
        }
    }

    private static String text(String file) {
        try (InputStream in = Migrations.class.getResourceAsStream(file)) {
            if (in == null) {
                throw new IllegalStateException(file + " is not in this program");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String sha256(String text) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
