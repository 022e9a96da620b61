package io.holdfast.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What {@code pause} and {@code resume} are about: one of them. */
final class PauseScope {
    @Option(names = "--instance", paramLabel = "INSTANCE", required = true, description = "The jobs of one instance.")
    private @Nullable InstanceId instance;

    @Option(
            names = "--store",
            required = true,
            description = "The store: no job starts, and the manager itself does not use it.")
    private boolean store;

    @Option(names = "--everything", required = true, description = "All jobs, and what the manager does automatically.")
    private boolean everything;

    /** The path of the pause in the API. */
    String path() {
        return instance != null ? instance.path() + "/pause" : "/queue/pauses/" + (everything ? "everything" : "store");
    }

    @Override
    public String toString() {
        return instance != null ? instance.text() : store ? "the store" : "everything";
    }
}
