package io.holdfast.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.holdfast.format.age.AgeException;
import io.holdfast.format.age.X25519Identity;
import io.holdfast.format.age.X25519Recipient;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Recipients, and files of identities: what is read of them says the same when it is written. */
final class AgeKeys implements Target {
    private static final String START = "AGE-SECRET-KEY-1";
    private static final int TELLING = 8;
    private static final int LARGE = 1024 * 1024;
    private static final int FOR_EACH_BYTE = 200;

    @Override
    public List<byte[]> seeds() {
        X25519Identity identity = X25519Identity.of("an identity for fuzzing, 32 byte".getBytes(UTF_8));
        List<byte[]> seeds = new ArrayList<>();
        for (String text : List.of(
                identity.recipient().toString(),
                identity.encoded(),
                "# created: 2026-11-22T23:00:00Z\n# public key: " + identity.recipient() + "\r\n\n  "
                        + identity.encoded() + "\n")) {
            seeds.add(text.getBytes(UTF_8));
        }
        return seeds;
    }

    @Override
    public boolean read(byte[] input) {
        String text = new String(input, UTF_8);
        boolean recipient = isRecipient(text);
        return isIdentities(text) || recipient;
    }

    private static boolean isRecipient(String text) {
        try {
            String written = X25519Recipient.parse(text).toString();
            if (!written.equals(text)) {
                throw new AssertionError("two texts for one recipient: " + text + ", " + written);
            }
            return true;
        } catch (AgeException e) {
            return false;
        }
    }

    private static boolean isIdentities(String text) {
        try {
            for (X25519Identity identity : X25519Identity.parseFile(text)) {
                if (!text.contains(identity.encoded())
                        || !X25519Identity.parse(identity.encoded()).equals(identity)) {
                    throw new AssertionError("another identity than was written down, of " + identity.recipient());
                }
            }
            return true;
        } catch (AgeException e) {
            if (secretsIn(text).anyMatch(String.valueOf(e.getMessage())::contains)) {
                throw new AssertionError("the message has the secret in it", e);
            }
            return false;
        }
    }

    /** Enough of each secret to recognize it; a message may name what secrets begin with. */
    private static Stream<String> secretsIn(String text) {
        return text.lines()
                .filter(line -> line.strip().startsWith(START))
                .map(line -> line.strip().substring(START.length()))
                .filter(rest -> rest.matches("[A-Z0-9]{" + TELLING + ",}"))
                .map(rest -> rest.substring(0, TELLING));
    }

    @Override
    public long mostBytes(int length) {
        return LARGE + (long) FOR_EACH_BYTE * length;
    }
}
