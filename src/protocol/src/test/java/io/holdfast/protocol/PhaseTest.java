package io.holdfast.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.format.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PhaseTest {
    private static final Path API = Path.of("../../docs/api.md");
    private static final Pattern ROW = Pattern.compile("\\| `(\\w+)` \\| \\w+ \\| [^|]+ \\| (yes|no) \\|");

    @Test
    void theApisPageListsThemAll() throws IOException {
        String page = Files.readString(API);
        String phases = page.substring(page.indexOf("\n## Phases"), page.indexOf("\n## Routes of the a9s API"));
        assertThat(ROW.matcher(phases).results().map(PhaseTest::row))
                .containsExactlyElementsOf(Arrays.stream(Phase.values())
                        .map(phase -> phase.word() + " " + phase.replacesLiveData())
                        .toList());
    }

    private static String row(MatchResult row) {
        return row.group(1) + " " + row.group(2).equals("yes");
    }

    @ParameterizedTest
    @EnumSource
    void aPhaseIsReadAsItIsWritten(Phase phase) {
        assertThat(Phase.of(phase.word())).contains(phase);
        assertThat(Json.mapper().readValue(Json.mapper().writeValueAsBytes(phase), Phase.class))
                .isEqualTo(phase);
    }

    @Test
    void otherWordsAreNone() {
        assertThat(Phase.of("rolled_back")).isEmpty();
        assertThat(Phase.of("SWAPPING")).isEmpty();
    }
}
