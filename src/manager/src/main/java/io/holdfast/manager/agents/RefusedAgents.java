package io.holdfast.manager.agents;

import io.holdfast.manager.sql.Database;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Agents and certificates that operators do not let in any more. Asked for every call of an agent, of any manager. */
public final class RefusedAgents {
    final RefusedAgentTable table;

    public RefusedAgents(Database database) {
        this.table = new RefusedAgentTable(database);
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

    /**
     * Refuses; what is refused already gets the new reason.
     *
     * @return the agents that were let in so far: their sessions are over
     */
    public List<AgentPlace> add(Kind kind, String value, String reason, String by) {
        return table.add(kind, value, reason, by);
    }

    /** Lets in again. Fine when it was not refused. */
    public void remove(Kind kind, String value) {
        table.remove(kind, value);
    }

    /** All refusals, the newest first. */
    public List<Refused> list() {
        return table.list();
    }

    /** Why a caller is refused; empty when it is not. */
    public Optional<Refused> find(String instanceId, AgentCertificate certificate) {
        return table.find(instanceId, certificate);
    }
}
