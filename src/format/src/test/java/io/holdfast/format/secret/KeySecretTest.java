package io.holdfast.format.secret;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeySecretTest {
    private static final String TEXT = "q7w8e9r0t1y2u3i4o5p6a7s8d9f0g1h2j3k4l5z6";

    @TempDir
    Path directory = Path.of("");

    @Test
    void theKeysFollowFromTheTextAsHkdfSays() throws Exception {
        KeySecret secret = KeySecret.read(Files.writeString(directory.resolve("secret"), TEXT + "\n"));

        byte[] extracted = hmac("holdfast/v1/key-secret".getBytes(StandardCharsets.UTF_8), TEXT);
        assertThat(HexFormat.of().formatHex(secret.signingSeed()))
                .isEqualTo(HexFormat.of().formatHex(hmac(extracted, "signing-key\u0001")));
        assertThat(secret.masterIdentity().encoded())
                .startsWith("AGE-SECRET-KEY-1")
                .isEqualTo(io.holdfast.format.age.X25519Identity.of(hmac(extracted, "master-identity\u0001"))
                        .encoded());
    }

    @Test
    void aShortTextIsRefusedWithoutBeingQuoted() throws IOException {
        Path file = Files.writeString(directory.resolve("secret"), "  too short a secret  ");

        assertThatThrownBy(() -> KeySecret.read(file))
                .isInstanceOf(IOException.class)
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
