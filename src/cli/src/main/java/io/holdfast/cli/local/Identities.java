package io.holdfast.cli.local;

import io.holdfast.cli.outcome.ExitCode;
import io.holdfast.cli.outcome.Failure;
import io.holdfast.format.age.Age;
import io.holdfast.format.age.AgeException;
import io.holdfast.format.age.Identity;
import io.holdfast.format.age.PassphraseIdentity;
import io.holdfast.format.age.X25519Identity;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The identities that were given. A file holds them in clear, or is itself an age file, for a passphrase or for another
 * identity that was given: so a {@code key.age} opens beside the master identity.
 */
public final class Identities {
    /** No identity file is near this size; a whole backup given by mistake is not read into memory. */
    private static final int LARGEST_FILE = 1 << 20;

    /** Twice in logarithm what the age program uses: 1 GiB of memory. */
    private static final int LARGEST_WORK_FACTOR = 20;

    private Identities() {}

    /**
     * Opens identity files.
     *
     * @param passphraseFile a file whose first line is the passphrase of those that need one, or null
     * @throws Failure when a file cannot be read, is no identity file, or is not opened by what was given
     */
    public static List<Identity> open(List<Path> files, @Nullable Path passphraseFile) {
        List<Identity> found = new ArrayList<>();
        Map<Path, byte[]> sealed = new LinkedHashMap<>();
        for (Path file : files) {
            byte[] content = read(file);
            if (isAge(content)) {
                sealed.put(file, content);
            } else {
                found.addAll(parse(file, content));
            }
        }
        List<Identity> keys = new ArrayList<>(found);
        if (passphraseFile != null) {
            keys.add(passphrase(passphraseFile));
        }
        openSealed(sealed, keys, found);
        return found;
    }

    /** The passphrase in the first line of a file, for age files that it opens. */
    public static Identity passphrase(Path file) {
        return new PassphraseIdentity(LocalFiles.firstLine(file), LARGEST_WORK_FACTOR);
    }

    /** The identities in one age file, or none when the keys do not open it. */
    static List<X25519Identity> openOne(Path file, List<? extends Identity> keys) {
        try {
            return unseal(file, read(file), keys);
        } catch (AgeException e) {
            if (AgeFailures.isAboutKey(e)) {
                return List.of();
            }
            throw AgeFailures.failure(file.toString(), e);
        }
    }

    /** Opens until nothing more opens: one file may hold the key of the next. */
    private static void openSealed(Map<Path, byte[]> sealed, List<Identity> keys, List<Identity> found) {
        @Nullable Failure refused = null;
        boolean opened = true;
        while (opened && !sealed.isEmpty()) {
            opened = false;
            for (Iterator<Map.Entry<Path, byte[]>> rest = sealed.entrySet().iterator(); rest.hasNext(); ) {
                Map.Entry<Path, byte[]> next = rest.next();
                try {
                    List<X25519Identity> more = unseal(next.getKey(), next.getValue(), keys);
                    keys.addAll(more);
                    found.addAll(more);
                    rest.remove();
                    opened = true;
                } catch (AgeException e) {
                    refused = keyRefused(next.getKey(), e);
                }
            }
        }
        if (!sealed.isEmpty() && refused != null) {
            throw refused;
        }
    }

    private static Failure keyRefused(Path file, AgeException e) {
        if (e.kind() != AgeException.Kind.NO_MATCHING_KEY) {
            return AgeFailures.failure(file.toString(), e);
        }
        return new Failure(
                ExitCode.KEY_MISMATCH,
                "NoMatchingKey",
                file + " is itself encrypted, and none of the given keys opens it",
                "give its passphrase with --passphrase-file, or the identity that opens it with another --identity",
                e);
    }

    private static List<X25519Identity> unseal(Path file, byte[] content, List<? extends Identity> keys)
            throws AgeException {
        try (InputStream plaintext = Age.decrypt(new ByteArrayInputStream(content), keys)) {
            return parse(file, plaintext.readAllBytes());
        } catch (AgeException e) {
            throw e;
        } catch (IOException e) {
            throw LocalFiles.unreadable(file, e);
        }
    }

    private static List<X25519Identity> parse(Path file, byte[] content) {
        try {
            return X25519Identity.parseFile(new String(content, StandardCharsets.UTF_8));
        } catch (AgeException e) {
            throw new Failure(
                    ExitCode.KEY_MISMATCH,
                    "BadKey",
                    file + " is not an identity file: " + e.getMessage(),
                    "it should hold a line that begins with AGE-SECRET-KEY-1",
                    e);
        }
    }

    private static byte[] read(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] content = in.readNBytes(LARGEST_FILE + 1);
            if (content.length > LARGEST_FILE) {
                throw new Failure(ExitCode.KEY_MISMATCH, "BadKey", file + " is too large for an identity file", null);
            }
            return content;
        } catch (IOException e) {
            throw LocalFiles.unreadable(file, e);
        }
    }

    private static boolean isAge(byte[] content) {
        String start = new String(content, 0, Math.min(content.length, 64), StandardCharsets.ISO_8859_1).stripLeading();
        return start.startsWith("age-encryption.org/") || start.startsWith("-----BEGIN AGE ENCRYPTED FILE-----");
    }
}
