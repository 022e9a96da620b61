package io.holdfast.agent.adapter;

import java.io.IOException;
import java.io.InputStream;

/**
 * An artifact of a dump.
 *
 * @param source what it was, for people, such as a database's name
 * @param opener begins it
 */
public record DumpStream(String name, String type, String source, Opener opener) implements Dump.Artifact {
    /** Begins a stream; called once. */
    public interface Opener {
        InputStream open() throws IOException, InterruptedException;
    }

    /** One that is what its name says. */
    public DumpStream(String name, String type, Opener opener) {
        this(name, type, name, opener);
    }

    @Override
    public InputStream open() throws IOException, InterruptedException {
        return opener.open();
    }
}
