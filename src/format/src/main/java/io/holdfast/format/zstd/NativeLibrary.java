package io.holdfast.format.zstd;

import com.github.luben.zstd.Zstd;
import java.io.IOException;

/** The native library that this package rests on. */
public final class NativeLibrary {
    private NativeLibrary() {}

    /**
     * Loads the library now, so that a machine on which it cannot be loaded is told at the start, not in the middle of a
     * backup. It comes from the file that the system property {@code ZstdNativePath} names; without that property it is
     * unpacked into {@code java.io.tmpdir}, from which the system must let files be executed.
     *
     * @throws IOException if it cannot be loaded, with what is in the way and what to do
     */
    public static void load() throws IOException {
        try {
            Zstd.defaultCompressionLevel();
        } catch (LinkageError e) {
            Throwable cause = e instanceof ExceptionInInitializerError && e.getCause() != null ? e.getCause() : e;
            throw new IOException(
                    "zstd's native library cannot be loaded: " + cause.getMessage()
                            + "\nHINT: start java with -DZstdNativePath=FILE, or with -Djava.io.tmpdir=DIR, where DIR is"
                            + " on a file system that is not mounted noexec",
                    e);
        }
    }
}
