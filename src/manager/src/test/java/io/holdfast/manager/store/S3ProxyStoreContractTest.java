package io.holdfast.manager.store;

import io.holdfast.manager.store.s3.S3Settings;
import io.holdfast.manager.store.s3.S3Store;
import io.holdfast.testbed.Certificates;
import io.holdfast.testbed.S3ProxyServer;
import java.io.IOException;
import java.nio.file.Path;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** The contract, kept with S3Proxy over TLS with a CA of its own. */
class S3ProxyStoreContractTest extends AddressContract {
    private static Certificates certificates;
    private static S3ProxyServer server;
    private static Store store;

    @BeforeAll
    static void start(@TempDir Path directory) throws IOException {
        certificates = new Certificates(directory.resolve("certificates"));
        server = S3ProxyServer.start(directory.resolve("objects"), certificates);
        store = S3Store.open(S3Settings.of(
                server.endpoint(),
                S3ProxyServer.REGION,
                S3ProxyServer.BUCKET,
                "team/backups",
                server.accessKey(),
                server.secretKey(),
                certificates.caFile()));
    }

    @AfterAll
    static void stop() {
        store.close();
        server.close();
    }

    @Override
    Store store() {
        return store;
    }

    @Override
    SSLContext tls() {
        return certificates.trustingContext();
    }
}
