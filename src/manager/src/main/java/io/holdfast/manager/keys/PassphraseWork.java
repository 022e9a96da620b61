package io.holdfast.manager.keys;

import io.holdfast.format.age.Age;
import io.holdfast.format.age.AgeException;
import io.holdfast.format.age.PassphraseIdentity;
import io.holdfast.format.age.PassphraseRecipient;
import io.holdfast.format.age.X25519Identity;
import io.holdfast.manager.keys.EncryptionKeyRefused.Reason;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Wraps and opens identities with passphrases. scrypt takes 2<sup>work factor</sup> KiB of memory for each, on purpose,
 * so only so many are worked on at once; others wait. May be used by any thread.
 */
final class PassphraseWork {
    /** Beside scrypt the heap has to hold all else that the manager does. */
    private static final int MOST_SHARE_OF_HEAP = 2;

    private static final int LARGEST_WORK_FACTOR = 20;
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final int workFactor;
    private final int mostToOpen;
    private final Semaphore free;
    private final SecureRandom random;

    /**
     * Makes it.
     *
     * @param workFactor base-2 logarithm of scrypt's cost for what is wrapped from now on
     * @param atOnce how many at once
     * @param heapBytes how large the heap may become
     * @throws IllegalArgumentException when the heap is too small for that
     */
    PassphraseWork(int workFactor, int atOnce, long heapBytes, SecureRandom random) {
        long each = heapBytes / MOST_SHARE_OF_HEAP / atOnce / 1024;
        this.mostToOpen = Math.min(63 - Long.numberOfLeadingZeros(Math.max(each, 1)), LARGEST_WORK_FACTOR);
        if (workFactor > mostToOpen) {
            throw new IllegalArgumentException("passphrases.work_factor " + workFactor + " takes "
                    + (atOnce << workFactor >> 10) + " MiB for " + atOnce + " at once, more than half of the heap of "
                    + (heapBytes >> 20) + " MiB\nHINT: lower it, or give the manager more memory");
        }
        this.workFactor = workFactor;
        this.free = new Semaphore(atOnce, true);
        this.random = random;
    }

    /** Work that may use passphrases. */
    interface Task<T> {
        T run() throws EncryptionKeyRefused;
    }

    /**
     * Waits for its turn, and does all work of one request.
     *
     * @throws EncryptionKeyRefused when too many others are before it, or by the work
     */
    <T> T inTurn(Task<T> task) throws EncryptionKeyRefused {
        try {
            if (!free.tryAcquire(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new EncryptionKeyRefused(
                        Reason.BUSY, "too many passphrases are being processed at once", "try again in a minute");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new EncryptionKeyRefused(Reason.BUSY, "the manager is stopping", "try again");
        }
        try {
            return task.run();
        } finally {
            free.release();
        }
    }

    /** An age file for the passphrase with the identity in it. To be called in turn. */
    byte[] wrap(X25519Identity identity, String passphrase) {
        ByteArrayOutputStream wrapped = new ByteArrayOutputStream();
        var recipient = new PassphraseRecipient(passphrase, workFactor);
        try (OutputStream out = Age.encrypt(wrapped, List.of(recipient), random)) {
            out.write(KeyRing.file(identity));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return wrapped.toByteArray();
    }

    /**
     * The identity in such a file. To be called in turn.
     *
     * @throws AgeException of kind WRONG_PASSPHRASE when the passphrase is another one
     */
    X25519Identity open(byte[] wrapped, String passphrase) throws AgeException {
        var identity = new PassphraseIdentity(passphrase, mostToOpen);
        try (InputStream in = Age.decrypt(new ByteArrayInputStream(wrapped), List.of(identity))) {
            return X25519Identity.parseFile(new String(in.readAllBytes(), StandardCharsets.UTF_8))
                    .getFirst();
        } catch (AgeException e) {
            throw e;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
