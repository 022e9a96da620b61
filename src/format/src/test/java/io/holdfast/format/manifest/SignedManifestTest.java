package io.holdfast.format.manifest;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.format.age.X25519Identity;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SignedManifestTest {
    @Test
    void whatIsSignedReadsBack() throws Exception {
        KeyPair keys = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        Manifest manifest = manifest();
        SignedManifest read = SignedManifest.parse(SignedManifest.sign(manifest, keys));
        assertThat(read.manifest()).isEqualTo(manifest);
        read.requireSignedBy(List.of(keys.getPublic()));
    }

    static Manifest manifest() {
        return new Manifest(
                Manifest.FORMAT,
                "3f0c6a1e-instance",
                "20261122T230000Z-1",
                17,
                Instant.parse("2026-11-22T23:00:00.123Z"),
                Instant.parse("2026-11-22T23:10:00Z"),
                "postgresql",
                "15.8",
                1,
                List.of(X25519Identity.generate(new SecureRandom()).recipient().toString()),
                List.of(new Manifest.Artifact(
                        "db-0001",
                        "pg_dump",
                        "na\"me 🐘",
                        123_456,
                        List.of(
                                new Manifest.Segment(1000, "0f".repeat(32)),
                                new Manifest.Segment(7, "a0".repeat(32))))),
                Map.of("rows", 12L, "tables", 3L));
    }
}
