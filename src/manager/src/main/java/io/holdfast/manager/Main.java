package io.holdfast.manager;

import io.holdfast.format.zstd.NativeLibrary;
import io.holdfast.manager.config.ManagerConfig;
import io.holdfast.manager.crash.CrashPoints;
import io.holdfast.manager.store.StoreException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code Main CONFIG.json} runs the manager until it is asked to stop by a signal. {@code Main rebuild CONFIG.json} makes
 * or mends the catalogue from the store, {@code Main audit CONFIG.json} only compares them, and {@code Main restore-catalogue
 * CONFIG.json} brings the newest copy of the database back and then mends it; all need a manager that does not run.
 * {@code Main backup-catalogue FILE CONFIG.json} writes an encrypted copy of the database, beside a manager that runs or not, and
 * {@code Main restore-catalogue --from FILE CONFIG.json} brings that one back.
 */
public final class Main {
    private static final Logger log = LoggerFactory.getLogger(Main.class);
    private static final int FAILED = 1;
    private static final int USAGE = 2;

    private Main() {}

    public static void main(String[] arguments) throws InterruptedException {
        Umask.ownerOnly();
        try {
            List<String> words = List.of(arguments);
            if (words.isEmpty()) {
                usage();
            }
            Path config = Path.of(words.getLast());
            if (words.size() == 1) {
                serve(ManagerConfig.read(config));
                return;
            }
            List<String> options = words.subList(1, words.size() - 1);
            switch (words.getFirst() + " " + options.size()) {
                case "rebuild 0" -> finish(config, its -> Rebuild.run(its, true, System.out));
                case "audit 0" -> finish(config, its -> Rebuild.run(its, false, System.out));
                case "backup-catalogue 1" -> copyState(config, Path.of(options.getFirst()));
                case "restore-catalogue 0" -> restoreState(config, its -> Rebuild.restoreState(its, false, System.out));
                case "restore-catalogue 1" -> {
                    require(options.getFirst().equals("--replace"));
                    restoreState(config, its -> Rebuild.restoreState(its, true, System.out));
                }
                case "restore-catalogue 2" -> {
                    require(options.getFirst().equals("--from"));
                    Path copy = Path.of(options.getLast());
                    restoreState(config, its -> Rebuild.restoreState(its, copy, System.out));
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
        System.err.println("usage: holdfast-manager [rebuild | audit | backup-catalogue FILE"
                + " | restore-catalogue [--replace | --from FILE]] CONFIG.json");
        System.exit(USAGE);
    }

    private static void require(boolean known) {
        if (!known) {
            usage();
        }
    }

    private static void serve(ManagerConfig config) throws IOException, InterruptedException {
        NativeLibrary.load(); // reading backups back would come to it much later
        Manager manager = new Manager(config, CrashPoints.fromSystemProperties());
        CountDownLatch stopped = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(() -> {
            log.info("stopping");
            manager.close();
            stopped.countDown();
        }));
        stopped.await();
    }

    private static void copyState(Path config, Path file) throws IOException, InterruptedException {
        Rebuild.copyState(ManagerConfig.read(config), file, System.out);
        System.exit(0);
    }

    private interface Restoration {
        void run(ManagerConfig config) throws IOException;
    }

    /** What was made after the copy is known to the store. */
    private static void restoreState(Path config, Restoration restoration) throws IOException {
        finish(config, its -> {
            restoration.run(its);
            return Rebuild.run(its, true, System.out);
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
