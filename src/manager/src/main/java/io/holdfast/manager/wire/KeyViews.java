package io.holdfast.manager.wire;

import io.holdfast.manager.keys.PassphraseStrength;
import java.time.Instant;
import java.util.List;

/** The shapes of keys that operators' clients see, see {@code docs/api.md}. */
public final class KeyViews {
    private KeyViews() {}

    public record PassphraseView(boolean set, String custody) {}

    public record StrengthView(int score, String warning, List<String> suggestions) {
        public static StrengthView of(String passphrase) {
            PassphraseStrength strength = PassphraseStrength.of(passphrase);
            return new StrengthView(strength.score(), strength.warning(), strength.suggestions());
        }
    }

    public record KeyView(
            int version,
            String recipient,
            Instant createdAt,
            boolean current,
            boolean managed,
            boolean passphrase,
            boolean stored) {}
}
