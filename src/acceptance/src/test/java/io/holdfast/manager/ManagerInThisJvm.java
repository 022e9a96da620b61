package io.holdfast.manager;

import io.holdfast.manager.config.ManagerConfig;
import java.io.IOException;
import java.nio.file.Path;

/** A whole manager in the tests' own JVM, put together as {@link Main} does it: warm after the first one. */
public final class ManagerInThisJvm implements AutoCloseable {
    private final Manager manager;

    /**
     * Starts it; returns once it serves.
     *
     * @param config its configuration file
     * @throws IOException when a file cannot be read or an address is taken
     */
    public ManagerInThisJvm(Path config) throws IOException {
        manager = new Manager(ManagerConfig.read(config), point -> {});
    }

    @Override
    public void close() {
        manager.close();
    }
}
