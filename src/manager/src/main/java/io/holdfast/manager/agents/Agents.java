package io.holdfast.manager.agents;

import io.holdfast.manager.sql.Database;
import io.holdfast.protocol.AgentMemory;
import io.holdfast.protocol.Hello;
import io.holdfast.protocol.NodeRole;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The agents, as they last told of themselves. */
public final class Agents {
    final AgentTable table;

    public Agents(Database database) {
        this.table = new AgentTable(database);
    }

    private static final int PAGE = 1000;

    private final Map<AgentTable.Place, AgentTable.Seen> seen = new ConcurrentHashMap<>();

    /** What an agent understands, as its hello had it. */
    public AgentSkills skills(long instance, int position) {
        return table.skills(instance, position);
    }

    /**
     * Notes a hello; from now on only this session counts.
     *
     * @param protocol which one is spoken from now on; with one that is too old, no session counts
     */
    public void hello(long instance, int position, AgentCertificate certificate, Hello hello, int protocol) {
        table.hello(instance, position, certificate, hello, protocol);
    }

    /** An agent was seen just now. The database knows it after the next {@link #noteSeen}. */
    public void seen(long instance, int position, AgentMemory memory) {
        seen.merge(
                new AgentTable.Place(instance, position),
                new AgentTable.Seen(memory, false, null),
                (before, now) -> new AgentTable.Seen(memory, before.withRole(), before.role()));
    }

    /** The same, by a claim. */
    public void seen(long instance, int position, AgentMemory memory, @Nullable NodeRole role) {
        seen.put(new AgentTable.Place(instance, position), new AgentTable.Seen(memory, true, role));
    }

    /**
     * Notes which agents were seen since the last call, all in one transaction: thousands that wait for a job ask
     * again all the time. Called every second or so.
     */
    public void noteSeen() {
        // In one order: another manager, which notes some of them too, must not wait for this while this waits for it.
        Map<AgentTable.Place, AgentTable.Seen> noted = new TreeMap<>(
                Comparator.comparingLong(AgentTable.Place::instance).thenComparingInt(AgentTable.Place::position));
        for (AgentTable.Place place : List.copyOf(seen.keySet())) {
            AgentTable.Seen heard = seen.remove(place);
            if (heard != null) {
                noted.put(place, heard);
            }
        }
        if (noted.isEmpty()) {
            return;
        }
        table.note(noted);
    }

    /** Whether a session is its agent's present one. */
    public boolean isPresent(long instance, int position, String session) {
        return table.isPresent(instance, position, session);
    }

    /**
     * Some of the agents, by their instances' names and their places there.
     *
     * @param instanceId with {@code position}, behind which agent to begin; empty for the first ones
     * @param most how many at most
     * @param silence how long an agent may be silent and still count as online
     */
    public List<Agent> list(String instanceId, int position, int most, Duration silence) {
        return table.rows(instanceId, position, most, silence).stream()
                .map(AgentTable.Row::agent)
                .toList();
    }

    /** Does something with each agent, by its instance's name and its place there. */
    public void each(Duration silence, Consumer<AgentLook> action) {
        String instanceId = "";
        int position = 0;
        while (true) {
            List<AgentTable.Row> page = table.rows(instanceId, position, PAGE, silence);
            page.stream().map(AgentTable.Row::look).forEach(action);
            if (page.size() < PAGE) {
                return;
            }
            instanceId = page.getLast().instanceId();
            position = page.getLast().position();
        }
    }
}
