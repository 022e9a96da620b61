package io.holdfast.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.cli.terminal.ProgressDisplay.Step;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ProgressDisplayTest {
    private static final long SECOND = 1_000_000_000L;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final PrintStream err = new PrintStream(bytes, true, StandardCharsets.UTF_8);
    private final AtomicLong now = new AtomicLong();

    @Test
    void barShowsShareSpeedAndTimeLeft() {
        ProgressDisplay display = new ProgressDisplay(err, true, now::get);
        display.show(new Step("dumping app", 0, 1_000_000_000L));
        now.addAndGet(2 * SECOND);
        display.show(new Step("dumping app", 200_000_000, 1_000_000_000L));

        assertThat(drawn()).endsWith("\rdumping app [==>         ] 20 %  200 MB of 1.00 GB  100 MB/s  0:08 left\033[K");
    }

    @Test
    void longNamesAreCutAndNumbersAreNot() {
        ProgressDisplay display = new ProgressDisplay(err, true, now::get);
        display.show(new Step("x".repeat(200), 1, 2L));

        assertThat(drawn()).hasSize(1 + 79 + 3).contains("x… [").endsWith("1 B of 2 B\033[K");
    }

    @Test
    void estimateThatWasTooLowDoesNotLookFinished() {
        ProgressDisplay display = new ProgressDisplay(err, true, now::get);
        display.show(new Step("dumping", 2000, 1000L));

        assertThat(drawn()).contains("99 %").contains("2.00 kB of 2.00 kB");
    }

    @Test
    void withoutTerminalThereIsALineNowAndThen() {
        ProgressDisplay display = new ProgressDisplay(err, false, now::get);
        for (int second = 0; second <= 20; second++) {
            display.show(new Step(second < 15 ? "dumping" : "uploading", second * 1_000_000L, null));
            now.addAndGet(SECOND);
        }

        assertThat(drawn().lines())
                .containsExactly("dumping", "dumping  10.0 MB  1.00 MB/s", "uploading  15.0 MB  1.00 MB/s");
    }

    @Test
    void anotherAttemptStartsAnew() {
        ProgressDisplay display = new ProgressDisplay(err, false, now::get);
        display.show(new Step("first", 900_000_000, null));
        now.addAndGet(SECOND);
        display.show(new Step("second", 1_000_000, null));

        assertThat(drawn().lines()).containsExactly("first  900 MB", "second  1.00 MB");
    }

    @Test
    void speedHoldsBetweenReportsAndFallsInALongSilence() {
        ProgressDisplay display = new ProgressDisplay(err, true, now::get);
        display.show(new Step("dumping", 0, null));
        now.addAndGet(2 * SECOND);
        display.show(new Step("dumping", 20_000_000, null));
        now.addAndGet(SECOND);
        display.show(new Step("dumping", 20_000_000, null));
        assertThat(drawn()).endsWith("20.0 MB  10.0 MB/s\033[K");

        now.addAndGet(30 * SECOND);
        display.show(new Step("dumping", 20_000_000, null));
        assertThat(drawn()).endsWith("20.0 MB\033[K");
    }

    @Test
    void closingClearsTheBar() {
        ProgressDisplay display = new ProgressDisplay(err, true, now::get);
        display.show(new Step("dumping", 0, null));
        display.close();

        assertThat(drawn()).endsWith("\r\033[K");
    }

    private String drawn() {
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
