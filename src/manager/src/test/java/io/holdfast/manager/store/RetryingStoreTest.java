package io.holdfast.manager.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.manager.store.FaultyStore.Call;
import io.holdfast.manager.store.FaultyStore.Fault;
import io.holdfast.manager.store.StoreException.Kind;
import io.holdfast.manager.store.directory.DirectorySettings;
import io.holdfast.manager.store.directory.DirectoryStore;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import javax.crypto.spec.SecretKeySpec;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** When the retrying wrapper repeats, when it gives up, and how long it waits; on a clock of the test. */
class RetryingStoreTest {
    private static final RetryPolicy POLICY =
            new RetryPolicy(5, Duration.ofSeconds(1), Duration.ofSeconds(4), Duration.ofSeconds(60));

    private final List<Duration> pauses = new ArrayList<>();
    private final AtomicLong now = new AtomicLong();
    private FaultyStore faulty;

    @BeforeEach
    void open(@TempDir Path root) throws IOException {
        faulty = new FaultyStore(new DirectoryStore(
                new DirectorySettings(
                        root, URI.create("https://127.0.0.1/store"), new SecretKeySpec(new byte[32], "HmacSHA256")),
                InstantSource.system()));
    }

    @Test
    void passingFaultIsRiddenOut() {
        faulty.next(Call.PUT, fails(Kind.PASSING), fails(Kind.PASSING), new Fault.LosesAnswer());
        store(POLICY).put("a", bytes("x"));
        assertThat(faulty.calls(Call.PUT)).isEqualTo(4);
        assertThat(store(POLICY).get("a")).hasValue(bytes("x"));
    }

    @ParameterizedTest
    @EnumSource(
            value = Kind.class,
            names = {"DENIED", "NOT_FOUND", "FULL", "REFUSED"})
    void whatRepeatingCannotHelpIsNotRepeated(Kind kind) {
        faulty.next(Call.LIST, fails(kind));
        assertFails(kind, () -> store(POLICY).list(""));
        assertThat(faulty.calls(Call.LIST)).isEqualTo(1);
        assertThat(pauses).isEmpty();
    }

    @Test
    void attemptsAreBounded() {
        faulty.next(Call.HEAD, Collections.nCopies(10, fails(Kind.PASSING)).toArray(new Fault[0]));
        assertFails(Kind.PASSING, () -> store(POLICY).head("a"));
        assertThat(faulty.calls(Call.HEAD)).isEqualTo(5);
        assertThat(pauses).hasSize(4);
    }

    @Test
    void totalTimeIsBounded() {
        faulty.next(Call.HEAD, Collections.nCopies(100, fails(Kind.PASSING)).toArray(new Fault[0]));
        RetryPolicy policy =
                new RetryPolicy(1000, Duration.ofSeconds(10), Duration.ofSeconds(10), Duration.ofSeconds(30));
        assertFails(Kind.PASSING, () -> store(policy).head("a"));
        assertThat(Duration.ofNanos(now.get())).isLessThanOrEqualTo(Duration.ofSeconds(30));
        assertThat(pauses).isNotEmpty();
    }

    /** A store that is away all the time: what the policies say, they do. */
    @Test
    void t3_requestsAreAnsweredSoonAndBackgroundWorkOutlastsARestart() {
        for (int round = 0; round < 50; round++) {
            Duration request = spentUntilGivenUp(RetryPolicy.REQUEST, round);
            assertThat(request).isBetween(Duration.ofSeconds(5), Duration.ofSeconds(10));
            Duration background = spentUntilGivenUp(RetryPolicy.BACKGROUND, round);
            assertThat(background).isBetween(Duration.ofSeconds(90), Duration.ofMinutes(2));
        }
    }

    private Duration spentUntilGivenUp(RetryPolicy policy, int seed) {
        faulty.next(Call.HEAD, Collections.nCopies(500, fails(Kind.PASSING)).toArray(new Fault[0]));
        long before = now.get();
        RetryingStore store = new RetryingStore(faulty, policy, this::sleep, now::get, new Random(seed));
        assertFails(Kind.PASSING, () -> store.head("a"));
        return Duration.ofNanos(now.get() - before);
    }

    @Test
    void pausesGrowToTheirBoundAndAreSpreadOverAllOfIt() {
        List<List<Duration>> rounds = new ArrayList<>();
        for (int round = 0; round < 200; round++) {
            pauses.clear();
            faulty.next(Call.HEAD, Collections.nCopies(5, fails(Kind.PASSING)).toArray(new Fault[0]));
            RetryingStore store = new RetryingStore(faulty, POLICY, this::sleep, now::get, new Random(round));
            assertFails(Kind.PASSING, () -> store.head("a"));
            rounds.add(List.copyOf(pauses));
        }
        int[] bounds = {1, 2, 4, 4};
        for (int i = 0; i < bounds.length; i++) {
            int number = i;
            Duration bound = Duration.ofSeconds(bounds[i]);
            assertThat(rounds)
                    .extracting(round -> round.get(number))
                    .allMatch(pause -> pause.compareTo(bound) <= 0)
                    .anyMatch(pause -> pause.compareTo(bound.multipliedBy(9).dividedBy(10)) > 0)
                    .anyMatch(pause -> pause.compareTo(bound.dividedBy(10)) < 0);
        }
    }

