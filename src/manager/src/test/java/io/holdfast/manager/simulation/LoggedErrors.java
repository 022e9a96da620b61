package io.holdfast.manager.simulation;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.LoggerFactory;

/** Hears of failures that the managers did not foresee: they log them with their cause, and go on. All else is silenced. */
final class LoggedErrors extends AppenderBase<ILoggingEvent> implements AutoCloseable {
    private static final Logger LOG = (Logger) LoggerFactory.getLogger("io.holdfast");

    private final List<String> errors = new ArrayList<>();

    LoggedErrors() {
        LOG.setLevel(Level.ERROR);
        LOG.setAdditive(false);
        LOG.addAppender(this);
        start();
    }

    @Override
    protected void append(ILoggingEvent event) {
        // A manager outlives errors of its tasks, but not its own end.
        if (event.getThrowableProxy() != null
                && !event.getThrowableProxy().getClassName().equals(Coroutine.Killed.class.getName())) {
            errors.add(event.getFormattedMessage() + ": "
                    + event.getThrowableProxy().getMessage());
        }
    }

    List<String> take() {
        List<String> taken = List.copyOf(errors);
        errors.clear();
        return taken;
    }

    @Override
    public void close() {
        LOG.detachAppender(this);
        LOG.setAdditive(true);
        LOG.setLevel(null);
    }
}
