package io.holdfast.protocol.logging;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.LayoutBase;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/**
 * One line for each event: time, level, thread, class, and what happened. The lines of a stack trace follow, each of which
 * begins with a tab, so that none can be taken for an event.
 */
final class LineLayout extends LayoutBase<ILoggingEvent> {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSX").withZone(ZoneOffset.UTC);

    @Override
    public String doLayout(ILoggingEvent event) {
        StringBuilder line = new StringBuilder();
        TIME.formatTo(event.getInstant(), line);
        String level = event.getLevel().toString();
        String logger = event.getLoggerName();
        line.append(' ')
                .append(level)
                .append(" ".repeat(Math.max(1, 6 - level.length())))
                .append('[')
                .append(LogText.escaped(event.getThreadName()))
                .append("] ")
                .append(logger, logger.lastIndexOf('.') + 1, logger.length())
                .append(": ")
                .append(LogText.escaped(event.getFormattedMessage()))
                .append('\n');
        IThrowableProxy thrown = event.getThrowableProxy();
        if (thrown != null) {
            ThrowableProxyUtil.asString(thrown)
                    .lines()
                    .forEach(each -> line.append('\t')
                            .append(LogText.escaped(each.strip()))
                            .append('\n'));
        }
        return line.toString();
    }
}
