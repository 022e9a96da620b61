package io.holdfast.format.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Collections;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RunsTest {
    @ParameterizedTest
    @ValueSource(strings = {"0", "0-17,19-262143", "5,7,9-10", "999999999"})
    void textIsReadAndWrittenAsItWas(String text) {
        assertThat(Runs.parse(text)).hasToString(text);
    }

    @Test
    void numbersAreCountedAndFound() {
        Runs runs = Runs.parse("0-2,5,8-9");
        assertThat(runs.count()).isEqualTo(6);
        assertThat(runs.contains(0)).isTrue();
        assertThat(runs.contains(2)).isTrue();
        assertThat(runs.contains(3)).isFalse();
        assertThat(runs.contains(5)).isTrue();
        assertThat(runs.contains(7)).isFalse();
        assertThat(runs.contains(9)).isTrue();
        assertThat(runs.contains(10)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ",",
                "1,",
                ",1",
                "1-",
                "-1",
                "1-1",
                "2-1",
                "1,2",
                "1-3,4",
                "3,1",
                "1,1",
                "01",
                "1-02",
                "+1",
                "1 ",
                "1000000000",
                "0-1000000000",
                "1--2",
                "a",
                "1-2-3",
                "99999999999999999999"
            })
    void anyOtherTextIsRefused(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> Runs.parse(text));
    }

    @Test
    void tooManyAreRefused() {
        String text = String.join(",", Collections.nCopies(Runs.MOST + 1, "1"));
        assertThatIllegalArgumentException().isThrownBy(() -> Runs.parse(text));
    }
}
