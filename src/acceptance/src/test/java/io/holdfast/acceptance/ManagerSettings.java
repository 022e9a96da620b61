package io.holdfast.acceptance;

import io.holdfast.testbed.PostgresCluster;
import java.util.HashMap;
import java.util.Map;

/** What tests set of a manager's configuration: everything happens sooner than in production. */
final class ManagerSettings {
    private final Map<String, Object> jobs = new HashMap<>(Map.of(
            "lease_seconds", 3,
            "heartbeat_seconds", 1,
            "poll_seconds", 5,
            "max_attempts", 4,
            "first_retry_delay_ms", 200));
    private Map<String, Object> database = Map.of();
    /** A test that runs at night must not meet a backup that it did not ask for. */
    private Map<String, Object> schedule = Map.of("enabled", false);

    /** Tests look at what is stored. */
    private Map<String, Object> stateCopy = Map.of("enabled", false);

    private boolean verified;
    private boolean downloads = true;

    void verified() {
        verified = true;
    }

    void withoutDownloads() {
        downloads = false;
    }

    void job(String key, Object value) {
        jobs.put(key, value);
    }

    void schedule(Map<String, Object> settings) {
        schedule = settings;
    }

    void stateCopy(Map<String, Object> settings) {
        stateCopy = settings;
    }

    void stateIn(PostgresCluster server) {
        database = Map.of(
                "kind",
                "postgresql",
                "host",
                server.host(),
                "port",
                server.port(),
                "name",
                "postgres",
                "user",
                PostgresCluster.USER,
                "password",
                server.password(),
                "tls",
                false);
    }

    /** The sections of the configuration file. */
    Map<String, Object> sections() {
        return new HashMap<>(Map.of(
                "database",
                database,
                "jobs",
                jobs,
                "verification",
                Map.of("enabled", verified),
                "schedule",
                schedule,
                "catalogue_backup",
                stateCopy,
                "downloads",
                Map.of("enabled", downloads),
                "garbage_collection",
                Map.of("every_seconds", 1, "min_age_seconds", 2),
                // The least work that is allowed: tests set many.
                "passphrases",
                Map.of("work_factor", 10)));
    }

    /** The same by the names that they had with protocol 1. */
    Map<String, Object> sectionsOfTheFirstRelease() {
        Map<String, Object> older = sections();
        older.put("verification", Map.of("read_back", verified));
        older.put("state_copy", older.remove("catalogue_backup"));
        older.put("encryption_keys", older.remove("passphrases"));
        older.put("sweep", older.remove("garbage_collection"));
        return older;
    }
}
