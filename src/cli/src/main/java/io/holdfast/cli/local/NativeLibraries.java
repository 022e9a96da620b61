package io.holdfast.cli.local;

import io.holdfast.cli.outcome.ExitCode;
import io.holdfast.cli.outcome.Failure;
import io.holdfast.format.zstd.NativeLibrary;
import java.io.IOException;

/** What commands that decompress need of the machine. */
public final class NativeLibraries {
    private NativeLibraries() {}

    /** Loads them, before anything is read or asked for. */
    public static void load() {
        try {
            NativeLibrary.load();
        } catch (IOException e) {
            String[] words = String.valueOf(e.getMessage()).split("\nHINT: ", 2);
            throw new Failure(ExitCode.LOCAL_FILE, "NativeLibrary", words[0], words.length == 1 ? null : words[1], e);
        }
    }
}
