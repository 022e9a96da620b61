package io.holdfast.format.secret;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;

class KeySecretTest {
    private static final String TEXT = "q7w8e9r0t1y2u3i4o5p6a7s8d9f0g1h2j3k4l5z6";

    @Test
    void theKeysFollowFromTheTextAsHkdfSays() throws Exception {
        KeySecret secret = KeySecret.of(TEXT + "\n");

        byte[] extracted = hmac("holdfast/v1/key-secret".getBytes(StandardCharsets.UTF_8), TEXT);
        assertThat(HexFormat.of().formatHex(secret.signingSeed()))
                .isEqualTo(HexFormat.of().formatHex(hmac(extracted, "signing-key\u0001")));
        assertThat(secret.masterIdentity().encoded())
                .startsWith("AGE-SECRET-KEY-1")
                .isEqualTo(io.holdfast.format.age.X25519Identity.of(hmac(extracted, "master-identity\u0001"))
                        .encoded());
    }

    @Test
    void aShortTextIsRefusedWithoutBeingQuoted() {
        assertThatThrownBy(() -> KeySecret.of("  too short a secret  "))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("40")
                .message()
                .doesNotContain("too short");
    }

    /** HKDF's two steps are one HMAC each when 32 bytes are wanted (RFC 5869, 2.2 and 2.3). */
    private static byte[] hmac(byte[] key, String message) throws Exception {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        return mac.doFinal(message.getBytes(StandardCharsets.UTF_8));
    }
}
