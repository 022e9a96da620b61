package io.holdfast.manager.http;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * Answers that go on: server-sent events, as the HTML standard has them. Something is looked at every second, and what
 * has changed is told. Only so many are followed at once, since each takes the place of a request: of all, of one caller,
 * and of one instance, so that nobody takes them all. A stream ends after two minutes, and whoever follows comes again: so a
 * right that was taken away does not last. Any thread may ask.
 */
public final class EventStreams implements AutoCloseable {
    private static final int MOST = 100;
    private static final int MOST_OF_ONE = 20;
    private static final Duration LOOK = Duration.ofSeconds(1);
    private static final int LOOKS = 120;
    private static final int QUIET_LOOKS = 15;

    /** How many are followed now, by all, by each caller, and of each instance. */
    private final Map<String, Integer> followed = new HashMap<>();

    private final CountDownLatch closed = new CountDownLatch(1);

    /**
     * One event.
     *
     * @param data of one line or more
     */
    public record Event(String name, String data) {
        private String text() {
            return "event: " + name + "\ndata: " + data.replace("\n", "\ndata: ") + "\n\n";
        }
    }

    /**
     * What a look found.
     *
     * @param events that were not told before
     * @param last whether nothing can follow
     */
    public record Look(List<Event> events, boolean last) {}

    /** Looks again; called by the one thread that sends the answer. */
    public interface Watch {
        Look look();
    }

    /**
     * Follows something; empty when too many do so already.
     *
     * @param caller a word that no other caller has
     * @param instanceId whose changes are told
     */
    public Optional<Reply> follow(String caller, String instanceId, Watch watch) {
        List<String> counted = List.of("all", "caller " + caller, "instance " + instanceId);
        return takePlace(counted)
                ? Optional.of(
                        new Reply(200, Map.of("Content-Type", "text/event-stream"), new Events(watch, counted), -1))
                : Optional.empty();
    }

    private boolean takePlace(List<String> counted) {
        synchronized (followed) {
            for (int i = 0; i < counted.size(); i++) {
                if (followed.getOrDefault(counted.get(i), 0) >= (i == 0 ? MOST : MOST_OF_ONE)) {
                    return false;
                }
            }
            counted.forEach(each -> followed.merge(each, 1, Integer::sum));
            return true;
        }
    }

    private void givePlaceBack(List<String> counted) {
        synchronized (followed) {
            counted.forEach(each -> followed.computeIfPresent(each, (_, count) -> count == 1 ? null : count - 1));
        }
    }

    /** Lets go of all who follow. */
    @Override
    public void close() {
        closed.countDown();
    }

    private final class Events extends InputStream {
        private final Watch watch;
        private final List<String> counted;
        private byte[] piece = "retry: 2000\n\n".getBytes(StandardCharsets.UTF_8);
        private int sent;
        private int looks;
        private int quiet;
        private boolean ended;
        private boolean given;

        Events(Watch watch, List<String> counted) {
            this.watch = watch;
            this.counted = counted;
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
            Look found = watch.look();
            ended = found.last();
            if (!found.events().isEmpty()) {
                quiet = 0;
                return found.events().stream().map(Event::text).collect(Collectors.joining());
            }
            // Now and then something has to be sent, or nobody notices that the other side has gone.
            quiet = (quiet + 1) % QUIET_LOOKS;
            return quiet == 0 ? ":\n\n" : "";
        }

        @Override
        public void close() {
            if (!given) {
                given = true;
                givePlaceBack(counted);
            }
        }
    }
}
