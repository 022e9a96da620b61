package io.holdfast.manager.store;

import io.holdfast.manager.store.FaultyStore.Call;
import io.holdfast.manager.store.FaultyStore.Fault;
import io.holdfast.manager.store.StoreException.Kind;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** The contract, kept by the retrying wrapper while the store below fails at every second call. */
class RetryingStoreContractTest extends DirectoryStoreContractTest {
    /** Threads that call at once share the faults, so one of them may get many. */
    private static final RetryPolicy POLICY =
            new RetryPolicy(100, Duration.ofMillis(1), Duration.ofMillis(2), Duration.ofMinutes(1));

    private Store retrying;

    @BeforeEach
    void wrap(@TempDir Path unused) throws IOException {
        FaultyStore faulty = new FaultyStore(super.store());
        for (Call call : Call.values()) {
            for (int i = 0; i < 100; i++) {
                faulty.next(call, faultAt(call, i), new Fault.None());
            }
        }
        retrying = new RetryingStore(faulty, POLICY, Thread::sleep, System::nanoTime, new Random(1));
    }

    @Override
    Store store() {
        return retrying;
    }

    private static Fault faultAt(Call call, int number) {
        boolean repeatable = switch (call) {
            case PUT, DELETE -> true;
            // It says something else the second time.
            case PUT_IF_ABSENT -> false;
            case PROBE, GET, READ, HEAD, LIST, CLOCK -> true;
        };
        if (call == Call.READ && number % 2 == 1) {
            return new Fault.CutsRead(3);
        }
        return repeatable && number % 2 == 1 ? new Fault.LosesAnswer() : new Fault.Fails(Kind.PASSING);
    }
}
