package io.holdfast.agent.transfer;

import io.holdfast.agent.attempt.Attempt;
import io.holdfast.agent.attempt.CrashPoint;
import io.holdfast.agent.attempt.JobException;
import io.holdfast.agent.attempt.StopSignal;
import io.holdfast.agent.manager.ManagerClient;
import io.holdfast.agent.manager.ManagerException;
import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.PartUpload;
import java.io.IOException;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Uploads single parts of one attempt's backup: asks the manager for an address, sends the bytes, reads the whole answer
 * (a store may answer 200 with an error in the body) and compares the ETag where it is an MD5. The one place that decides
 * whether an upload is tried again. May be used by any thread.
 */
public final class PartUploads {
    private static final int PIECE = 64 * 1024;
    private static final HexFormat HEX = HexFormat.of();

    private final ManagerClient manager;
    private final StoreConnections store;
    private final Attempt attempt;
    private final RandomGenerator random;
    private volatile @Nullable Throwable failure;

    public PartUploads(ManagerClient manager, StoreConnections store, Attempt attempt, RandomGenerator random) {
        this.manager = manager;
        this.store = store;
        this.attempt = attempt;
        this.random = random;
    }

    StopSignal stop() {
        return attempt.stop();
    }

    /** Notes that a part has failed for good, and the attempt with it. */
    void failed(Throwable cause) {
        failure = cause;
    }

    /** Throws when the attempt was stopped, or has failed. */
    void check() throws IOException {
        attempt.stop().check();
        Throwable cause = failure;
        if (cause != null) {
            throw failure(cause);
        }
    }

    /** Uploads one part. The manager knows its size and hash from the address that it signed. */
    void upload(String artifact, int segment, int number, byte[] bytes, int size)
            throws IOException, InterruptedException {
        byte[] md5 = md5(bytes, size);
        String md5Base64 = Base64.getEncoder().encodeToString(md5);
        PartUpload part = new PartUpload(attempt.id().epoch(), artifact, segment, number, size, md5Base64);
        Outage outage = new Outage(
                "part " + number + " of " + artifact + "." + segment, store.patience(), attempt.progress(), random);
        while (true) {
            attempt.stop().check();
            // A fresh address for each try: the last one may have been too old.
            PartUpload.Address address =
                    manager.part(attempt.id().job(), part, store.patience().outage());
            try {
                put(address, bytes, size, md5);
                outage.over();
                attempt.reached(CrashPoint.FIRST_PART_UPLOADED);
                return;
            } catch (JobException e) {
                throw e;
            } catch (IOException e) {
                if (Thread.interrupted()) {
                    throw new InterruptedException("upload");
                }
                attempt.stop().check();
                outage.pause(e);
            }
        }
    }

    /** Throws a JobException for what repeating does not help against, an IOException for the rest. */
    private void put(PartUpload.Address address, byte[] bytes, int size, byte[] md5) throws IOException {
        HttpURLConnection connection = store.open("PUT", address.url(), address.headers());
        send(connection, bytes, size);
        try {
            connection.setReadTimeout(
                    Math.toIntExact(store.patience().forAnswer(size).toMillis()));
            judge(connection, md5);
        } catch (IOException e) {
            attempt.progress().out(-size);
            throw e;
        }
    }

    /** What of a part has left counts as progress until it fails. */
    private void send(HttpURLConnection connection, byte[] bytes, int size) throws IOException {
        long sent = 0;
        try (StallGuard guard = new StallGuard(store.patience().silence())) {
            try {
                connection.setDoOutput(true);
                connection.setFixedLengthStreamingMode(size);
                try (OutputStream out = connection.getOutputStream()) {
                    for (int at = 0; at < size; at += PIECE) {
                        int length = Math.min(PIECE, size - at);
                        out.write(bytes, at, length);
                        guard.moved();
                        attempt.progress().out(length);
                        sent += length;
                    }
                }
            } catch (IOException e) {
                attempt.progress().out(-sent);
                throw guard.stalled()
                        ? new IOException(
                                "the store accepted no byte for "
                                        + store.patience().silence().toSeconds() + " s, after " + sent + " of "
                                        + size,
                                e)
                        : e;
            }
        }
    }

    private static void judge(HttpURLConnection connection, byte[] md5) throws IOException {
        int status = connection.getResponseCode();
        String body = StoreConnections.text(connection);
        if (status == 404 || status == 405 || status == 413) {
            throw new JobException(
                    FailureCode.STORE_FAILED,
                    "the store refused a part with " + status + StoreConnections.errorCode(body));
        }
        if (status != 200 || body.contains("<Error>")) {
            throw new IOException(StoreConnections.refusal(connection, body));
        }
        @Nullable String etag = connection.getHeaderField("ETag");
        if (etag == null) {
            throw new IOException("the store answered without an ETag");
        }
        String bare = etag.replace("\"", "");
        if (bare.matches("[0-9a-fA-F]{32}") && !bare.equalsIgnoreCase(HEX.formatHex(md5))) {
            throw new IOException("the store's ETag is not the part's MD5");
        }
    }

    @SuppressWarnings("InsecureCryptoUsage") // MD5 is what the stores compare; nothing rests on it but that
    private static byte[] md5(byte[] bytes, int size) {
        try {
            MessageDigest digest = MessageDigest.getInstance("MD5");
            digest.update(bytes, 0, size);
            return digest.digest();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has MD5", e);
        }
    }

    /** Says what an attempt's failure in the background was, in the terms of a job. */
    static IOException failure(@Nullable Throwable cause) {
        return switch (cause) {
            case JobException e -> e;
            case StopSignal.StoppedException e -> e;
            case ManagerException e -> e;
            case IOException e ->
                new JobException(
                        FailureCode.STORE_FAILED,
                        "the upload failed: " + e.getMessage(),
                        "check the store, and the way to it from the agent's machine",
                        e);
            case null, default -> new IOException("the upload failed", cause);
        };
    }
}
