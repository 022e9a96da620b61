package io.holdfast.manager;

import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Parts that have to be closed: the last that was added first, and all of them whatever happens. */
final class Closing implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Closing.class);

    private final List<AutoCloseable> parts = new ArrayList<>();

    /** Adds one, and gives it back. */
    <T extends AutoCloseable> T add(T part) {
        parts.add(part);
        return part;
    }

    @Override
    public void close() {
        for (AutoCloseable part : parts.reversed()) {
            try {
                part.close();
            } catch (Exception e) {
                log.warn("a part did not stop cleanly", e);
            }
        }
        parts.clear();
    }
}
