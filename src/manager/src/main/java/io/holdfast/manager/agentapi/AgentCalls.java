package io.holdfast.manager.agentapi;

import io.holdfast.format.manifest.Manifest;
import io.holdfast.manager.agents.AgentCertificate;
import io.holdfast.manager.agents.AgentIdentity;
import io.holdfast.manager.agents.Agents;
import io.holdfast.manager.agents.RefusedAgents;
import io.holdfast.manager.config.AgentNames;
import io.holdfast.manager.http.ClientCertificates;
import io.holdfast.manager.http.ErrorCode;
import io.holdfast.manager.http.HttpError;
import io.holdfast.manager.http.RefusalLog;
import io.holdfast.manager.http.Reply;
import io.holdfast.manager.http.Request;
import io.holdfast.manager.http.Route;
import io.holdfast.manager.http.Turns;
import io.holdfast.manager.http.Words;
import io.holdfast.manager.instance.Instance;
import io.holdfast.manager.instance.Instances;
import io.holdfast.manager.jobs.Fenced;
import io.holdfast.manager.publishing.OutOfBounds;
import io.holdfast.manager.store.StoreException;
import io.holdfast.protocol.BackupResult;
import io.holdfast.protocol.BorrowedSegments;
import io.holdfast.protocol.Hello;
import io.holdfast.protocol.JobFailure;
import io.holdfast.protocol.RestoreResult;
import io.holdfast.protocol.SegmentUploads;
import io.holdfast.protocol.Snapshots;
import java.io.IOException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/**
 * How agents call: who they are, how much they may say, and how much of it at once. Nothing of a body is read before the
 * certificate is found good, and nothing that an agent says is believed to be small: one stolen certificate must not be
 * enough to end the manager.
 */
public final class AgentCalls {
    /** The most bytes of a call that says little. */
    private static final int WORDS = 16 * 1024;

    /** The most bytes of a hello or a failure, which have texts for people in them. */
    private static final int TEXTS = 64 * 1024;

    /** The most bytes of a list of names. */
    private static final int NAMES = 1024 * 1024;

    /** The most bytes of what a backup consists of: enough for some 8,000 databases. */
    private static final int CONTENTS = 4 * 1024 * 1024;

    private static final int MOST_TEXTS = 200;
    private static final int MOST_FACTS = 100_000;
    private static final int MOST_NAMES = 50_000;

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final ClientCertificates certificates;
    private final RefusedAgents refused;
    private final AgentNames names;
    private final Instances instances;
    private final Agents agents;
    private final Turns alone = new Turns(1, Integer.MAX_VALUE, PATIENCE);

    public AgentCalls(
            ClientCertificates certificates,
            RefusedAgents refused,
            AgentNames names,
            Instances instances,
            Agents agents) {
        this.certificates = certificates;
        this.instances = instances;
        this.agents = agents;
        this.refused = refused;
        this.names = names;
    }

    /** An agent that calls, and the certificate that it has shown. */
    record Caller(AgentIdentity identity, AgentCertificate certificate) {
        String instanceId() {
            return identity.instanceId();
        }

        int position() {
            return identity.position();
        }

        private String name() {
            return "agent " + instanceId() + "/" + position();
        }
    }

    /** The caller's instance, which its hello has registered. */
    Instance instance(Caller caller) {
        return instances
                .find(caller.instanceId())
                .orElseThrow(() ->
                        new HttpError(ErrorCode.UNKNOWN_SESSION, "this instance is not registered", "say hello first"));
    }

    /** Demands that a session is its agent's present one. */
    void requirePresent(Instance instance, Caller caller, String session) {
        if (!agents.isPresent(instance.id(), caller.position(), session)) {
            throw new HttpError(ErrorCode.UNKNOWN_SESSION, "this session is unknown", "say hello first");
        }
    }

    /** Answers a call of an agent whose certificate is good. */
    interface Call {
        Reply handle(Caller caller, Request request) throws Exception;
    }

    /** A route for a call. Fenced attempts and troubles with the store become the errors that agents know. */
    Route route(Call call) {
        return request -> {
            Caller caller = caller(request);
            request.known(caller.name());
            try {
                return call.handle(caller, request);
            } catch (Fenced e) {
                throw new HttpError(ErrorCode.FENCED, String.valueOf(e.getMessage()), "stop; another attempt may run");
            } catch (OutOfBounds e) {
                throw new HttpError(ErrorCode.BAD_REQUEST, String.valueOf(e.getMessage()));
            } catch (StoreException e) {
                throw new HttpError(
                        ErrorCode.STORE_UNAVAILABLE,
                        "the store cannot be used: " + e.getMessage(),
                        "try again, and look at the store");
            }
        };
    }

    /** The same for a call with much in it: an agent makes one at a time. */
    Route routeAlone(Call call) {
        return route((caller, request) -> {
            try (var _ = alone.take(caller.name())) {
                return call.handle(caller, request);
            }
        });
    }

