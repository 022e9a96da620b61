package io.holdfast.manager.simulation;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.random.RandomGenerator;

/** All randomness of a simulation, from one seed. */
final class Chance {
    private final Random random;

    Chance(long seed) {
        // Neighbouring seeds of Random begin alike.
        this.random = new Random(seed * 0x9E3779B97F4A7C15L);
    }

    /** Whether something happens that does so many times in a thousand. */
    boolean perMille(int times) {
        return times > 0 && random.nextInt(1000) < times;
    }

    /** From 0 to one less than the bound. */
    int below(int bound) {
        return random.nextInt(bound);
    }

    int between(int least, int most) {
        return least + random.nextInt(most - least + 1);
    }

    Duration seconds(int least, int most) {
        return Duration.ofMillis(random.nextLong(least * 1000L, most * 1000L + 1));
    }

    <T> T oneOf(List<T> all) {
        return all.get(random.nextInt(all.size()));
    }

    byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        random.nextBytes(bytes);
        return bytes;
    }

    /** For production code that wants a generator. */
    RandomGenerator generator() {
        return random;
    }

    /** For production code that makes keys. */
    SecureRandom secure() {
        return new Determined(random);
    }

    /** As unpredictable as its seed is secret: not at all. */
    private static final class Determined extends SecureRandom {
        private final transient Random random;

        Determined(Random random) {
            this.random = random;
        }

        @Override
        public void nextBytes(byte[] bytes) {
            random.nextBytes(bytes);
        }
    }
}
