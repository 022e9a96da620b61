package io.holdfast.protocol.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.Encoder;
import ch.qos.logback.core.encoder.LayoutWrappingEncoder;
import ch.qos.logback.core.spi.ContextAwareBase;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * One line for each event on standard output: as text, or as JSON with {@code -Dholdfast.log=json}. In code instead of a
 * file: reading XML would cost the agent some megabytes of memory for as long as it lives. Found by logback through a file
 * of each program's own in {@code META-INF/services}.
 */
public final class StandardOutput extends ContextAwareBase implements Configurator {
    /** Libraries that say more than anybody wants to know. */
    private static final List<String> TALKATIVE =
            List.of("org.eclipse.jetty", "com.zaxxer.hikari", "software.amazon.awssdk");

    @Override
    public ExecutionStatus configure(LoggerContext context) {
        Encoder<ILoggingEvent> encoder =
                System.getProperty("holdfast.log", "text").equals("json") ? json() : text(context);
        encoder.setContext(context);
        encoder.start();
        ConsoleAppender<ILoggingEvent> console = new ConsoleAppender<>();
        console.setContext(context);
        console.setEncoder(encoder);
        console.start();
        TALKATIVE.forEach(each -> context.getLogger(each).setLevel(Level.WARN));
        var root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.setLevel(Level.INFO);
        root.addAppender(console);
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }

    static Encoder<ILoggingEvent> json() {
        JsonEncoder encoder = new EscapingJsonEncoder();
        encoder.setWithFormattedMessage(true);
        encoder.setWithMessage(false);
        encoder.setWithArguments(false);
        encoder.setWithContext(false);
        encoder.setWithSequenceNumber(false);
        return encoder;
    }

    /** JSON demands that some control characters are escaped; this one escapes all. */
    private static final class EscapingJsonEncoder extends JsonEncoder {
        @Override
        public byte[] encode(ILoggingEvent event) {
            String json = new String(super.encode(event), StandardCharsets.UTF_8);
            return LogText.escapedJson(json).getBytes(StandardCharsets.UTF_8);
        }
    }

    static Encoder<ILoggingEvent> text(LoggerContext context) {
        LineLayout layout = new LineLayout();
        layout.setContext(context);
        layout.start();
        LayoutWrappingEncoder<ILoggingEvent> encoder = new LayoutWrappingEncoder<>();
        encoder.setContext(context);
        encoder.setLayout(layout);
        encoder.setCharset(StandardCharsets.UTF_8);
        return encoder;
    }
}