    /** Whoever is not let in is logged, by the certificate that was shown: it says which agent it would be. */
    private Caller caller(Request request) {
        try {
            return letIn(request);
        } catch (HttpError e) {
            RefusalLog.refused(
                    request,
                    request.clientChain().stream()
                            .findFirst()
                            .map(AgentCalls::said)
                            .orElse("nobody"),
                    String.valueOf(e.getMessage()));
            throw e;
        }
    }

    private Caller letIn(Request request) {
        X509Certificate shown = certificates.verified(request);
        AgentIdentity identity = AgentIdentity.of(shown, names, index(request))
                .orElseThrow(() -> new HttpError(
                        ErrorCode.FORBIDDEN,
                        "the client certificate does not name this agent",
                        "it needs an alternative name URI:holdfast://instance/<instance_id>/<number>; where it has several,"
                                + " the agent's manager.index says which one counts"));
        Caller caller = new Caller(identity, AgentCertificate.of(shown));
        refused.find(caller.instanceId(), caller.certificate()).ifPresent(refusal -> {
            throw new HttpError(
                    ErrorCode.AGENT_REFUSED,
                    "the operators of the backup manager refuse "
                            + (refusal.kind().equals("instance")
                                    ? "agents of this instance"
                                    : "an agent with this certificate"),
                    "give it a new certificate, or ask them: holdfast agents shows the reason");
        });
        return caller;
    }

    /** Whom a certificate names, believed or not, and which one it is. */
    private static String said(X509Certificate shown) {
        AgentCertificate which = AgentCertificate.of(shown);
        return AgentIdentity.said(shown) + " with certificate " + which.serial() + " (SHA-256 " + which.sha256() + ")";
    }

    private static @Nullable Integer index(Request request) {
        String index = request.headers().get(Hello.INDEX_HEADER);
        if (index == null) {
            return null;
        }
        if (!index.matches("[0-9]{1,4}")) {
            throw new HttpError(ErrorCode.BAD_REQUEST, "the header " + Hello.INDEX_HEADER + " is not a number");
        }
        return Integer.valueOf(index);
    }

    /** Reads a message that says little. */
    static <T extends Record> T words(Request request, Class<T> type) throws IOException {
        return request.readTolerantly(type, WORDS);
    }

    /** Reads which segments an agent wants addresses for. */
    static SegmentUploads uploads(Request request) throws IOException {
        SegmentUploads asked = request.readTolerantly(SegmentUploads.class, NAMES);
        requireFew(asked.segments(), SegmentUploads.MOST, "segments");
        return asked;
    }

    /** Reads which segments of its lender an agent names. */
    static BorrowedSegments borrowed(Request request) throws IOException {
        BorrowedSegments asked = request.readTolerantly(BorrowedSegments.class, NAMES);
        requireFew(asked.segments(), BorrowedSegments.MOST, "segments");
        return asked;
    }

    static Hello hello(Request request) throws IOException {
        Hello hello = request.readTolerantly(Hello.class, TEXTS);
        Words.require(hello.service(), "service");
        Words.require(hello.session(), "session");
        requireFew(hello.tools(), MOST_TEXTS, "tools");
        requireFew(hello.warnings(), MOST_TEXTS, "warnings");
        if (hello.capabilities() != null) {
            requireFew(hello.capabilities(), MOST_TEXTS, "capabilities");
        }
        return hello;
    }

    static JobFailure failure(Request request) throws IOException {
        return request.readTolerantly(JobFailure.class, TEXTS);
    }

    static Snapshots snapshots(Request request) throws IOException {
        Snapshots snapshots = request.readTolerantly(Snapshots.class, NAMES);
        requireFew(snapshots.backups(), MOST_NAMES, "backups");
        return snapshots;
    }

    static BackupResult backupResult(Request request) throws IOException {
        BackupResult result = request.readTolerantly(BackupResult.class, CONTENTS);
        requireFew(result.artifacts(), Manifest.MOST_ARTIFACTS, "artifacts");
        requireFew(result.facts().keySet(), MOST_FACTS, "facts");
        requireFew(result.notes(), MOST_TEXTS, "notes");
        return result;
    }

    static RestoreResult restoreResult(Request request) throws IOException {
        RestoreResult result = request.readTolerantly(RestoreResult.class, NAMES);
        requireFew(result.restored(), MOST_NAMES, "restored");
        requireFew(result.leftAlone(), MOST_NAMES, "left_alone");
        requireFew(result.kept(), MOST_NAMES, "kept");
        requireFew(result.notes(), MOST_TEXTS, "notes");
        return result;
    }

    private static void requireFew(Collection<?> list, int most, String field) {
        if (list.size() > most) {
            throw new HttpError(
                    ErrorCode.BODY_TOO_LARGE,
                    "field '" + field + "' has more than " + most + " elements",
                    "send fewer");
        }
    }
}
