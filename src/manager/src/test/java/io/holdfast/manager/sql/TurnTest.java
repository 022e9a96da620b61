package io.holdfast.manager.sql;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which writing transactions wait for each other. */
@Tag("state")
class TurnTest {
    private static final int THREADS = 8;
    private static final int ROUNDS = 25;

    @TempDir
    Path folder;

    @Test
    void whatOneOfAnInstanceHasSeenStaysTrueUntilItIsThrough() throws Exception {
        try (Database database = TestDatabase.open(folder)) {
            TestDatabase.run(database, "CREATE TABLE counter (count INTEGER NOT NULL)");
            TestDatabase.run(database, "INSERT INTO counter VALUES (0)");
            // Each third asks for all, and one joins from the turn of no instance.
            together(number -> {
                switch (number % 3) {
                    case 0 -> database.transaction(() -> increment(database));
                    case 1 -> database.transaction(7, () -> increment(database));
                    default -> database.note(_ -> database.transaction(7, () -> increment(database)));
                }
                return true;
            });
            assertThat(count(database)).isEqualTo(THREADS * ROUNDS);
        }
    }

    @Test
    void oneOfAllWaitsForThatOfAnInstanceAndOneOfAnotherDoesNot() throws Exception {
        try (Database database = TestDatabase.open(folder);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            CountDownLatch begun = new CountDownLatch(1);
            CountDownLatch letGo = new CountDownLatch(1);
            AtomicBoolean through = new AtomicBoolean();
            Future<Boolean> first = threads.submit(() -> database.transaction(1, () -> {
                begun.countDown();
                await(letGo);
                through.set(true);
                return true;
            }));
            begun.await();
            if (database.isShared()) {
                assertThat(database.transaction(2, through::get)).isFalse();
            }
            Future<Boolean> all = threads.submit(() -> database.transaction(through::get));
            Future<Boolean> same = threads.submit(() -> database.transaction(1, through::get));
            letGo.countDown();

            assertThat(first.get()).isTrue();
            assertThat(all.get()).isTrue();
            assertThat(same.get()).isTrue();
        }
    }

    private static boolean increment(Database database) {
        long seen = count(database);
        return database.write(handle -> handle.execute("UPDATE counter SET count = ?", seen + 1)) == 1;
    }

    private static long count(Database database) {
        return database.read(handle -> handle.createQuery("SELECT count FROM counter")
                .mapTo(Long.class)
                .one());
    }

    private interface Work {
        boolean of(int number) throws Exception;
    }

    private static void together(Work work) throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
            List<Callable<Boolean>> all = new ArrayList<>();
            for (int number = 0; number < THREADS * ROUNDS; number++) {
                int one = number;
                all.add(() -> work.of(one));
            }
            for (Future<Boolean> each : threads.invokeAll(all)) {
                assertThat(each.get()).isTrue();
            }
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
