package io.holdfast.agent.transfer;

import io.holdfast.agent.attempt.JobException;
import io.holdfast.agent.attempt.Progress;
import io.holdfast.protocol.Address;
import io.holdfast.protocol.FailureCode;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * Single tries to store and to read an object. Each throws a {@link JobException} for what repeating does not help against, and
 * another {@link IOException} for the rest. What of a try that fails was counted as progress is taken back. For virtual
 * threads, of which an interrupted one lets go of its connection.
 */
final class StoreRequests {
    private static final int PIECE = 64 * 1024;
    private static final HexFormat HEX = HexFormat.of();

    private final StoreConnections store;
    private final Progress progress;

    StoreRequests(StoreConnections store, Progress progress) {
        this.store = store;
        this.progress = progress;
    }

    StorePatience patience() {
        return store.patience();
    }

    /** A store that refuses an address, which may have expired since it was signed. */
    static final class RefusedException extends IOException {
        private static final long serialVersionUID = 1L;

        RefusedException(String message) {
            super(message);
        }
    }

    /** Sends an object, reads the whole answer (a store may answer 200 with an error in the body), and compares the ETag. */
    void put(Address address, byte[] bytes, int size, byte[] md5) throws IOException {
        HttpURLConnection connection = store.open("PUT", address.url(), address.headers());
        send(connection, bytes, size);
        try {
            connection.setReadTimeout(
                    Math.toIntExact(store.patience().forAnswer(size).toMillis()));
            judge(connection, md5);
        } catch (IOException e) {
            progress.out(-size);
            throw e;
        }
    }

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
                        progress.out(length);
                        sent += length;
                    }
                }
            } catch (IOException e) {
                progress.out(-sent);
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
                    "the store refused a segment with " + status + StoreConnections.errorCode(body));
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
            throw new IOException("the store's ETag is not the segment's MD5");
        }
    }

    /**
     * Reads an object. The limit for each read of the connection is that for silence.
     *
     * @param what it is, for people
     * @param size how many bytes it should have; one more is read at most, if there is room
     * @return how many it has
     * @throws RefusedException when the store refuses the address
     */
    int get(Address address, String what, int size, byte[] target) throws IOException {
        HttpURLConnection connection = store.open("GET", address.url(), address.headers());
        int status = connection.getResponseCode();
        if (status == 404) {
            throw JobException.corrupt(what + " is missing in the store", null);
        }
        if (status != 200) {
            String refusal = StoreConnections.refusal(connection, StoreConnections.text(connection));
            throw status == 403 ? new RefusedException(refusal) : new IOException(refusal);
        }
        long announced = connection.getContentLengthLong();
        if (announced >= 0 && announced != size) {
            connection.disconnect();
            throw JobException.corrupt(what + " has " + announced + " bytes in the store instead of " + size, null);
        }
        return receive(connection, size, target);
    }

    private int receive(HttpURLConnection connection, int size, byte[] target) throws IOException {
        int most = Math.min(target.length, size + 1);
        int received = 0;
        try (InputStream in = connection.getInputStream()) {
            while (received < most) {
                int count = in.read(target, received, Math.min(PIECE, most - received));
                if (count < 0) {
                    break;
                }
                received += count;
                progress.out(count);
            }
            if (received < size) {
                throw new IOException("the store's answer is shorter than the list of segments says");
            }
            return received;
        } catch (IOException e) {
            progress.out(-received);
            throw e;
        }
    }
}
