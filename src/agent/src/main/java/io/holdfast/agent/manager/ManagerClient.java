package io.holdfast.agent.manager;

import io.holdfast.agent.attempt.JobId;
import io.holdfast.agent.http.Connections;
import io.holdfast.format.json.Json;
import io.holdfast.protocol.Assignment;
import io.holdfast.protocol.BackupResult;
import io.holdfast.protocol.BorrowedSegments;
import io.holdfast.protocol.Claim;
import io.holdfast.protocol.CutOver;
import io.holdfast.protocol.Heartbeat;
import io.holdfast.protocol.Hello;
import io.holdfast.protocol.JobFailure;
import io.holdfast.protocol.LentSegments;
import io.holdfast.protocol.ProtocolVersion;
import io.holdfast.protocol.Refusal;
import io.holdfast.protocol.RestoreResult;
import io.holdfast.protocol.SegmentDownloads;
import io.holdfast.protocol.SegmentUploads;
import io.holdfast.protocol.Snapshots;
import io.holdfast.protocol.tls.LayeredSockets;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;

/**
 * The manager's side of the agent protocol. Calls that failed for a passing reason (no connection, 429, 5xx) are
 * repeated with growing pauses until the given patience is over; the protocol's calls may all be repeated. May be used
 * by any thread; a call ends early when a virtual thread that makes it is interrupted.
 */
public final class ManagerClient {
    /** For calls that make no sense to give up. */
    public static final Duration FOREVER = Duration.ofDays(3650);

    private static final Logger LOG = LoggerFactory.getLogger(ManagerClient.class);
    private static final Duration ANSWER = Duration.ofSeconds(30);
    private static final int LARGEST_ANSWER = 64 * 1024 * 1024;

    private final URI base;
    private final LayeredSockets sockets;
    private final @Nullable Integer index;
    private final RandomGenerator random;

    /**
     * @param base the manager's address
     * @param sockets trust the manager only, and show the agent's certificate
     * @param index which of the agents that the certificate names this one is; null when it names one only
     */
    public ManagerClient(URI base, LayeredSockets sockets, @Nullable Integer index, RandomGenerator random) {
        String text = base.toString();
        this.base = URI.create((text.endsWith("/") ? text : text + "/") + "agent/v1/");
        this.sockets = sockets;
        this.index = index;
        this.random = random;
    }

    /**
     * Says hello.
     *
     * @throws OlderManagerException when the manager speaks none of the protocols that this agent does
     */
    public Hello.Welcome hello(Hello hello, Duration patience) throws IOException, InterruptedException {
        Hello.Welcome welcome;
        try {
            welcome = answer(call("hello", hello, Hello.Welcome.class, ANSWER, patience));
        } catch (ManagerException e) {
            // Managers of the first protocol refuse fields that they do not know.
            throw e.status() == 400 ? new OlderManagerException("the manager does not understand this agent", e) : e;
        }
        int agreed = ProtocolVersion.named(welcome.protocol());
        if (agreed < ProtocolVersion.OLDEST) {
            throw new OlderManagerException(
                    "the manager speaks protocol " + agreed + ", this agent " + ProtocolVersion.OLDEST + " to "
                            + ProtocolVersion.NEWEST,
                    null);
        }
        return welcome;
    }

    /** Waits for a job; empty when none came. Not repeated: the caller asks again anyway. */
    public Optional<Assignment> claim(Claim claim) throws IOException, InterruptedException {
        Duration wait = ANSWER.plusSeconds(claim.waitSeconds());
        return Optional.ofNullable(call("claim", claim, Assignment.class, wait, Duration.ZERO));
    }

    /** Not repeated: it is told again anyway. */
    public Snapshots.Answer snapshots(Snapshots snapshots) throws IOException, InterruptedException {
        return answer(call("snapshots", snapshots, Snapshots.Answer.class, ANSWER, Duration.ZERO));
    }

    public Heartbeat.Ack heartbeat(JobId job, Heartbeat heartbeat, Duration patience)
            throws IOException, InterruptedException {
        return answer(call(job(job, "heartbeat"), heartbeat, Heartbeat.Ack.class, ANSWER, patience));
    }

    /** Asks for the leave to replace live data. */
    public CutOver.Leave cutOver(JobId job, CutOver wish, Duration patience) throws IOException, InterruptedException {
        return answer(call(job(job, "cut-over"), wish, CutOver.Answer.class, ANSWER, patience))
                .leave();
    }

