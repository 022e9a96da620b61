package io.holdfast.manager;

import io.holdfast.manager.config.ManagerConfig;
import io.holdfast.manager.crash.CrashPoints;
import io.holdfast.manager.store.StoreException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code Main CONFIG.json} runs the manager until it is asked to stop by a signal. {@code Main rebuild CONFIG.json} makes
 * or mends the catalogue from the store, {@code Main audit CONFIG.json} only compares them, and {@code Main restore-state
 * CONFIG.json} brings the newest copy of the database back and then mends it; all need a manager that does not run.
 */
public final class Main {
    private static final Logger log = LoggerFactory.getLogger(Main.class);
    private static final int FAILED = 1;
    private static final int USAGE = 2;

    private Main() {}

    public static void main(String[] arguments) throws InterruptedException {
        try {
            switch (arguments.length) {
                case 1 -> serve(ManagerConfig.read(Path.of(arguments[0])));
                case 2 -> {
                    switch (arguments[0]) {
                        case "rebuild" ->
                            finish(Path.of(arguments[1]), config -> Rebuild.run(config, true, System.out));
                        case "audit" -> finish(Path.of(arguments[1]), config -> Rebuild.run(config, false, System.out));
                        case "restore-state" -> restoreState(Path.of(arguments[1]), false);
                        default -> usage();
                    }
                }
                case 3 -> {
                    if (arguments[0].equals("restore-state") && arguments[1].equals("--replace")) {
                        restoreState(Path.of(arguments[2]), true);
                    }
                    usage();
                }
                default -> usage();
            }
        } catch (IOException | IllegalArgumentException | IllegalStateException e) {
            // What an operator can mend is told in words, not as a stack.
            System.err.println("the manager cannot start: " + e.getMessage());
            log.debug("the manager cannot start", e);
            System.exit(FAILED);
        }
    }

    private static void usage() {
        System.err.println("usage: holdfast-manager [rebuild | audit | restore-state [--replace]] CONFIG.json");
        System.exit(USAGE);
    }

    private static void serve(ManagerConfig config) throws IOException, InterruptedException {
        Manager manager = new Manager(config, CrashPoints.fromSystemProperties());
        CountDownLatch stopped = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(() -> {
            log.info("stopping");
            manager.close();
            stopped.countDown();
        }));
        stopped.await();
    }

    private static void restoreState(Path file, boolean replace) throws IOException {
        finish(file, config -> {
            Rebuild.restoreState(config, replace, System.out);
            return Rebuild.run(config, true, System.out);
        });
    }

    /** Does something that is not for a manager that runs, and says whether all is well. */
    private interface Task {
        boolean run(ManagerConfig config) throws IOException;
    }

    private static void finish(Path config, Task task) throws IOException {
        try {
            System.exit(task.run(ManagerConfig.read(config)) ? 0 : FAILED);
        } catch (StoreException e) {
            System.err.println("the store cannot be read: " + e.kind() + ": " + e.getMessage());
            System.exit(FAILED);
        }
    }
}
