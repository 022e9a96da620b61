package io.holdfast.agent.work;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.format.json.Json;
import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.JobFailure;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/** However much there is to say, the manager takes the report. */
class BriefTest {
    private static final int TEXTS = 64 * 1024;
    private static final int NAMES = 1024 * 1024;

    @Test
    void whatIsShortStaysAsItIs() {
        assertThat(Brief.text("no such database")).isEqualTo("no such database");
        assertThat(Brief.sentences(List.of("a", "b"))).containsExactly("a", "b");
        assertThat(Brief.names(List.of("a", "b"))).containsExactly("a", "b");
    }

    @Test
    void theEndOfALongTextStays() {
        assertThat(Brief.text("pg_dump: " + "x".repeat(10_000) + " no such table"))
                .startsWith("pg_dump: ")
                .endsWith(" no such table");
    }

    @Test
    void s4_whatIsLongFitsAndSaysThatItWasCut() {
        String worst = "\u0001".repeat(100_000);
        JobFailure failure = new JobFailure(1, FailureCode.DUMP_FAILED, Brief.text(worst), Brief.text(worst), null);
        assertThat(Json.mapper().writeValueAsBytes(failure)).hasSizeLessThan(TEXTS);
        assertThat(failure.message()).contains("96000 characters are in the agent's log");
        List<String> sentences = Brief.sentences(Collections.nCopies(1_000, "\u20ac".repeat(1_000)));
        assertThat(Json.mapper().writeValueAsBytes(sentences)).hasSizeLessThan(TEXTS);
        assertThat(sentences.getLast()).isEqualTo("… and 960 more");
        List<String> names = Brief.names(Collections.nCopies(50_000, "x".repeat(255)));
        assertThat(Json.mapper().writeValueAsBytes(names)).hasSizeLessThan(NAMES / 3);
        assertThat(names.getLast()).isEqualTo("… and 49000 more");
    }
}
