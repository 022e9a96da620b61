package io.holdfast.cli.local;

import io.holdfast.cli.outcome.ExitCode;
import io.holdfast.cli.outcome.Failure;
import io.holdfast.format.age.Age;
import io.holdfast.format.age.AgeException;
import io.holdfast.format.age.Identity;
import io.holdfast.format.zstd.CorruptFrameException;
import io.holdfast.format.zstd.FrameReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Decrypts segments, one after the other, to one stream.
 *
 * <p>Every byte that is written was authenticated before. When a later byte turns out to be broken, what was written is
 * true but not the whole: the failure says so.
 */
public final class Decryption {
    private static final int COPY_BYTES = 128 * 1024;
    private static final String STANDARD_INPUT = "-";

    private final List<? extends Identity> identities;
    private final boolean raw;

    /** @param raw whether to leave the zstd layer on */
    public Decryption(List<? extends Identity> identities, boolean raw) {
        this.identities = identities;
        this.raw = raw;
    }

    /**
     * Refuses an input that is given twice. More cannot be seen from the names of segments: they are numbered as they were
     * sealed, by several threads, and only the backup's list has their order.
     */
    public static void requireOrder(List<String> inputs) {
        Set<String> seen = new HashSet<>();
        for (String input : inputs) {
            if (!seen.add(input)) {
                throw new Failure(
                        ExitCode.USAGE,
                        "SegmentOrder",
                        input + " is there twice",
                        "give the segments of one artifact in the order of the backup's segments.list, or give --backup");
            }
        }
    }

    /** Decrypts the inputs; {@code -} is standard input. */
    public void run(List<String> inputs, InputStream standardInput, OutputStream out) {
        for (String input : inputs) {
            try (InputStream sealed = open(input, standardInput)) {
                copy(input, sealed, out);
            } catch (AgeException e) {
                throw incomplete(AgeFailures.failure(input, e));
            } catch (CorruptFrameException e) {
                throw incomplete(new Failure(
                        ExitCode.FAILED,
                        "BadCompression",
                        input + ": " + e.getMessage(),
                        "--raw does not decompress",
                        e));
            } catch (IOException e) {
                throw incomplete(LocalFiles.unreadable(Path.of(input), e));
            }
        }
    }

    private void copy(String input, InputStream sealed, OutputStream out) throws IOException {
        try (InputStream authentic = Age.decrypt(sealed, identities);
                InputStream content = raw ? authentic : new FrameReader(authentic)) {
            byte[] buffer = new byte[COPY_BYTES];
            for (int count = content.read(buffer); count >= 0; count = content.read(buffer)) {
                write(input, out, buffer, count);
            }
        }
    }

    static void write(String input, OutputStream out, byte[] buffer, int count) {
        try {
            out.write(buffer, 0, count);
        } catch (IOException e) {
            throw new Failure(
                    ExitCode.LOCAL_FILE,
                    "CannotWrite",
                    "cannot write the content of " + input + ": " + e.getMessage(),
                    null,
                    e);
        }
    }

    private static InputStream open(String input, InputStream standardInput) throws IOException {
        return input.equals(STANDARD_INPUT) ? standardInput : Files.newInputStream(Path.of(input));
    }

    static Failure incomplete(Failure failure) {
        String hint = failure.hint();
        return new Failure(
                failure.exitCode(),
                failure.code(),
                failure.what() + "; what was written is incomplete",
                hint,
                failure.getCause());
    }
}
