package io.holdfast.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WordingTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0 B",
        "999, 999 B",
        "1000, 1.00 kB",
        "9994, 9.99 kB",
        "9996, 10.0 kB",
        "99949, 99.9 kB",
        "99960, 100 kB",
        "999499, 999 kB",
        "999600, 1.00 MB",
        "9223372036854775807, 9.22 EB"
    })
    void sizesHaveThreeDigits(long bytes, String expected) {
        assertThat(Wording.size(bytes)).isEqualTo(expected);
    }

    @Test
    void timesAreInUtc() {
        assertThat(Wording.time(Instant.parse("2026-11-22T23:59:59.999Z"))).isEqualTo("2026-11-22 23:59:59Z");
        assertThat(Wording.time(null)).isEqualTo("-");
        assertThat(Wording.duration(Duration.ofSeconds(3 * 3600 + 62))).isEqualTo("3:01:02");
    }

    @Test
    void foreignTextCannotSteerTheTerminal() {
        assertThat(Wording.printable("a\u001b[2Jb\r\n\u202ec\u0000 🦉 ü")).isEqualTo("a [2Jb   c  🦉 ü");
    }
}
