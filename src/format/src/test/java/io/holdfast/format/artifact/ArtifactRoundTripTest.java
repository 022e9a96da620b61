package io.holdfast.format.artifact;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ArtifactRoundTripTest {
    private static final long SEGMENT = 2 * 1024 * 1024;

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 1048575, 1048576, 1048577, 2097152, 20_000_000})
    void whatIsWrittenReadsBack(int size) throws Exception {
        byte[] plaintext = new byte[size];
        new Random(size).nextBytes(plaintext);
        StoredArtifact stored = new StoredArtifact(plaintext, new Settings(1, 2, SEGMENT));
        assertThat(stored.summary.plaintextBytes()).isEqualTo(size);
        assertThat(stored.summary.segments())
                .hasSameSizeAs(stored.objects)
                .allSatisfy(segment -> assertThat(segment.bytes()).isLessThanOrEqualTo(SEGMENT));
        try (InputStream in = ArtifactReader.open(stored.sources(stored.objects))) {
            assertThat(in.readAllBytes()).isEqualTo(plaintext);
            assertThat(in.read()).isEqualTo(-1);
        }
    }

    @Test
    void emptyStreamMakesOneSegment() throws Exception {
        assertThat(new StoredArtifact(new byte[0], new Settings(3, 1, SEGMENT)).objects)
                .hasSize(1);
    }
}
