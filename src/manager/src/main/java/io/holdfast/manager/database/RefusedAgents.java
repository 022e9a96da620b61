package io.holdfast.manager.database;

import io.holdfast.manager.database.Agents.Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Agents and certificates that operators do not let in any more. Asked for every call of an agent, of any manager. */
public final class RefusedAgents {
    /** What a refused agent {@code a} of an instance {@code i} is known by. */
    static final String MATCHES = """
            (r.kind = 'instance' AND r.value = i.instance_id OR r.kind = 'serial' AND r.value = a.certificate_serial
              OR r.kind = 'fingerprint' AND r.value = a.certificate_sha256)""";

    private final Database database;

    public RefusedAgents(Database database) {
        this.database = database;
    }

    /** What is refused. */
    public enum Kind {
        /** All agents of an instance. */
        INSTANCE,
        /** The certificate of a serial number. */
        SERIAL,
        /** The certificate whose bytes have a SHA-256. */
        FINGERPRINT;

        String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * A refusal.
     *
     * @param value the instance's id, or lower-case hexadecimal digits
     */
    public record Refused(String kind, String value, String reason, String refusedBy, Instant refusedAt) {}

    /** An agent of an instance, by their row and index. */
    public record Agent(long instance, int position) {}

    /**
     * Refuses; what is refused already gets the new reason.
     *
     * @return the agents that were let in so far: their sessions are over
     */
    public List<Agent> add(Kind kind, String value, String reason, String by) {
        return database.transaction(() -> {
            database.write(handle -> handle.createUpdate("""
                            INSERT INTO refused_agent (kind, value, reason, refused_by, refused_at)
                            VALUES (:kind, :value, :reason, :by, %s)
                            ON CONFLICT (kind, value) DO UPDATE SET reason = excluded.reason, refused_by = excluded.refused_by
                            """.formatted(Database.NOW))
                    .bind("kind", kind.text())
                    .bind("value", value)
                    .bind("reason", reason)
                    .bind("by", by)
                    .execute());
            List<Agent> found = database.read(handle -> handle.createQuery("""
                            SELECT a.instance, a.position FROM agent a JOIN instance i ON i.id = a.instance
                            JOIN refused_agent r ON r.kind = :kind AND r.value = :value
                            WHERE %s
                            """.formatted(MATCHES))
                    .bind("kind", kind.text())
                    .bind("value", value)
                    .map(RecordMapper.of(Agent.class))
                    .list());
            for (Agent each : found) {
                database.write(handle -> handle.createUpdate(
                                "UPDATE agent SET session = '' WHERE instance = :instance AND position = :position")
                        .bind("instance", each.instance())
                        .bind("position", each.position())
                        .execute());
            }
            return found;
        });
    }

    /** Lets in again. Fine when it was not refused. */
    public void remove(Kind kind, String value) {
        database.write(handle -> handle.createUpdate("DELETE FROM refused_agent WHERE kind = :kind AND value = :value")
                .bind("kind", kind.text())
                .bind("value", value)
                .execute());
    }

    /** All refusals, the newest first. */
    public List<Refused> list() {
        return database.read(
                handle -> handle.createQuery("SELECT * FROM refused_agent ORDER BY refused_at DESC, kind, value")
                        .map(RecordMapper.of(Refused.class))
                        .list());
    }

    /** Why a caller is refused; empty when it is not. */
    public Optional<Refused> find(String instanceId, Certificate certificate) {
        return database.read(handle -> handle.createQuery("""
                        SELECT * FROM refused_agent
                        WHERE kind = 'instance' AND value = :instance OR kind = 'serial' AND value = :serial
                          OR kind = 'fingerprint' AND value = :sha256
                        ORDER BY kind LIMIT 1
                        """)
                .bind("instance", instanceId)
                .bind("serial", certificate.serial())
                .bind("sha256", certificate.sha256())
                .map(RecordMapper.of(Refused.class))
                .findOne());
    }
}
