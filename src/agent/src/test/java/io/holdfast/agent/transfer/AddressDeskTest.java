package io.holdfast.agent.transfer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class AddressDeskTest {
    private final List<List<Integer>> calls = Collections.synchronizedList(new ArrayList<>());
    private final CountDownLatch called = new CountDownLatch(1);
    private final CountDownLatch go = new CountDownLatch(1);
    private final AtomicBoolean fails = new AtomicBoolean();

    /** The first call waits for {@link #go}. */
    private List<String> answer(List<Integer> questions) throws IOException, InterruptedException {
        calls.add(questions);
        called.countDown();
        go.await();
        if (fails.getAndSet(false)) {
            throw new IOException("no answer to " + questions);
        }
        return questions.stream().map(each -> "address " + each).toList();
    }

    /** Somebody who asks, in a thread of his own. */
    private static final class Asker {
        private final FutureTask<String> task;
        private final Thread thread;

        Asker(AddressDesk<Integer, String> desk, int question) {
            task = new FutureTask<>(() -> desk.ask(question));
            thread = Thread.ofPlatform().start(task);
        }

        void awaitWaiting() throws InterruptedException {
            while (thread.getState() != Thread.State.WAITING) {
                Thread.sleep(5);
            }
        }

        String answer() throws InterruptedException, ExecutionException {
            return task.get();
        }
    }

    private List<Asker> threeBehindOneThatCalls(AddressDesk<Integer, String> desk) throws InterruptedException {
        List<Asker> askers = new ArrayList<>();
        askers.add(new Asker(desk, 0));
        called.await();
        for (int question = 1; question <= 3; question++) {
            Asker asker = new Asker(desk, question);
            asker.awaitWaiting();
            askers.add(asker);
        }
        return askers;
    }

    @Test
    void thoseThatWaitAreAskedForInOneCall() throws Exception {
        List<Asker> askers = threeBehindOneThatCalls(new AddressDesk<>(this::answer, 1000));
        go.countDown();
        for (int question = 0; question <= 3; question++) {
            assertThat(askers.get(question).answer()).isEqualTo("address " + question);
        }
        assertThat(calls).containsExactly(List.of(0), List.of(1, 2, 3));
    }

    @Test
    void noCallHasMoreThanTheMost() throws Exception {
        List<Asker> askers = threeBehindOneThatCalls(new AddressDesk<>(this::answer, 2));
        go.countDown();
        for (int question = 0; question <= 3; question++) {
            assertThat(askers.get(question).answer()).isEqualTo("address " + question);
        }
        assertThat(calls).containsExactly(List.of(0), List.of(1, 2), List.of(3));
    }

    @Test
    void failureIsOnlyOfThoseWhoWereInTheCall() throws Exception {
        List<Asker> askers = threeBehindOneThatCalls(new AddressDesk<>(this::answer, 1000));
        fails.set(true);
        go.countDown();
        Asker first = askers.removeFirst();
        try {
            assertThat(first.answer()).isNull();
        } catch (ExecutionException e) {
            assertThat(e).hasRootCauseMessage("no answer to [0]");
        }
        for (Asker asker : askers) {
            assertThat(asker.answer()).startsWith("address ");
        }
    }

    @Test
    void anotherOneCallsWhenTheOneThatCallsIsInterrupted() throws Exception {
        List<Asker> askers = threeBehindOneThatCalls(new AddressDesk<>(this::answer, 1000));
        askers.getFirst().thread.interrupt();
        while (calls.size() < 2) {
            Thread.sleep(5);
        }
        assertThat(calls.get(1)).containsExactly(1, 2, 3);
        // This one is interrupted in its call too, and what it called for is asked for again.
        Asker second = askers.stream()
                .skip(1)
                .filter(each -> calling(each))
                .findFirst()
                .orElseThrow();
        second.thread.interrupt();
        while (calls.size() < 3) {
            Thread.sleep(5);
        }
        assertThat(calls.get(2)).hasSize(2).isSubsetOf(1, 2, 3);
        go.countDown();
        for (Asker asker : askers) {
            if (asker != askers.getFirst() && asker != second) {
                assertThat(asker.answer()).startsWith("address ");
            }
        }
    }

    private static boolean calling(Asker asker) {
        for (StackTraceElement frame : asker.thread.getStackTrace()) {
            if (frame.getClassName().contains(CountDownLatch.class.getSimpleName())) {
                return true;
            }
        }
        return false;
    }

    @Test
    void tooFewAnswersFailAll() throws Exception {
        AddressDesk<Integer, String> desk = new AddressDesk<>(questions -> List.of(), 1000);
        try {
            assertThat(desk.ask(1)).isNull();
        } catch (IOException e) {
            assertThat(e).hasMessage("the manager was asked for 1 addresses and gave 0");
        }
    }
}
