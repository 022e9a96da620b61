package io.holdfast.agent.adapter;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A dump in progress: a row of streams, each read once, in order. */
public interface Dump {
    /** The service's version. */
    @Nullable String engineVersion();

    /** About how many bytes all streams together have, or null. */
    @Nullable Long estimatedBytes();

    /** What is dumped, in the order in which it is to be restored. */
    List<Artifact> artifacts();

    /** Counts for a later restore to be checked against; complete when all streams were read. */
    Map<String, Long> facts();

    /**
     * What people should know of the backup, in sentences: what is not in it, and what a restore of it will not be able to
     * do; complete when all streams were read.
     */
    default List<String> notes() {
        return List.of();
    }

    /** One stream of a dump. */
    interface Artifact {
        /** Its name in the store: {@code [a-z0-9][a-z0-9_-]{0,62}}. */
        String name();

        /** What it is to the adapter. */
        String type();

        /** The true name of what is dumped. */
        String source();

        /**
         * Starts it. The end of the stream is reached only by a dump that is complete: its program has ended well and
         * its end mark was seen. Otherwise reading throws. Closing it ends the program in any case.
         */
        InputStream open() throws IOException, InterruptedException;
    }
}
