package io.holdfast.manager.store;

import io.holdfast.manager.store.directory.DirectorySettings;
import io.holdfast.manager.store.directory.DirectoryStore;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.InstantSource;
import javax.crypto.spec.SecretKeySpec;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** The contract, kept by a directory whose addresses a server serves. */
class DirectoryStoreContractTest extends AddressContract {
    private DirectoryStoreServer server;
    private DirectoryStore store;

    @BeforeEach
    void open(@TempDir Path root) throws IOException {
        server = new DirectoryStoreServer();
        store = new DirectoryStore(
                new DirectorySettings(root, server.baseUri(), new SecretKeySpec(random(32), "HmacSHA256")),
                InstantSource.system());
        server.serve(store);
    }

    @AfterEach
    void close() {
        server.close();
    }

    @Override
    Store store() {
        return store;
    }

    @Override
    SSLContext tls() {
        try {
            return SSLContext.getDefault();
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }
}
