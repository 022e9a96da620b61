package io.holdfast.manager.store.directory;

import io.holdfast.manager.store.StoreException;
import io.holdfast.manager.store.StoreException.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** Receives the body of an object into a file, and takes exactly the size and MD5 that were signed. */
final class ObjectBody {
    private static final int BUFFER_BYTES = 64 * 1024;

    private ObjectBody() {}

    /**
     * Receives a body.
     *
     * @return its MD5 in hex
     * @throws StoreException of kind {@code CORRUPT} when it is shorter, longer or another
     * @throws IOException when the file cannot be written
     */
    static String receive(InputStream body, Path file, long size, String md5) throws IOException {
        MessageDigest digest = newMd5();
        byte[] buffer = new byte[BUFFER_BYTES];
        long received = 0;
        try (OutputStream out = Files.newOutputStream(file, StandardOpenOption.CREATE_NEW)) {
            int count;
            while ((count = read(body, buffer)) >= 0) {
                received += count;
                if (received > size) {
                    throw corrupt("the object is longer than the " + size + " bytes that were announced", null);
                }
                digest.update(buffer, 0, count);
                out.write(buffer, 0, count);
            }
        }
        if (received < size) {
            throw corrupt("the object ends after " + received + " of " + size + " bytes", null);
        }
        byte[] actual = digest.digest();
        if (!Base64.getEncoder().encodeToString(actual).equals(md5)) {
            throw corrupt("the object's MD5 is not the one that was announced", null);
        }
        return HexFormat.of().formatHex(actual);
    }

    /** Tells a sender's failure from a failure of the disk. */
    private static int read(InputStream body, byte[] buffer) {
        try {
            return body.read(buffer);
        } catch (IOException e) {
            throw corrupt("the sender broke the connection", e);
        }
    }

    private static MessageDigest newMd5() {
        try {
            return MessageDigest.getInstance("MD5");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has MD5", e);
        }
    }

    private static StoreException corrupt(String message, @Nullable Throwable cause) {
        return new StoreException(Kind.CORRUPT, message, cause);
    }
}
