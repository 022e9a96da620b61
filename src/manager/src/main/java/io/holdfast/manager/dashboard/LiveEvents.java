package io.holdfast.manager.dashboard;

import io.holdfast.manager.http.Reply;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Tells open pages what happens, as server-sent events: {@code progress} with the HTML that is new, and {@code changed}
 * when the page as a whole is old. Only so many pages are told, since each takes the place of a request; others are sent
 * away with 204 and look by themselves. A stream ends after a while, and the browser comes again: so a right that was
 * taken away does not last.
 */
final class LiveEvents implements AutoCloseable {
    private static final int MOST = 100;
    private static final Duration LOOK = Duration.ofSeconds(1);
    private static final int LOOKS = 120;
    private static final int QUIET_LOOKS = 15;

    private final Semaphore places = new Semaphore(MOST);
    private final CountDownLatch closed = new CountDownLatch(1);

    /**
     * What a page has to know.
     *
     * @param version another than the page's means that it is old
     * @param progress the HTML of what changes all the time
     */
    record Seen(String version, String progress) {}

    /**
     * Follows something.
     *
     * @param version the one that the page shows
     * @param look looks again; called by the thread that sends the answer
     */
    Reply follow(String version, Supplier<Seen> look) {
        if (!places.tryAcquire()) {
            return Reply.nothing();
        }
        return new Reply(200, Map.of("Content-Type", "text/event-stream"), new Events(version, look), -1);
    }

    @Override
    public void close() {
        closed.countDown();
    }

    private final class Events extends InputStream {
        private final String version;
        private final Supplier<Seen> look;
        private byte[] piece = "retry: 2000\n\n".getBytes(StandardCharsets.UTF_8);
        private int sent;
        private String told = "";
        private int looks;
        private int quiet;
        private boolean ended;
        private boolean given;

        Events(String version, Supplier<Seen> look) {
            this.version = version;
            this.look = look;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] target, int offset, int most) throws IOException {
            while (sent == piece.length) {
                if (ended) {
                    return -1;
                }
                piece = next().getBytes(StandardCharsets.UTF_8);
                sent = 0;
            }
            int length = Math.min(most, piece.length - sent);
            System.arraycopy(piece, sent, target, offset, length);
            sent += length;
            return length;
        }

        /** What is to be said after the next look; nothing when all is as before. */
        private String next() throws IOException {
            try {
                // The first look is at once.
                boolean over = looks > 0 && closed.await(LOOK.toMillis(), TimeUnit.MILLISECONDS);
                looks++;
                ended = over || looks > LOOKS;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("the manager is stopping", e);
            }
            if (ended) {
                return "";
            }
            Seen seen = look.get();
            if (!seen.version().equals(version)) {
                ended = true;
                return event("changed", "");
            }
            if (!seen.progress().equals(told)) {
                told = seen.progress();
                quiet = 0;
                return event("progress", told);
            }
            // Now and then something has to be sent, or nobody notices that the browser has gone.
            quiet = (quiet + 1) % QUIET_LOOKS;
            return quiet == 0 ? ":\n\n" : "";
        }

        private static String event(String name, String data) {
            return "event: " + name + "\ndata: " + data.replace("\n", "\ndata: ") + "\n\n";
        }

        @Override
        public void close() {
            if (!given) {
                given = true;
                places.release();
            }
        }
    }
}
