package io.holdfast.manager.assignment;

import io.holdfast.manager.agents.AgentCertificate;
import io.holdfast.manager.agents.AgentIdentity;
import io.holdfast.manager.agents.Agents;
import io.holdfast.manager.instance.Instance;
import io.holdfast.manager.instance.Instances;
import io.holdfast.manager.jobs.JobQueue;
import io.holdfast.protocol.Hello;
import io.holdfast.protocol.ProtocolVersion;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What happens when an agent says hello: its instance is registered unless it is there, which protocol is spoken from now on
 * is agreed, and what an older session of it holds is lost. May be used by any thread.
 */
public final class AgentSessions {
    private static final Logger log = LoggerFactory.getLogger(AgentSessions.class);

    private final Instances instances;
    private final Agents agents;
    private final JobQueue queue;

    public AgentSessions(Instances instances, Agents agents, JobQueue queue) {
        this.instances = instances;
        this.agents = agents;
        this.queue = queue;
    }

    /**
     * A session that has begun.
     *
     * @param protocol which one is spoken in it
     */
    public record Begun(Instance instance, int protocol) {}

    /**
     * Begins a session.
     *
     * @throws HelloRefused when there cannot be one
     */
    public Begun hello(AgentIdentity agent, AgentCertificate certificate, Hello hello) {
        instances.register(agent.instanceId(), hello.service());
        Instance instance = instances.findAlsoDeleted(agent.instanceId()).orElseThrow();
        if (instance.deletedAt() != null) {
            // Whoever deleted it meant it; an agent that is still there must not undo that.
            throw new HelloRefused(
                    HelloRefused.Reason.INSTANCE_DELETED,
                    "instance " + agent.instanceId() + " was deleted",
                    "if it is to be backed up again, register it with PUT /instances/" + agent.instanceId());
        }
        if (!instance.service().equals(hello.service())) {
            instances.setService(instance.id(), hello.service());
        }
        int protocol = agree(instance, agent, certificate, hello);
        queue.beginSession(instance, agent.position(), hello.session());
        return new Begun(instance, protocol);
    }

    /** Which protocol is spoken with an agent: the newest that both know. */
    private int agree(Instance instance, AgentIdentity agent, AgentCertificate certificate, Hello hello) {
        int newest = ProtocolVersion.named(hello.protocol());
        String spoken = "the agent of release " + hello.version() + " speaks protocol " + newest + ", this manager "
                + ProtocolVersion.OLDEST + " to " + ProtocolVersion.NEWEST;
        if (newest < ProtocolVersion.OLDEST) {
            agents.hello(instance.id(), agent.position(), certificate, hello, newest);
            throw new HelloRefused(
                    HelloRefused.Reason.PROTOCOL_TOO_OLD,
                    spoken,
                    "deploy the manager's release to the agent's deployment");
        }
        boolean newer = newest > ProtocolVersion.NEWEST;
        if (newer) {
            log.warn("instance {}: {}", instance.instanceId(), spoken);
        }
        int protocol = Math.min(newest, ProtocolVersion.NEWEST);
        agents.hello(
                instance.id(),
                agent.position(),
                certificate,
                newer ? hello.withWarning(spoken + ": deploy that release to the manager too") : hello,
                protocol);
        return protocol;
    }
}