    @Test
    void lostAnswerToPutIfAbsentTurnsIntoFalse() {
        faulty.next(Call.PUT_IF_ABSENT, new Fault.LosesAnswer());
        assertThat(store(POLICY).putIfAbsent("manifest.json", bytes("mine"))).isFalse();
        assertThat(store(POLICY).get("manifest.json")).hasValue(bytes("mine"));
    }

    @Test
    void dl07_listThatKeepsFailingIsAFailureAndNotEmpty() {
        faulty.next(Call.LIST, Collections.nCopies(10, fails(Kind.CORRUPT)).toArray(new Fault[0]));
        assertFails(Kind.CORRUPT, () -> store(POLICY).list(""));
    }

    @Test
    void listGoesOnWhereItWasCut() {
        List<String> keys = IntStream.range(0, 20).mapToObj("a/%02d"::formatted).toList();
        keys.forEach(key -> faulty.put(key, bytes("x")));
        faulty.next(
                Call.LIST,
                new Fault.CutsList(7),
                fails(Kind.PASSING),
                new Fault.CutsList(1),
                new Fault.CutsList(0),
                new Fault.CutsList(11));
        List<String> given = new ArrayList<>();
        store(POLICY).list("a/", object -> given.add(object.key()));
        assertThat(given).containsExactlyElementsOf(keys);
        assertThat(faulty.calls(Call.LIST)).isEqualTo(6);
    }

    @Test
    void listGivesUpWithoutProgress() {
        faulty.put("a", bytes("x"));
        faulty.put("b", bytes("x"));
        faulty.next(Call.LIST, new Fault.CutsList(1));
        faulty.next(Call.LIST, Collections.nCopies(20, fails(Kind.PASSING)).toArray(new Fault[0]));
        assertFails(Kind.PASSING, () -> store(POLICY).list(""));
        assertThat(faulty.calls(Call.LIST)).isEqualTo(5);
    }

    @Test
    void failureOfWhoReceivesAListIsNotTheStores() {
        faulty.put("a", bytes("x"));
        assertFails(
                Kind.PASSING,
                () -> store(POLICY).list("", object -> {
                    throw new StoreException(Kind.PASSING, "of another call", null);
                }));
        assertThat(faulty.calls(Call.LIST)).isEqualTo(1);
        assertThat(pauses).isEmpty();
    }

    @Test
    void readerGoesOnWhereItWasCut() throws IOException {
        byte[] content = StoreContract.random(10_000);
        faulty.put("a", content);
        faulty.next(
                Call.READ, new Fault.CutsRead(4000), fails(Kind.PASSING), new Fault.CutsRead(1), new Fault.CutsRead(0));
        try (InputStream in = store(POLICY).read("a", 100, 9_000)) {
            assertThat(in.readAllBytes()).isEqualTo(Arrays.copyOfRange(content, 100, 9_100));
        }
        assertThat(faulty.calls(Call.READ)).isEqualTo(5);
    }

    @Test
    void readerGivesUpWithoutProgress() throws IOException {
        faulty.put("a", bytes("12345"));
        faulty.next(Call.READ, Collections.nCopies(20, new Fault.CutsRead(0)).toArray(new Fault[0]));
        try (InputStream in = store(POLICY).read("a", 0, Long.MAX_VALUE)) {
            assertThatThrownBy(in::readAllBytes).isInstanceOf(IOException.class);
        }
        assertThat(faulty.calls(Call.READ)).isEqualTo(5);
    }

    @Test
    void interruptedThreadGetsTheFailureAtOnce() {
        faulty.next(Call.HEAD, fails(Kind.PASSING), fails(Kind.PASSING));
        RetryingStore store = new RetryingStore(faulty, POLICY, Thread::sleep, System::nanoTime, new Random(1));
        Thread.currentThread().interrupt();
        assertFails(Kind.PASSING, () -> store.head("a"));
        assertThat(Thread.interrupted()).isTrue();
        assertThat(faulty.calls(Call.HEAD)).isEqualTo(1);
    }

    private RetryingStore store(RetryPolicy policy) {
        return new RetryingStore(faulty, policy, this::sleep, now::get, new Random(1));
    }

    private void sleep(Duration pause) {
        pauses.add(pause);
        now.addAndGet(pause.toNanos());
    }

    private static Fault fails(Kind kind) {
        return new Fault.Fails(kind);
    }

    private static void assertFails(Kind kind, ThrowingCallable call) {
        StoreContract.assertFails(kind, call);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
