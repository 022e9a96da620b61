package io.holdfast.manager.database;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.holdfast.format.json.Json;
import io.holdfast.protocol.AgentMemory;
import io.holdfast.protocol.Capability;
import io.holdfast.protocol.Hello;
import io.holdfast.protocol.NodeRole;
import io.holdfast.protocol.ProtocolVersion;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.type.TypeReference;

/** The agents, as they last told of themselves. */
public final class Agents {
    private static final int PAGE = 1000;

    private final Database database;
    private final Map<Place, Seen> seen = new ConcurrentHashMap<>();

    private record Place(long instance, int position) {}

    /** What was heard: a claim tells the role of the agent's node too, which may be none. */
    private record Seen(
            AgentMemory memory, boolean withRole, @Nullable NodeRole role) {}

    public Agents(Database database) {
        this.database = database;
    }

    /**
     * What an agent's certificate is known by.
     *
     * @param serial its serial number, in lower-case hexadecimal without leading zeros
     * @param sha256 of its bytes (DER), in lower-case hexadecimal
     */
    public record Certificate(String serial, String sha256) {
        public static Certificate of(X509Certificate certificate) {
            try {
                byte[] hash = MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded());
                return new Certificate(
                        certificate.getSerialNumber().toString(16),
                        HexFormat.of().formatHex(hash));
            } catch (NoSuchAlgorithmException | CertificateEncodingException e) {
                throw new IllegalStateException("a certificate that was verified has bytes", e);
            }
        }
    }

    /**
     * An agent.
     *
     * @param position its index among the instance's agents, from its certificate
     * @param online whether it was seen recently
     * @param refused whether operators do not let it in any more
     * @param role of its node, or null
     * @param certificate with which it said hello; null when it did so to an older manager
     */
    public record Agent(
            String instanceId,
            @JsonProperty("index") int position,
            boolean online,
            boolean refused,
            @Nullable NodeRole role,
            String version,
            String host,
            @Nullable Certificate certificate,
            String service,
            @Nullable String serverVersion,
            Instant lastSeenAt,
            List<Hello.Tool> tools,
            List<String> warnings,
            int protocol,
            List<String> capabilities,
            @Nullable AgentMemory memory) {}

    /**
     * What an agent understands.
     *
     * @param protocol which one is spoken with it
     */
    public record Skills(String version, int protocol, Set<Capability> capabilities) {}

    /** What an agent understands, as its hello had it. */
    public Skills skills(long instance, int position) {
        return database.read(handle -> handle.createQuery("""
                        SELECT version, protocol, capabilities FROM agent WHERE instance = :instance AND position = :position
                        """)
                .bind("instance", instance)
                .bind("position", position)
                .map((row, context) ->
                        new Skills(row.getString(1), row.getInt(2), Capability.of(words(row.getString(3)))))
                .findOne()
                .orElseGet(() -> new Skills("unknown", ProtocolVersion.FIRST, Capability.of((List<String>) null))));
    }

    private static @Nullable List<String> words(@Nullable String json) {
        return json == null ? null : Json.mapper().readValue(json, new TypeReference<List<String>>() {});
    }

    /**
     * Notes a hello; from now on only this session counts.
     *
     * @param protocol which one is spoken from now on; with one that is too old, no session counts
     */
    public void hello(long instance, int position, Certificate certificate, Hello hello, int protocol) {
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

    /** An agent was seen just now. The database knows it after the next {@link #noteSeen}. */
    public void seen(long instance, int position, AgentMemory memory) {
        seen.merge(
                new Place(instance, position),
                new Seen(memory, false, null),
                (before, now) -> new Seen(memory, before.withRole(), before.role()));
    }

    /** The same, by a claim. */
    public void seen(long instance, int position, AgentMemory memory, @Nullable NodeRole role) {
        seen.put(new Place(instance, position), new Seen(memory, true, role));
    }

    /**
     * Notes which agents were seen since the last call, all in one transaction: thousands that wait for a job ask
     * again all the time. Called every second or so.
     */
    public void noteSeen() {
        // In one order: another manager, which notes some of them too, must not wait for this while this waits for it.
        Map<Place, Seen> noted =
                new TreeMap<>(Comparator.comparingLong(Place::instance).thenComparingInt(Place::position));
        for (Place place : List.copyOf(seen.keySet())) {
            Seen heard = seen.remove(place);
            if (heard != null) {
                noted.put(place, heard);
            }
        }
        if (noted.isEmpty()) {
            return;
        }
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

    /** Whether a session is its agent's present one. */
    public boolean isPresent(long instance, int position, String session) {
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

    /**
     * Some of the agents, by their instances' names and their places there.
     *
     * @param instanceId with {@code position}, behind which agent to begin; empty for the first ones
     * @param most how many at most
     * @param silence how long an agent may be silent and still count as online
     */
    public List<Agent> list(String instanceId, int position, int most, Duration silence) {
        return rows(instanceId, position, most, silence).stream()
                .map(Row::agent)
                .toList();
    }

    private List<Row> rows(String instanceId, int position, int most, Duration silence) {
        return database.read(handle -> handle.createQuery("""
                        SELECT a.*, i.instance_id, i.service,
                          CASE WHEN a.last_seen_at >= %s - :silence AND a.session <> '' THEN 1 ELSE 0 END AS online,
                          CASE WHEN EXISTS (SELECT 1 FROM refused_agent r WHERE %s) THEN 1 ELSE 0 END AS refused
                        FROM instance i JOIN agent a ON a.instance = i.id
                        WHERE i.instance_id >= :instanceId AND (i.instance_id > :instanceId OR a.position > :position)
                        ORDER BY i.instance_id, a.position LIMIT :most
                        """.formatted(Database.NOW, RefusedAgents.MATCHES))
                .bind("instanceId", instanceId)
                .bind("position", position)
                .bind("most", most)
                .bind("silence", silence.toMillis())
                .map(RecordMapper.of(Row.class))
                .list());
    }

    /**
     * An agent in few words.
     *
     * @param warnings how many it has
     */
    public record Look(
            String instanceId,
            int position,
            String service,
            boolean online,
            Instant lastSeenAt,
            int warnings,
            @Nullable AgentMemory memory) {}

    /** Does something with each agent, by its instance's name and its place there. */
    public void each(Duration silence, Consumer<Look> action) {
        String instanceId = "";
        int position = 0;
        while (true) {
            List<Row> page = rows(instanceId, position, PAGE, silence);
            page.stream().map(Row::look).forEach(action);
            if (page.size() < PAGE) {
                return;
            }
            instanceId = page.getLast().instanceId();
            position = page.getLast().position();
        }
    }

    /** A row, with its JSON columns as texts. */
    public record Row(
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
        private Agent agent() {
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
                            : new Certificate(certificateSerial, certificateSha256),
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

        private Look look() {
            return new Look(
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
