package io.holdfast.manager;

import io.holdfast.manager.config.ManagerConfig;
import io.holdfast.manager.crash.CrashPoints;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Starts the manager: {@code Main CONFIG.json}. Runs until it is asked to stop by a signal. */
public final class Main {
    private static final Logger log = LoggerFactory.getLogger(Main.class);
    private static final int USAGE = 2;

    private Main() {}

    public static void main(String[] arguments) throws InterruptedException {
        if (arguments.length != 1) {
            System.err.println("usage: holdfast-manager CONFIG.json");
            System.exit(USAGE);
        }
        Manager manager = start(Path.of(arguments[0]));
        CountDownLatch stopped = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(() -> {
            log.info("stopping");
            manager.close();
            stopped.countDown();
        }));
        stopped.await();
    }

    private static Manager start(Path file) {
        try {
            return new Manager(ManagerConfig.read(file), CrashPoints.fromSystemProperties());
        } catch (IOException | IllegalArgumentException | IllegalStateException e) {
            // What an operator can mend is told in words, not as a stack.
            System.err.println("the manager cannot start: " + e.getMessage());
            log.debug("the manager cannot start", e);
            System.exit(1);
            throw new IllegalStateException(e);
        }
    }
}
