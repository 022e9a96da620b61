package io.holdfast.manager;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * What this process makes is for its user alone: the database, which SQLite's own code makes, the store's files and their
 * folders. The JDK can give a mode to each file that it makes itself, but not to those of a library.
 */
final class Umask {
    private static final int OWNER_ONLY = 077;

    private Umask() {}

    /** Counts for all files and folders that are made from now on. */
    @SuppressWarnings("restricted") // the JVM is started with --enable-native-access
    static void ownerOnly() {
        Linker linker = Linker.nativeLinker();
        MethodHandle umask = linker.downcallHandle(
                linker.defaultLookup().findOrThrow("umask"),
                FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
        try {
            int before = (int) umask.invokeExact(OWNER_ONLY);
            assert before >= 0;
        } catch (Throwable e) {
            throw new IllegalStateException("umask(2) cannot be called", e);
        }
    }
}
