package io.holdfast.manager.agents;

import io.holdfast.format.json.Json;
import io.holdfast.manager.sql.Database;
import io.holdfast.manager.sql.RecordMapper;
import io.holdfast.protocol.AgentMemory;
import io.holdfast.protocol.Capability;
import io.holdfast.protocol.Hello;
import io.holdfast.protocol.NodeRole;
import io.holdfast.protocol.ProtocolVersion;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.type.TypeReference;

/** The rows of {@link Agents}. */
final class AgentTable {
    private final Database database;

    record Place(long instance, int position) {}

    /** What was heard: a claim tells the role of the agent's node too, which may be none. */
    record Seen(
            AgentMemory memory, boolean withRole, @Nullable NodeRole role) {}

    AgentTable(Database database) {
        this.database = database;
    }

    AgentSkills skills(long instance, int position) {
        return database.read(handle -> handle.createQuery("""
                        SELECT version, protocol, capabilities FROM agent WHERE instance = :instance AND position = :position
                        """)
                .bind("instance", instance)
                .bind("position", position)
                .map((row, context) ->
                        new AgentSkills(row.getString(1), row.getInt(2), Capability.of(words(row.getString(3)))))
                .findOne()
                .orElseGet(
                        () -> new AgentSkills("unknown", ProtocolVersion.FIRST, Capability.of((List<String>) null))));
    }

    private static @Nullable List<String> words(@Nullable String json) {
        return json == null ? null : Json.mapper().readValue(json, new TypeReference<List<String>>() {});
    }

    void hello(long instance, int position, AgentCertificate certificate, Hello hello, int protocol) {
        database.write(
                instance,
                handle -> handle.createUpdate("""
                        INSERT INTO agent (instance, position, session, version, host, server_version, tools, warnings,
                          certificate_serial, certificate_sha256, protocol, capabilities, last_seen_at)
                        VALUES (:instance, :position, :session, :version, :host, :serverVersion, :tools, :warnings,
                          :serial, :sha256, :protocol, :capabilities, %s)
                        ON CONFLICT (instance, position) DO UPDATE SET
                          session = excluded.session, version = excluded.version, host = excluded.host,
                          server_version = excluded.server_version, tools = excluded.tools,
                          warnings = excluded.warnings, certificate_serial = excluded.certificate_serial,
                          certificate_sha256 = excluded.certificate_sha256, protocol = excluded.protocol,
                          capabilities = excluded.capabilities, last_seen_at = excluded.last_seen_at
                        """.formatted(Database.NOW))
                        .bind("instance", instance)
                        .bind("position", position)
                        .bind("session", protocol < ProtocolVersion.OLDEST ? "" : hello.session())
                        .bind("version", hello.version())
                        .bind("host", hello.host())
                        .bind("serverVersion", hello.serverVersion())
                        .bind("tools", Json.mapper().writeValueAsString(hello.tools()))
                        .bind("warnings", Json.mapper().writeValueAsString(hello.warnings()))
                        .bind("serial", certificate.serial())
                        .bind("sha256", certificate.sha256())
                        .bind("protocol", protocol)
                        .bind(
                                "capabilities",
                                hello.capabilities() == null
                                        ? null
                                        : Json.mapper().writeValueAsString(hello.capabilities()))
                        .execute());
    }

    /** Notes which agents were seen, in one statement. */
    void note(Map<Place, Seen> noted) {
        database.note(handle -> {
            PreparedBatch batch = handle.prepareBatch("UPDATE agent SET last_seen_at = " + Database.NOW
                    + ", memory = :memory, role = CASE WHEN :withRole THEN :role ELSE role END"
                    + " WHERE instance = :instance AND position = :position");
            noted.forEach((place, heard) -> batch.bind("instance", place.instance())
                    .bind("position", place.position())
                    .bind("memory", Json.mapper().writeValueAsString(heard.memory()))
                    .bind("withRole", heard.withRole())
                    .bind("role", heard.role() == null ? null : heard.role().name())
                    .add());
            return batch.execute();
        });
    }

    boolean isPresent(long instance, int position, String session) {
        return database.read(handle -> handle.createQuery("""
                                SELECT count(*) FROM agent
                                WHERE instance = :instance AND position = :position AND session = :session
                                """)
                        .bind("instance", instance)
                        .bind("position", position)
                        .bind("session", session)
                        .mapTo(Integer.class)
                        .one()
                == 1);
    }

    List<Row> rows(String instanceId, int position, int most, Duration silence) {
        return database.read(handle -> handle.createQuery("""
                        SELECT a.*, i.instance_id, i.service,
                          CASE WHEN a.last_seen_at >= %s - :silence AND a.session <> '' THEN 1 ELSE 0 END AS online,
                          CASE WHEN EXISTS (SELECT 1 FROM refused_agent r WHERE %s) THEN 1 ELSE 0 END AS refused
                        FROM instance i JOIN agent a ON a.instance = i.id
                        WHERE i.instance_id >= :instanceId AND (i.instance_id > :instanceId OR a.position > :position)
                        ORDER BY i.instance_id, a.position LIMIT :most
                        """.formatted(Database.NOW, RefusedAgentTable.MATCHES))
                .bind("instanceId", instanceId)
                .bind("position", position)
                .bind("most", most)
                .bind("silence", silence.toMillis())
                .map(RecordMapper.of(Row.class))
                .list());
    }

    /** A row, with its JSON columns as texts. */
    record Row(
            String instanceId,
            int position,
            boolean online,
            boolean refused,
            @Nullable NodeRole role,
            String version,
            String host,
            @Nullable String certificateSerial,
            @Nullable String certificateSha256,
            String service,
            @Nullable String serverVersion,
            Instant lastSeenAt,
            String tools,
            String warnings,
            int protocol,
            @Nullable String capabilities,
            @Nullable String memory) {
        Agent agent() {
            return new Agent(
                    instanceId,
                    position,
                    online,
                    refused,
                    role,
                    version,
                    host,
                    certificateSerial == null || certificateSha256 == null
                            ? null
                            : new AgentCertificate(certificateSerial, certificateSha256),
                    service,
                    serverVersion,
                    lastSeenAt,
                    Json.mapper().readValue(tools, new TypeReference<List<Hello.Tool>>() {}),
                    allWarnings(),
                    protocol,
                    Capability.of(words(capabilities)).stream()
                            .map(Capability::word)
                            .sorted()
                            .toList(),
                    parsedMemory());
        }

        AgentLook look() {
            return new AgentLook(
                    instanceId,
                    position,
                    service,
                    online,
                    lastSeenAt,
                    allWarnings().size(),
                    parsedMemory());
        }

        private List<String> allWarnings() {
            List<String> all = new ArrayList<>(Json.mapper().readValue(warnings, new TypeReference<List<String>>() {}));
            if (protocol < ProtocolVersion.NEWEST) {
                all.add("the agent is of an older release (protocol " + protocol + ", the manager's is "
                        + ProtocolVersion.NEWEST + "): "
                        + (protocol < ProtocolVersion.OLDEST ? "it gets no jobs" : "jobs that it cannot do fail")
                        + "; deploy the manager's release to it");
            }
            return all;
        }

        private @Nullable AgentMemory parsedMemory() {
            return memory == null ? null : Json.mapper().readValue(memory, AgentMemory.class);
        }
    }
}
