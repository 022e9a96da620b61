package io.holdfast.manager.store.directory;

import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.crypto.SecretKey;

/**
 * How to keep objects in a folder.
 *
 * @param root the folder; made if missing
 * @param baseUri what signed addresses begin with, such as {@code https://manager:8444/store}; without a slash at its
 *     end
 * @param signingKey signs the addresses, with HMAC-SHA256; at least 32 bytes. With a new key, old addresses end
 */
public record DirectorySettings(Path root, URI baseUri, SecretKey signingKey) {
    private static final int SHORTEST_KEY = 32;

    public DirectorySettings {
        List<String> mistakes = new ArrayList<>();
        if (!root.isAbsolute()) {
            mistakes.add("root must be an absolute path");
        }
        if (baseUri.getHost() == null
                || baseUri.getRawQuery() != null
                || baseUri.toString().endsWith("/")) {
            mistakes.add("base_uri must be an address without a query and without a slash at its end");
        }
        byte[] key = signingKey.getEncoded();
        if (key == null || key.length < SHORTEST_KEY) {
            mistakes.add("the signing key must have at least " + SHORTEST_KEY + " bytes");
        }
        if (!mistakes.isEmpty()) {
            throw new IllegalArgumentException(String.join("; ", mistakes));
        }
    }

    @Override
    public String toString() {
        return "DirectorySettings[root=" + root + ", baseUri=" + baseUri + ", signing key hidden]";
    }
}
