package io.holdfast.manager.agents;

import io.holdfast.manager.sql.Database;
import io.holdfast.manager.sql.RecordMapper;
import java.util.List;
import java.util.Optional;

/** The rows of {@link RefusedAgents}. */
final class RefusedAgentTable {
    /** What a refused agent {@code a} of an instance {@code i} is known by. */
    static final String MATCHES = """
            (r.kind = 'instance' AND r.value = i.instance_id OR r.kind = 'serial' AND r.value = a.certificate_serial
              OR r.kind = 'fingerprint' AND r.value = a.certificate_sha256)""";

    private final Database database;

    RefusedAgentTable(Database database) {
        this.database = database;
    }

    List<AgentPlace> add(RefusedAgents.Kind kind, String value, String reason, String by) {
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
            List<AgentPlace> found = database.read(handle -> handle.createQuery("""
                            SELECT a.instance, a.position FROM agent a JOIN instance i ON i.id = a.instance
                            JOIN refused_agent r ON r.kind = :kind AND r.value = :value
                            WHERE %s
                            """.formatted(MATCHES))
                    .bind("kind", kind.text())
                    .bind("value", value)
                    .map(RecordMapper.of(AgentPlace.class))
                    .list());
            for (AgentPlace each : found) {
                database.write(handle -> handle.createUpdate(
                                "UPDATE agent SET session = '' WHERE instance = :instance AND position = :position")
                        .bind("instance", each.instance())
                        .bind("position", each.position())
                        .execute());
            }
            return found;
        });
    }

    void remove(RefusedAgents.Kind kind, String value) {
        database.write(handle -> handle.createUpdate("DELETE FROM refused_agent WHERE kind = :kind AND value = :value")
                .bind("kind", kind.text())
                .bind("value", value)
                .execute());
    }

    List<RefusedAgents.Refused> list() {
        return database.read(
                handle -> handle.createQuery("SELECT * FROM refused_agent ORDER BY refused_at DESC, kind, value")
                        .map(RecordMapper.of(RefusedAgents.Refused.class))
                        .list());
    }

    Optional<RefusedAgents.Refused> find(String instanceId, AgentCertificate certificate) {
        return database.read(handle -> handle.createQuery("""
                        SELECT * FROM refused_agent
                        WHERE kind = 'instance' AND value = :instance OR kind = 'serial' AND value = :serial
                          OR kind = 'fingerprint' AND value = :sha256
                        ORDER BY kind LIMIT 1
                        """)
                .bind("instance", instanceId)
                .bind("serial", certificate.serial())
                .bind("sha256", certificate.sha256())
                .map(RecordMapper.of(RefusedAgents.Refused.class))
                .findOne());
    }
}
