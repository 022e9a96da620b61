package io.holdfast.manager.store;

import io.holdfast.manager.store.s3.S3Settings;
import io.holdfast.manager.store.s3.S3Store;
import io.holdfast.testbed.CephCluster;
import io.holdfast.testbed.Certificates;
import java.io.IOException;
import java.nio.file.Path;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** The contract, kept with the gateway of a real Ceph cluster, over TLS with a CA of its own. */
class CephStoreContractTest extends AddressContract {
    private static Certificates certificates;
    private static CephCluster cluster;
    private static Store store;

    @BeforeAll
    static void start(@TempDir Path directory) throws IOException {
        certificates = new Certificates(directory.resolve("certificates"));
        cluster = CephCluster.start(directory.resolve("ceph"), certificates);
        store = S3Store.open(S3Settings.of(
                cluster.endpoint(),
                CephCluster.REGION,
                CephCluster.BUCKET,
                "team/backups",
                cluster.accessKey(),
                cluster.secretKey(),
                certificates.caFile()));
    }

    @AfterAll
    static void stop() {
        store.close();
        cluster.close();
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
