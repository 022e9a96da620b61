package io.holdfast.agent.attempt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class UninterruptibleTest {
    @Test
    void workIsDoneToItsEndWhenItsThreadIsInterruptedAndTheInterruptionIsKept() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        AtomicBoolean done = new AtomicBoolean();
        AtomicBoolean interrupted = new AtomicBoolean();
        Thread attempt = Thread.ofPlatform().start(() -> {
            try {
                Uninterruptible.run(() -> {
                    begun.countDown();
                    go.await();
                    done.set(true);
                });
                interrupted.set(Thread.interrupted());
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
        begun.await();
        attempt.interrupt();
        go.countDown();
        attempt.join();
        assertThat(done).isTrue();
        assertThat(interrupted).isTrue();
    }

    @Test
    void whatFailsIsThrownAsItIs() {
        assertThatThrownBy(() -> Uninterruptible.run(() -> {
                    throw new IOException("broken");
                }))
                .isExactlyInstanceOf(IOException.class)
                .hasMessage("broken");
    }
}
