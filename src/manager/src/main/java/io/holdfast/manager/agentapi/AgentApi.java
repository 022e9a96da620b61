package io.holdfast.manager.agentapi;

import io.holdfast.manager.agents.Agents;
import io.holdfast.manager.assignment.AgentSessions;
import io.holdfast.manager.assignment.HelloRefused;
import io.holdfast.manager.assignment.JobStarts;
import io.holdfast.manager.assignment.JobStarts.Started;
import io.holdfast.manager.config.ManagerConfig;
import io.holdfast.manager.http.ErrorCode;
import io.holdfast.manager.http.HttpError;
import io.holdfast.manager.http.Reply;
import io.holdfast.manager.http.Request;
import io.holdfast.manager.http.Router;
import io.holdfast.manager.instance.Instance;
import io.holdfast.manager.jobs.JobQueue;
import io.holdfast.protocol.Assignment;
import io.holdfast.protocol.Claim;
import io.holdfast.protocol.CutOver;
import io.holdfast.protocol.Heartbeat;
import io.holdfast.protocol.Hello;
import java.time.Duration;
import java.util.Optional;

/**
 * What agents ask, see {@link io.holdfast.protocol}. Which instance is meant comes from the caller's certificate alone;
 * a job of another instance is as good as fenced.
 */
public final class AgentApi {
    private static final int MAX_POLL_SECONDS = 300;

    private final AgentCalls calls;
    private final AgentSessions sessions;
    private final Agents agents;
    private final JobQueue queue;
    private final JobStarts starts;
    private final ManagerConfig.Jobs limits;

    public AgentApi(
            AgentCalls calls,
            AgentSessions sessions,
            Agents agents,
            JobQueue queue,
            JobStarts starts,
            ManagerConfig.Jobs limits) {
        this.calls = calls;
        this.sessions = sessions;
        this.agents = agents;
        this.queue = queue;
        this.starts = starts;
        this.limits = limits;
    }

    /** Adds the agents' routes. */
    public void addTo(Router router) {
        router.add("POST", "/agent/v1/hello", calls.routeAlone(this::hello))
                .add("POST", "/agent/v1/claim", calls.route(this::claim))
                .add("POST", "/agent/v1/jobs/{job}/resume", calls.route(this::resume))
                .add("POST", "/agent/v1/jobs/{job}/heartbeat", calls.route(this::heartbeat))
                .add("POST", "/agent/v1/jobs/{job}/cut-over", calls.route(this::cutOver));
    }

    private Reply hello(AgentCalls.Caller caller, Request request) throws Exception {
        Hello hello = AgentCalls.hello(request);
        AgentSessions.Begun begun;
        try {
            begun = sessions.hello(caller.identity(), caller.certificate(), hello);
        } catch (HelloRefused e) {
            throw told(e);
        }
        return Reply.json(
                200,
                new Hello.Welcome(
                        begun.instance().instanceId(),
                        Math.toIntExact(limits.heartbeat().toSeconds()),
                        Math.toIntExact(limits.poll().toSeconds()),
                        hello.protocol() == null ? null : (Integer) begun.protocol()));
    }

    private Reply claim(AgentCalls.Caller caller, Request request) throws Exception {
        Claim claim = AgentCalls.words(request, Claim.class);
        Instance instance = calls.instance(caller);
        calls.requirePresent(instance, caller, claim.session());
        agents.seen(instance.id(), caller.position(), claim.memory(), claim.role());
        Duration wait = Duration.ofSeconds(Math.clamp(claim.waitSeconds(), 0, MAX_POLL_SECONDS));
        Optional<Started> started = starts.claim(instance, caller.position(), claim.session(), claim.role(), wait);
        if (started.isEmpty()) {
            calls.requirePresent(instance, caller, claim.session());
            return Reply.nothing();
        }
        return Reply.json(200, Assignments.of(started.get(), limits));
    }

    private Reply resume(AgentCalls.Caller caller, Request request) throws Exception {
        Assignment.Resume resume = AgentCalls.words(request, Assignment.Resume.class);
        Instance instance = calls.instance(caller);
        calls.requirePresent(instance, caller, resume.session());
        Started started = starts.resume(
                        request.number("job"), instance, caller.position(), resume.session(), resume.epoch())
                .orElseThrow(() -> new HttpError(ErrorCode.JOB_ENDED, "the restore has ended, or is not this agent's"));
        return Reply.json(200, Assignments.of(started, limits));
    }

    private Reply heartbeat(AgentCalls.Caller caller, Request request) throws Exception {
        Heartbeat heartbeat = AgentCalls.words(request, Heartbeat.class);
        Instance instance = calls.instance(caller);
        agents.seen(instance.id(), caller.position(), heartbeat.memory());
        return Reply.json(200, queue.heartbeat(request.number("job"), instance, heartbeat));
    }

    private Reply cutOver(AgentCalls.Caller caller, Request request) throws Exception {
        int epoch = AgentCalls.words(request, CutOver.class).epoch();
        return Reply.json(200, new CutOver.Answer(queue.cutOver(request.number("job"), calls.instance(caller), epoch)));
    }

    private static HttpError told(HelloRefused refused) {
        ErrorCode code = switch (refused.reason()) {
            case INSTANCE_DELETED -> ErrorCode.INSTANCE_DELETED;
            case PROTOCOL_TOO_OLD -> ErrorCode.PROTOCOL_TOO_OLD;
        };
        return new HttpError(code, String.valueOf(refused.getMessage()), refused.hint());
    }
}
