package io.holdfast.agent.work;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.format.segment.SegmentSizes;
import io.holdfast.protocol.Assignment;
import java.util.List;
import org.junit.jupiter.api.Test;

class ArtifactSizesTest {
    private static final int SMALL = 512 * 1024;
    private static final int MIDDLE = 1024 * 1024;
    private static final int LARGE = 2 * 1024 * 1024;
    private static final long GIB = 1L << 30;
    private static final SegmentSizes LARGEST = new SegmentSizes(MIDDLE);

    @Test
    void artifactOfTheLenderKeepsItsMeanWhileThatIsNotFarOff() {
        assertThat(mean(lender(SMALL, GIB / 5), "app")).isEqualTo(SMALL);
        assertThat(mean(lender(MIDDLE, GIB), "app")).isEqualTo(MIDDLE);
        assertThat(mean(lender(MIDDLE, 1), "app")).isEqualTo(MIDDLE);
    }

    @Test
    void artifactWhoseMeanIsFarOffGetsWhatFits() {
        assertThat(mean(lender(LARGE, 1), "app")).isEqualTo(SMALL);
        assertThat(mean(lender(SMALL, GIB), "app")).isEqualTo(MIDDLE);
    }

    @Test
    void noMeanIsAboveWhatThereIsMemoryFor() {
        assertThat(mean(lender(LARGE, GIB), "app")).isEqualTo(MIDDLE);
        assertThat(mean(lender(SMALL, 1000 * GIB), "app")).isEqualTo(MIDDLE);
        assertThat(new ArtifactSizes(LARGEST, null, 1000 * GIB, 1).of("app").mean())
                .isEqualTo(MIDDLE);
    }

    @Test
    void artifactThatTheLenderDoesNotHaveIsCutAsItsShareOfTheDumpSays() {
        assertThat(mean(lender(SMALL, 1), "other")).isEqualTo(MIDDLE);
        assertThat(new ArtifactSizes(LARGEST, null, GIB, 100).of("app").mean()).isEqualTo(SMALL);
        assertThat(new ArtifactSizes(LARGEST, null, null, 1).of("app").mean()).isEqualTo(SMALL);
        assertThat(new ArtifactSizes(LARGEST, null, GIB, 0).of("app").mean()).isEqualTo(MIDDLE);
    }

    private static int mean(Assignment.Lender lender, String artifact) {
        return new ArtifactSizes(LARGEST, lender, GIB, 1).of(artifact).mean();
    }

    private static Assignment.Lender lender(int mean, long bytes) {
        return new Assignment.Lender("before", 1, List.of(new Assignment.LenderArtifact("app", bytes, mean)));
    }
}
