package io.holdfast.cli.manager;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the API says of an instance's passphrase. */
public record Passphrase(boolean set, String custody) {
    /** Whether only its holder can restore. */
    public boolean isUsers() {
        return custody.equals("user");
    }

    /** An instance, of which only this is wanted. */
    public record Holder(Passphrase passphrase) {}

    /** The answer to a change. */
    public record Changed(@Nullable Strength encryptionKeyStrength) {}

    /** How hard a new one is to guess: 0 to 4. */
    public record Strength(
            int score, @Nullable String warning, @Nullable List<String> suggestions) {
        /** What would make it better. */
        public List<String> advice() {
            List<String> advice = new ArrayList<>();
            if (warning != null && !warning.isEmpty()) {
                advice.add(warning.endsWith(".") ? warning : warning + ".");
            }
            if (suggestions != null) {
                advice.addAll(suggestions);
            }
            return advice;
        }
    }
}
