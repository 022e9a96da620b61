package io.holdfast.format.age;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.format.age.AgeException.Kind;
import java.util.Locale;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeyTextTest {
    private final X25519Identity identity = X25519Identity.generate(AgeFile.RANDOM);
    private final String secret = identity.encoded();
    private final String recipient = identity.recipient().toString();

    @Test
    void secretsAreNotShown() {
        FileKey key = FileKey.random(AgeFile.RANDOM);
        assertThat(identity.toString()).doesNotContainIgnoringCase(secret.substring(16));
        assertThat(key.toString()).isEqualTo("FileKey[hidden]");
        assertThat(new PassphraseRecipient("hunter2", 10).toString()).doesNotContain("hunter2");
        assertThat(new PassphraseIdentity("hunter2", 10).toString()).doesNotContain("hunter2");
    }

    @Test
    void mistypedKeysAreRefused() {
        for (String text : new String[] {
            "",
            "age1",
            recipient.substring(0, 40),
            recipient.toUpperCase(Locale.ROOT),
            recipient.substring(0, 10) + recipient.substring(10).toUpperCase(Locale.ROOT),
            recipient + "q",
            recipient.replace(recipient.charAt(20), recipient.charAt(20) == 'q' ? 'p' : 'q'),
            recipient.substring(0, 20) + "b" + recipient.substring(21),
            Bech32.encode("age", new byte[31]),
            Bech32.encode("age", new byte[33]),
            secret
        }) {
            assertRefused(Kind.BAD_KEY, () -> X25519Recipient.parse(text));
        }
        assertRefused(Kind.BAD_KEY, () -> X25519Identity.parse(secret.toLowerCase(Locale.ROOT)));
        assertRefused(Kind.BAD_KEY, () -> X25519Identity.parse(secret.substring(0, 50)));
        assertRefused(Kind.BAD_KEY, () -> X25519Identity.parse(recipient));
    }

    @Test
    void refusedSecretIsNotQuoted() {
        String mistyped = secret.substring(0, secret.length() - 1);
        assertThatThrownBy(() -> X25519Identity.parseFile("# mine\n" + mistyped + "\n"))
                .hasMessageStartingWith("line 2: ")
                .hasMessageNotContaining(mistyped.substring(16, 30));
    }

    @ParameterizedTest
    @ValueSource(strings = {"age1pq1qqqq", "age1tag1qqqq", "age1tagpq1qqqq", "age1yubikey1qqqq"})
    void otherTypesOfRecipientsAreToldApart(String text) {
        assertRefused(Kind.UNSUPPORTED_KEY, () -> X25519Recipient.parse(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"AGE-SECRET-KEY-PQ-1QQQQ", "AGE-PLUGIN-YUBIKEY-1QQQQ"})
    void otherTypesOfIdentitiesAreToldApart(String text) {
        assertRefused(Kind.UNSUPPORTED_KEY, () -> X25519Identity.parse(text));
    }

    @Test
    void identityFileWithoutIdentityIsRefused() {
        assertRefused(Kind.BAD_KEY, () -> X25519Identity.parseFile("# nothing\n"));
        assertRefused(Kind.BAD_KEY, () -> X25519Identity.parseFile("hello\n"));
    }

    private static void assertRefused(Kind kind, ThrowingCallable parsing) {
        assertThatThrownBy(parsing)
                .isInstanceOfSatisfying(
                        AgeException.class, e -> assertThat(e.kind()).isEqualTo(kind));
    }
}
