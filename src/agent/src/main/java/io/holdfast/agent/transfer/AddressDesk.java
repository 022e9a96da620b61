package io.holdfast.agent.transfer;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where those who need an address each queue for it. Whoever finds no call under way makes one for all that wait, so that there
 * is one call at a time, and as few as can be, while those that have their addresses go on. May be used by any thread.
 *
 * @param <Q> what is asked for
 * @param <A> what is answered
 */
final class AddressDesk<Q, A> {
    /** One call. */
    interface Call<Q, A> {
        /**
         * Asks for several at once.
         *
         * @return as many answers, in the same order
         */
        List<A> ask(List<Q> questions) throws IOException, InterruptedException;
    }

    private final Call<Q, A> call;
    private final int most;
    private final Deque<Waiting<Q, A>> queue = new ArrayDeque<>();
    private boolean calling;

    /** Somebody who waits, until there is an answer or a failure. */
    private static final class Waiting<Q, A> {
        private final Q question;
        private @Nullable A answer;
        private @Nullable IOException failure;

        Waiting(Q question) {
            this.question = question;
        }

        boolean over() {
            return answer != null || failure != null;
        }
    }

    /**
     * A desk where nobody waits.
     *
     * @param most how many questions one call may have
     */
    AddressDesk(Call<Q, A> call, int most) {
        this.call = call;
        this.most = most;
    }

    /**
     * Waits for the answer to one question.
     *
     * @throws IOException as the call threw it; all whose questions were in that call get the same
     */
    A ask(Q question) throws IOException, InterruptedException {
        Waiting<Q, A> own = new Waiting<>(question);
        enter(own);
        while (true) {
            List<Waiting<Q, A>> batch = next(own);
            if (batch.isEmpty()) {
                break;
            }
            try {
                answer(batch, call.ask(batch.stream().map(each -> each.question).toList()));
            } catch (IOException e) {
                fail(batch, e);
            } catch (InterruptedException | RuntimeException | Error e) {
                putBack(batch, own);
                throw e;
            }
        }
        return result(own);
    }

    private synchronized void enter(Waiting<Q, A> own) {
        queue.add(own);
    }

    /** Those to call for; nobody when there is an answer to the own question. */
    private synchronized List<Waiting<Q, A>> next(Waiting<Q, A> own) throws InterruptedException {
        try {
            while (calling && !own.over()) {
                wait();
            }
        } catch (InterruptedException e) {
            queue.remove(own);
            throw e;
        }
        List<Waiting<Q, A>> batch = new ArrayList<>();
        if (!own.over()) {
            calling = true;
            while (batch.size() < most && !queue.isEmpty()) {
                batch.add(queue.remove());
            }
        }
        return batch;
    }

    private synchronized void answer(List<Waiting<Q, A>> batch, List<A> answers) throws IOException {
        if (answers.size() != batch.size()) {
            throw new IOException(
                    "the manager was asked for " + batch.size() + " addresses and gave " + answers.size());
        }
        for (int i = 0; i < batch.size(); i++) {
            batch.get(i).answer = answers.get(i);
        }
        callIsOver();
    }

    private synchronized void fail(List<Waiting<Q, A>> batch, IOException failure) {
        batch.forEach(each -> each.failure = failure);
        callIsOver();
    }

    /** Whoever made the call was stopped in it: another one makes it. */
    private synchronized void putBack(List<Waiting<Q, A>> batch, Waiting<Q, A> own) {
        batch.reversed().stream().filter(each -> each != own).forEach(queue::addFirst);
        callIsOver();
    }

    private void callIsOver() {
        calling = false;
        notifyAll();
    }

    private synchronized A result(Waiting<Q, A> own) throws IOException {
        if (own.failure != null) {
            throw own.failure;
        }
        if (own.answer == null) {
            throw new IllegalStateException("there is neither an answer nor a failure");
        }
        return own.answer;
    }
}
