package io.holdfast.manager.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Who follows events takes the place of a request: nobody takes them all. */
class EventStreamsTest {
    private static final int OF_ONE = 20;
    private static final int OF_ALL = 100;

    private final EventStreams streams = new EventStreams();
    private final List<Reply> open = new ArrayList<>();

    private boolean follow(String caller, String instance) {
        Optional<Reply> reply = streams.follow(caller, instance, () -> new EventStreams.Look(List.of(), true));
        reply.ifPresent(open::add);
        return reply.isPresent();
    }

    @Test
    void s9_oneCallerLeavesPlacesForOthers() {
        for (int i = 0; i < OF_ONE; i++) {
            assertThat(follow("user:greedy", "shop-" + i)).isTrue();
        }
        assertThat(follow("user:greedy", "shop-x")).isFalse();
        assertThat(follow("user:modest", "shop-x")).isTrue();
    }

    @Test
    void s9_oneInstanceLeavesPlacesForOthers() {
        for (int i = 0; i < OF_ONE; i++) {
            assertThat(follow("user:" + i, "shop-1")).isTrue();
        }
        assertThat(follow("user:x", "shop-1")).isFalse();
        assertThat(follow("user:x", "shop-2")).isTrue();
    }

    @Test
    void s9_placesAreGivenBackOnceWhenTheStreamsEnd() throws IOException {
        for (int round = 0; round < 3; round++) {
            for (int i = 0; i < OF_ALL; i++) {
                assertThat(follow("user:" + i % 10, "shop-" + i % 11)).isTrue();
            }
            assertThat(follow("user:x", "shop-x")).isFalse();
            for (Reply each : open) {
                each.body().close();
                each.body().close();
            }
            open.clear();
        }
    }
}
