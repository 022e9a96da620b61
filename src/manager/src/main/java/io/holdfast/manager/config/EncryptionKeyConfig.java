package io.holdfast.manager.config;

import io.holdfast.protocol.settings.SettingsReader;
import java.time.Duration;

/**
 * Rules for the passphrases that users set.
 *
 * @param minLength how many characters a new one has at least
 * @param workFactor base-2 logarithm of scrypt's cost: each takes 2<sup>that</sup> KiB of memory for about as long as it
 *     takes to fill it
 * @param atOnce how many are worked on at once
 * @param mostWrong how many wrong ones in {@code wrongWithin} an instance may see
 * @param wrongWithin how long that counts
 */
public record EncryptionKeyConfig(int minLength, int workFactor, int atOnce, int mostWrong, Duration wrongWithin) {
    /** The length that the API of old demands. */
    private static final int USUAL_LENGTH = 8;

    static EncryptionKeyConfig read(SettingsReader settings) {
        return new EncryptionKeyConfig(
                settings.integer("min_length", USUAL_LENGTH, 1, 64),
                settings.integer("work_factor", 16, 10, 20),
                settings.integer("max_concurrent", 1, 1, 16),
                settings.integer("max_wrong", 5, 1, 1_000),
                Duration.ofSeconds(settings.integer("wrong_within_seconds", 900, 1, 86_400)));
    }
}
