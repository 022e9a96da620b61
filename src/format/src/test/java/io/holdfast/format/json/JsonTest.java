package io.holdfast.format.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.exc.UnrecognizedPropertyException;

class JsonTest {
    private record Event(Instant at) {}

    private static Event read(String at) {
        return Json.mapper().readValue("{\"at\":" + at + "}", Event.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "2026-11-30T06:00:00Z",
                "2026-11-30T06:00:00.123456789Z",
                "0000-01-01T00:00:00Z",
                "9999-12-31T23:59:59.999999999Z"
            })
    void timesReadBackAsTheyAreWritten(String time) {
        Event event = read("\"" + time + "\"");
        assertThat(event.at()).isEqualTo(Instant.parse(time));
        assertThat(Json.mapper().writeValueAsString(event)).isEqualTo("{\"at\":\"" + time + "\"}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1",
                "-0",
                "1.5",
                "1e400",
                "\"2026\"",
                "\"\"",
                "\"2026-11-30\"",
                "\"+10000-01-01T00:00:00Z\"",
                "\"+999999999-01-01T00:00:00Z\"",
                "\"-0001-01-01T00:00:00Z\"",
                "true",
                "[]",
                "{}"
            })
    void nothingElseIsTakenForATime(String other) {
        assertThatThrownBy(() -> read(other)).isInstanceOf(JacksonException.class);
    }

    @Test
    void aTimeMayBeMissing() {
        assertThat(read("null").at()).isNull();
    }

    @Test
    void onlyTheTolerantMapperPassesOverNamesThatItDoesNotKnow() {
        String newer = "{\"at\":\"2026-11-30T06:00:00Z\",\"of_a_later_release\":{\"a\":[1]}}";
        assertThat(Json.tolerantMapper().readValue(newer, Event.class).at()).isEqualTo("2026-11-30T06:00:00Z");
        assertThatThrownBy(() -> Json.mapper().readValue(newer, Event.class))
                .isInstanceOf(UnrecognizedPropertyException.class);
        assertThatThrownBy(() -> Json.tolerantMapper().readValue("{\"at\":1}", Event.class))
                .as("else it is as strict")
                .isInstanceOf(JacksonException.class);
    }
}
