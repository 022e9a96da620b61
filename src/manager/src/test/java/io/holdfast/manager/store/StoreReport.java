package io.holdfast.manager.store;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.LifecycleMethodExecutionExceptionHandler;
import org.junit.jupiter.api.extension.TestWatcher;

/**
 * Writes which promises a store keeps, which it does not, and what that means, to the file that the system property
 * {@code tests.store.report} names.
 */
final class StoreReport
        implements TestWatcher, BeforeAllCallback, AfterAllCallback, LifecycleMethodExecutionExceptionHandler {
    private static final String ADDRESS =
            "whoever gets hold of an agent's address can do more with it than meant: do not use this store where agents'"
                    + " machines are trusted less than it";
    private static final String UNUSABLE = "backups would be lost or damaged: do not use this store";

    /** Of the promises that are not kept by all stores in use; a store that breaks another one is of no use. */
    private static final Map<String, String> MEANINGS = Map.ofEntries(
            Map.entry("ofRivalsOneWrites", "only one manager may use this store"),
            Map.entry("putAddressTakesExactlyTheBytesThatWereSigned", ADDRESS),
            Map.entry("putAddressIsGoodForOnePurposeOnly", ADDRESS),
            Map.entry("addressesExpire", ADDRESS),
            Map.entry(
                    "clockIsTheStores",
                    "its clock and this machine's differ: set the wrong one, or agents' addresses are refused"),
            Map.entry(
                    "headTellsSizeAndTime",
                    "its times are not by its clock: what is old enough to be removed is not known"),
            Map.entry(
                    "probeSaysWhatTheStoreDoesAndLeavesNothingBehind",
                    "objects that were damaged on their way are found by the manager's own check only, after they were sent"));

    private static int kept;
    private static int broken;
    private static boolean unusable;

    @Override
    public void beforeAll(ExtensionContext context) {
        kept = 0;
        broken = 0;
        unusable = false;
    }

    @Override
    public void handleBeforeAllMethodExecutionException(ExtensionContext context, Throwable cause) throws Throwable {
        write("the store cannot be tried: " + said(cause));
        throw cause;
    }

    @Override
    public void handleAfterAllMethodExecutionException(ExtensionContext context, Throwable cause) throws Throwable {
        write("not all that was written could be removed: " + said(cause));
        throw cause;
    }

    @Override
    public void testSuccessful(ExtensionContext context) {
        kept++;
        write("holds    " + words(context));
    }

    @Override
    public void testFailed(ExtensionContext context, @Nullable Throwable cause) {
        broken++;
        String meaning = MEANINGS.get(method(context));
        unusable |= meaning == null;
        write("DIFFERS  " + words(context) + "\n         it said: "
                + said(cause) + "\n         that means: "
                + (meaning == null ? UNUSABLE : meaning));
    }

    @Override
    public void testAborted(ExtensionContext context, @Nullable Throwable cause) {
        testFailed(context, cause);
    }

    @Override
    public void afterAll(ExtensionContext context) {
        if (kept + broken == 0) {
            return;
        }
        write(kept + " hold, " + broken + " differ: "
                + (broken == 0
                        ? "this store does all that is needed"
                        : unusable ? UNUSABLE : "this store can be used, with what is said above"));
    }

    private static String said(@Nullable Throwable cause) {
        String said = String.valueOf(cause == null ? null : cause.getMessage())
                .strip()
                .replaceAll("\\s+", " ");
        return said.substring(0, Math.min(said.length(), 300));
    }

    private static String method(ExtensionContext context) {
        return context.getRequiredTestMethod().getName();
    }

    /** A test's name, which is a sentence. */
    private static String words(ExtensionContext context) {
        String name = method(context).replaceFirst("^dl\\d+_", "");
        String sentence = name.replaceAll("([A-Z0-9])", " $1").toLowerCase(Locale.ROOT);
        String shown = context.getDisplayName();
        return shown.startsWith("[") ? sentence + " " + shown.replaceAll("\\p{Cntrl}", "?") : sentence;
    }

    private static void write(String line) {
        String file = System.getProperty("tests.store.report");
        if (file == null) {
            throw new IllegalStateException("tests.store.report is not set");
        }
        try {
            Files.writeString(Path.of(file), line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
