package io.holdfast.manager.keys;

import com.nulabinc.zxcvbn.Feedback;
import com.nulabinc.zxcvbn.Strength;
import com.nulabinc.zxcvbn.Zxcvbn;
import java.util.List;

/**
 * How hard a passphrase is to guess, by the library zxcvbn. Nothing in it is of the passphrase itself.
 *
 * @param score from 0, guessed at once, to 4
 * @param warning what is weak about it, or empty
 * @param suggestions what would make it better
 */
public record PassphraseStrength(int score, String warning, List<String> suggestions) {
    /** The library's work grows faster than the text; what is longer is strong if its beginning is. */
    private static final int LOOKED_AT = 100;

    private static final Zxcvbn ZXCVBN = new Zxcvbn();

    /** Estimates one. */
    public static PassphraseStrength of(String passphrase) {
        Strength strength = ZXCVBN.measure(passphrase.substring(0, Math.min(passphrase.length(), LOOKED_AT)));
        Feedback feedback = strength.getFeedback();
        return new PassphraseStrength(
                strength.getScore(), feedback.getWarning(), List.copyOf(feedback.getSuggestions()));
    }
}
