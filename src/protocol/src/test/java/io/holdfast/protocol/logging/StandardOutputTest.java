package io.holdfast.protocol.logging;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import ch.qos.logback.core.encoder.Encoder;
import io.holdfast.format.json.Json;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What others say is in the log as they have said it, but in a line that is not theirs. */
class StandardOutputTest {
    private static final String FORGED = "2026-11-01T00:00:00.000Z INFO  [main] Manager: all is well";

    /** Ends of lines of all kinds, a terminal's escape, a delete, a change of the direction of writing. */
    private static final String HOSTILE = "bad\n" + FORGED + "\r" + FORGED + "\u0085" + FORGED + "\u2028" + FORGED
            + "\u000b\u000c\u001b[2J\u007f\u009b1A\u202e\u2066 end";

    private final LoggerContext context = new LoggerContext();

    private String written(Encoder<ILoggingEvent> encoder, @Nullable Throwable thrown) {
        context.setMDCAdapter(new LogbackMDCAdapter());
        encoder.setContext(context);
        encoder.start();
        LoggingEvent event = new LoggingEvent(
                "x", context.getLogger("io.holdfast.Somewhere"), Level.WARN, "job {}: {}", thrown, new Object[] {
                    7, HOSTILE
                });
        event.setInstant(Instant.parse("2026-11-29T12:00:00.123Z"));
        event.setThreadName("worker-1");
        return new String(encoder.encode(event), StandardCharsets.UTF_8);
    }

    @Test
    void s11_aMessageIsOneLineOfTextWhateverIsInIt() {
        String line = written(StandardOutput.text(context), null);
        assertThat(line)
                .startsWith("2026-11-29T12:00:00.123Z WARN  [worker-1] Somewhere: job 7: bad\\n2026-11-01")
                .endsWith("\\u000b\\u000c\\u001b[2J\\u007f\\u009b1A\\u202e\\u2066 end\n");
        assertThat(line.codePoints().filter(StandardOutputTest::isControl)).containsExactly('\n' + 0);
    }

    @Test
    void s11_aStackTraceHasNoLineThatLooksLikeAnEvent() {
        String text = written(
                StandardOutput.text(context), new IllegalStateException(HOSTILE, new RuntimeException("\n" + FORGED)));
        assertThat(text.lines().skip(1)).isNotEmpty().allMatch(line -> line.startsWith("\t"));
        assertThat(text).contains("\tjava.lang.IllegalStateException: bad", "Caused by: ", "StandardOutputTest");
        assertThat(text.codePoints().filter(each -> each != '\t' && isControl(each)))
                .containsOnly('\n' + 0);
    }

    @Test
    void s11_jsonIsOneLineToo() {
        String json = written(StandardOutput.json(), new IllegalStateException(HOSTILE));
        assertThat(json.codePoints().filter(StandardOutputTest::isControl)).containsExactly('\n' + 0);
        assertThat(Json.mapper().readTree(json).get("formattedMessage").asString())
                .isEqualTo("job 7: " + HOSTILE);
    }

    private static boolean isControl(int character) {
        return switch (Character.getType(character)) {
            case Character.CONTROL, Character.FORMAT, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> true;
            default -> false;
        };
    }
}