    public SegmentUploads.Answer uploads(JobId job, SegmentUploads segments, Duration patience)
            throws IOException, InterruptedException {
        return answer(call(job(job, "uploads"), segments, SegmentUploads.Answer.class, ANSWER, patience));
    }

    public LentSegments.Answer lent(JobId job, LentSegments lines, Duration patience)
            throws IOException, InterruptedException {
        return answer(call(job(job, "lent"), lines, LentSegments.Answer.class, ANSWER, patience));
    }

    public void borrowed(JobId job, BorrowedSegments segments, Duration patience)
            throws IOException, InterruptedException {
        call(job(job, "borrowed"), segments, Void.class, ANSWER, patience);
    }

    public SegmentDownloads.Answer downloads(JobId job, SegmentDownloads segments, Duration patience)
            throws IOException, InterruptedException {
        return answer(call(job(job, "downloads"), segments, SegmentDownloads.Answer.class, ANSWER, patience));
    }

    public Assignment resume(JobId job, Assignment.Resume resume, Duration patience)
            throws IOException, InterruptedException {
        return answer(call(job(job, "resume"), resume, Assignment.class, ANSWER, patience));
    }

    /** The manager notes it, and answers; it checks what is stored only afterwards. */
    public void backupComplete(JobId job, BackupResult result, Duration patience)
            throws IOException, InterruptedException {
        call(job(job, "backup-complete"), result, Void.class, ANSWER, patience);
    }

    public void restoreComplete(JobId job, RestoreResult result, Duration patience)
            throws IOException, InterruptedException {
        call(job(job, "restore-complete"), result, Void.class, ANSWER, patience);
    }

    public void fail(JobId job, JobFailure failure, Duration patience) throws IOException, InterruptedException {
        call(job(job, "fail"), failure, Void.class, ANSWER, patience);
    }

    private static String job(JobId job, String call) {
        return "jobs/" + job + "/" + call;
    }

    private static <T> T answer(@Nullable T answer) throws IOException {
        if (answer == null) {
            throw new IOException("the manager sent an empty answer");
        }
        return answer;
    }

    private <T> @Nullable T call(String path, Object message, Class<T> answer, Duration wait, Duration patience)
            throws IOException, InterruptedException {
        byte[] body = Json.mapper().writeValueAsBytes(message);
        Backoff backoff = new Backoff(random);
        long end = System.nanoTime() + patience.toNanos();
        while (true) {
            try {
                return once(path, body, answer, wait);
            } catch (ManagerException refused) {
                if (!refused.passing() || System.nanoTime() - end >= 0) {
                    throw refused;
                }
                LOG.info("{}; trying again", refused.getMessage());
            } catch (IOException e) {
                if (Thread.interrupted()) {
                    throw new InterruptedException(path);
                }
                if (System.nanoTime() - end >= 0) {
                    throw e;
                }
                LOG.info("no answer from the manager to {}, trying again: {}", path, e.toString());
            }
            backoff.pause();
        }
    }

    private <T> @Nullable T once(String path, byte[] body, Class<T> answer, Duration wait) throws IOException {
        HttpURLConnection connection = Connections.open("POST", base.resolve(path), sockets, wait);
        if (index != null) {
            connection.setRequestProperty(Hello.INDEX_HEADER, index.toString());
        }
        int status = Connections.status(connection, body);
        if (status == 204) {
            return null;
        }
        try (InputStream in = Connections.body(connection)) {
            byte[] content = in == null ? new byte[0] : in.readNBytes(LARGEST_ANSWER);
            if (status == 200) {
                return answer == Void.class ? null : Json.tolerantMapper().readValue(content, answer);
            }
            throw new ManagerException(status, refusal(content));
        } catch (JacksonException e) {
            throw new IOException("the manager's answer to " + path + " cannot be understood", e);
        }
    }

    private static Refusal refusal(byte[] content) {
        try {
            Refusal refusal = Json.tolerantMapper().readValue(content, Refusal.class);
            return refusal.error() == null ? new Refusal("Unknown", "no reason given", null) : refusal;
        } catch (JacksonException e) {
            return new Refusal("Unknown", "the answer is not from the manager", null);
        }
    }
}
