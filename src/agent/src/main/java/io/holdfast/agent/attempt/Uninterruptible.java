package io.holdfast.agent.attempt;

import java.io.IOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** Work that is done to its end also when the attempt is stopped meanwhile, such as unlocking what was locked. */
public final class Uninterruptible {
    private Uninterruptible() {}

    /** What is to be done. */
    public interface Work {
        void run() throws IOException, InterruptedException;
    }

    /** Has another thread do it, which nobody interrupts; an interruption of this one stays for afterwards. */
    public static void run(Work work) throws IOException {
        FutureTask<Void> task = new FutureTask<>(() -> {
            work.run();
            return null;
        });
        Thread.ofPlatform().name("uninterruptible").daemon().start(task);
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    task.get();
                    return;
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException failure) {
                throw failure;
            }
            throw new IllegalStateException(e.getCause());
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
