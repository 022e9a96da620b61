package io.holdfast.manager.store.s3;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The digest of the {@code Content-MD5} header: against accidents on the way, not against attackers. */
final class Md5 {
    private static final Pattern HEX = Pattern.compile("[0-9a-f]{32}");
    private static final int BUFFER_BYTES = 64 * 1024;

    private Md5() {}

    static String base64(byte[] content) {
        return Base64.getEncoder().encodeToString(newDigest().digest(content));
    }

    /** Of a file of any size. */
    static String base64(Path file) throws IOException {
        MessageDigest digest = newDigest();
        byte[] buffer = new byte[BUFFER_BYTES];
        try (InputStream in = Files.newInputStream(file)) {
            int count;
            while ((count = in.read(buffer)) >= 0) {
                digest.update(buffer, 0, count);
            }
        }
        return Base64.getEncoder().encodeToString(digest.digest());
    }

    /** An ETag that looks like an MD5; where the store encrypts it is something else. */
    static @Nullable String ofETag(@Nullable String etag) {
        String bare = etag == null ? "" : etag.replace("\"", "");
        return HEX.matcher(bare).matches() ? bare : null;
    }

    private static MessageDigest newDigest() {
        try {
            return MessageDigest.getInstance("MD5");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has MD5", e);
        }
    }
}
