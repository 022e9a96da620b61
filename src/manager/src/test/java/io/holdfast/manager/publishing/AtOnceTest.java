package io.holdfast.manager.publishing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class AtOnceTest {
    private static final Executor THREADS = work -> Thread.ofVirtual().start(work);

    @Test
    void someAreDoneAtOnceAndNotMore() throws Exception {
        CountDownLatch three = new CountDownLatch(3);
        AtomicInteger working = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        Set<Integer> done = ConcurrentHashMap.newKeySet();
        new AtOnce(THREADS, 3).forEach(List.of(1, 2, 3, 4, 5, 6, 7), each -> {
            most.accumulateAndGet(working.incrementAndGet(), Math::max);
            three.countDown();
            three.await();
            done.add(each);
            working.decrementAndGet();
        });
        assertThat(done).containsExactlyInAnyOrder(1, 2, 3, 4, 5, 6, 7);
        assertThat(most.get()).isEqualTo(3);
    }

    @Test
    void oneAfterTheOtherInOrderWhereTheExecutorRunsThemItself() throws Exception {
        List<Integer> done = new ArrayList<>();
        new AtOnce(Runnable::run, 4).forEach(List.of(1, 2, 3), done::add);
        assertThat(done).containsExactly(1, 2, 3);
    }

    @Test
    void nothingIsDoneWithNothing() throws Exception {
        new AtOnce(THREADS, 4).forEach(List.of(), each -> {
            throw new AssertionError("it was done");
        });
    }

    @Test
    void firstFailureIsThrownWhenAllThatWasBegunHasEnded() {
        AtomicInteger begun = new AtomicInteger();
        AtomicInteger ended = new AtomicInteger();
        List<Integer> many = IntStream.range(0, 1000).boxed().toList();
        assertThatIOException()
                .isThrownBy(() -> new AtOnce(THREADS, 4).forEach(many, each -> {
                    begun.incrementAndGet();
                    try {
                        if (each == 2) {
                            throw new IOException("the third");
                        }
                        Thread.sleep(1);
                    } finally {
                        ended.incrementAndGet();
                    }
                }))
                .withMessage("the third");
        assertThat(begun.get()).isEqualTo(ended.get()).isLessThan(1000);
    }
}
