package io.holdfast.format.age;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.format.age.AgeException.Kind;
import io.holdfast.format.age.AgeVectors.Vector;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class AgeVectorTest {
    private static final String POST_QUANTUM = "AGE-SECRET-KEY-PQ-1";
    private static final Set<Kind> NO_MATCH =
            EnumSet.of(Kind.NO_MATCHING_KEY, Kind.WRONG_PASSPHRASE, Kind.UNSUPPORTED_RECIPIENT);
    private static final Set<Kind> HEADER_FAILURE = EnumSet.of(
            Kind.NOT_AGE,
            Kind.UNSUPPORTED_VERSION,
            Kind.BAD_HEADER,
            Kind.BAD_STANZA,
            Kind.BAD_BASE64,
            Kind.LOW_ORDER_POINT,
            Kind.PASSPHRASE_NOT_ALONE,
            Kind.EXCESSIVE_WORK_FACTOR,
            Kind.TRUNCATED);
    private static final Set<Kind> PAYLOAD_FAILURE =
            EnumSet.of(Kind.TRUNCATED, Kind.BAD_CHUNK, Kind.EMPTY_FINAL_CHUNK, Kind.DATA_AFTER_END);
    private static final Set<Kind> ARMOR_FAILURE =
            EnumSet.of(Kind.BAD_ARMOR, Kind.NOT_AGE, Kind.TRUNCATED, Kind.DATA_AFTER_END);

    static List<Vector> vectors() throws Exception {
        return AgeVectors.all();
    }

    @ParameterizedTest
    @MethodSource("vectors")
    void vectorDecryptsOrFailsAsItSays(Vector vector) throws Exception {
        if (vector.values("identity").stream().anyMatch(identity -> identity.startsWith(POST_QUANTUM))) {
            assertThatPostQuantumIsRefused(vector);
            return;
        }
        Outcome outcome = decrypt(vector, identities(vector));
        switch (vector.expected()) {
            case "success" -> assertThat(outcome.failures()).isEmpty();
            case "no match" -> assertThat(outcome.failures()).singleElement().isIn(NO_MATCH);
            case "HMAC failure" -> assertThat(outcome.failures()).containsExactly(Kind.BAD_MAC);
            case "header failure" ->
                assertThat(outcome.failures()).singleElement().isIn(HEADER_FAILURE);
            case "payload failure" ->
                assertThat(outcome.failures()).singleElement().isIn(PAYLOAD_FAILURE);
            case "armor failure" ->
                assertThat(outcome.failures()).singleElement().isIn(ARMOR_FAILURE);
            default -> throw new AssertionError("unknown expectation: " + vector.expected());
        }
        if (!vector.values("payload").isEmpty()) {
            assertThat(outcome.payloadSha256())
                    .isEqualTo(vector.values("payload").getFirst());
        }
        if (!Set.of("success", "payload failure", "armor failure").contains(vector.expected())) {
            assertThat(outcome.anyPayload()).isFalse();
        }
    }

    /** The identity has a kind of its own; a file for such recipients is told apart from one for another key. */
    private static void assertThatPostQuantumIsRefused(Vector vector) throws Exception {
        for (String identity : vector.values("identity")) {
            if (identity.startsWith(POST_QUANTUM)) {
                assertThatThrownBy(() -> X25519Identity.parse(identity))
                        .isInstanceOfSatisfying(
                                AgeException.class, e -> assertThat(e.kind()).isEqualTo(Kind.UNSUPPORTED_KEY));
            }
        }
        Outcome outcome = decrypt(vector, List.of(X25519Identity.generate(new SecureRandom())));
        Set<Kind> refusals = EnumSet.of(Kind.UNSUPPORTED_RECIPIENT, Kind.NO_MATCHING_KEY);
        refusals.addAll(vector.expected().equals("header failure") ? HEADER_FAILURE : Set.of());
        assertThat(outcome.failures()).singleElement().isIn(refusals);
        assertThat(outcome.anyPayload()).isFalse();
    }

    private static List<Identity> identities(Vector vector) throws AgeException {
        List<Identity> identities = new ArrayList<>();
        for (String identity : vector.values("identity")) {
            identities.add(X25519Identity.parse(identity));
        }
        for (String passphrase : vector.values("passphrase")) {
            identities.add(new PassphraseIdentity(passphrase, 20));
        }
        return identities;
    }

    private record Outcome(List<Kind> failures, boolean anyPayload, String payloadSha256) {}

    private static Outcome decrypt(Vector vector, List<Identity> identities) throws Exception {
        ByteArrayOutputStream released = new ByteArrayOutputStream();
        List<Kind> failures = new ArrayList<>();
        try (InputStream in = Age.decrypt(new ByteArrayInputStream(vector.file()), identities)) {
            in.transferTo(released);
        } catch (AgeException e) {
            failures.add(e.kind());
        }
        String sha256 =
                HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(released.toByteArray()));
        return new Outcome(failures, released.size() > 0, sha256);
    }

    @Test
    void vectorFilesAreTextOrBinaryAsTheySay() throws Exception {
        for (Vector vector : vectors()) {
            boolean armored = !vector.values("armored").isEmpty();
            boolean unwrapped = ArmorReader.unwrap(new ByteArrayInputStream(vector.file())) instanceof ArmorReader;
            if (vector.expected().equals("success")) {
                assertThat(unwrapped).as(vector.toString()).isEqualTo(armored);
            }
        }
    }
}
