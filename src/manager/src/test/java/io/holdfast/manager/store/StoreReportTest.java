package io.holdfast.manager.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import io.holdfast.manager.store.s3.S3Settings;
import io.holdfast.testbed.CephCluster;
import io.holdfast.testbed.Certificates;
import io.holdfast.testbed.Fault;
import io.holdfast.testbed.FaultProxy;
import io.holdfast.testbed.S3ProxyServer;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** What {@code scripts/store-check} runs, on stores that are known. */
class StoreReportTest {
    private static final String REPORT = "tests.store.report";

    @TempDir
    Path folder;

    @AfterEach
    void forget() {
        GivenStoreContract.given = null;
        System.clearProperty(REPORT);
    }

    private String report(S3Settings settings, DiscoverySelector selected) throws IOException {
        GivenStoreContract.given = settings;
        Path file = folder.resolve("report");
        Files.deleteIfExists(file);
        System.setProperty(REPORT, file.toString());
        LauncherFactory.create()
                .execute(LauncherDiscoveryRequestBuilder.request()
                        .selectors(selected)
                        .build());
        return Files.readString(file);
    }

    @Test
    void storeThatKeepsAllPromisesIsSaidToAndNothingStaysInIt() throws IOException {
        Certificates certificates = new Certificates(folder.resolve("certificates"));
        Path objects = folder.resolve("objects");
        try (S3ProxyServer server = S3ProxyServer.start(objects, certificates)) {
            String report = report(
                    settings(server, server.endpoint(), S3ProxyServer.BUCKET, server.accessKey(), certificates),
                    selectClass(GivenStoreContract.class));
            assertThat(report)
                    .contains("holds    put if absent writes once\n", " 0 differ: this store does all that is needed")
                    .doesNotContain("DIFFERS", server.secretKey());
            try (var files = Files.walk(objects)) {
                assertThat(files.filter(Files::isRegularFile)).isEmpty();
            }
        }
    }

    @Test
    void cephKeepsThemToo() throws IOException {
        Certificates certificates = new Certificates(folder.resolve("certificates"));
        try (CephCluster cluster = CephCluster.start(folder.resolve("ceph"), certificates)) {
            assertThat(report(
                            S3Settings.of(
                                    cluster.endpoint(),
                                    CephCluster.REGION,
                                    CephCluster.BUCKET,
                                    "check",
                                    cluster.accessKey(),
                                    cluster.secretKey(),
                                    certificates.caFile()),
                            selectMethod(GivenStoreContract.class, "putByAddressReplaces")))
                    .isEqualTo("holds    put by address replaces\n1 hold, 0 differ:"
                            + " this store does all that is needed\n");
        }
    }

    @Test
    void whatDiffersIsSaidWithItsMeaning() throws IOException {
        Certificates certificates = new Certificates(folder.resolve("certificates"));
        try (S3ProxyServer server = S3ProxyServer.start(folder.resolve("objects"), certificates);
                FaultProxy proxy = FaultProxy.start(server.endpoint(), certificates)) {
            proxy.inject(request -> request.target().contains("/test-"), new Fault.Busy(), Integer.MAX_VALUE);
            S3Settings busy =
                    settings(server, proxy.endpoint(), S3ProxyServer.BUCKET, server.accessKey(), certificates);
            assertThat(report(busy, selectMethod(GivenStoreContract.class, "addressesExpire")))
                    .contains(
                            "DIFFERS  addresses expire\n         it said: cannot put test-", "the store says SlowDown")
                    .contains("that means: whoever gets hold of an agent's address")
                    .endsWith("0 hold, 1 differ: this store can be used, with what is said above\n");
            assertThat(report(busy, selectMethod(GivenStoreContract.class, "putReplaces")))
                    .endsWith("that means: backups would be lost or damaged: do not use this store\n0 hold, 1 differ:"
                            + " backups would be lost or damaged: do not use this store\n");
        }
    }

    @Test
    void whatIsWrongWithAddressKeyOrBucketIsSaidOnce() throws IOException {
        Certificates certificates = new Certificates(folder.resolve("certificates"));
        Certificates others = new Certificates(folder.resolve("others"));
        try (S3ProxyServer server = S3ProxyServer.start(folder.resolve("objects"), certificates)) {
            assertThat(wrong(settings(server, server.endpoint(), "elsewhere", server.accessKey(), certificates)))
                    .contains("NoSuchBucket", "(hint: make the bucket, or correct its name)");
            assertThat(wrong(settings(server, server.endpoint(), S3ProxyServer.BUCKET, "nobody", certificates)))
                    .contains("InvalidAccessKeyId", "(hint: check access_key, secret_key and region)");
            assertThat(wrong(settings(server, server.endpoint(), S3ProxyServer.BUCKET, server.accessKey(), others)))
                    .contains("the store's TLS certificate is not trusted (hint: ");
            assertThat(wrong(settings(
                            server,
                            URI.create("https://127.0.0.1:1"),
                            S3ProxyServer.BUCKET,
                            server.accessKey(),
                            certificates)))
                    .contains("Connection refused", "(hint: check that the store runs, the endpoint, and ");
        }
    }

    private String wrong(S3Settings settings) throws IOException {
        String report = report(settings, selectClass(GivenStoreContract.class));
        assertThat(report)
                .startsWith("the store cannot be tried: cannot put trial-object: ")
                .doesNotContain(settings.secretKey());
        assertThat(report.lines()).hasSize(1);
        return report;
    }

    private static S3Settings settings(
            S3ProxyServer server, URI endpoint, String bucket, String accessKey, Certificates certificates) {
        return S3Settings.of(
                endpoint, S3ProxyServer.REGION, bucket, "check", accessKey, server.secretKey(), certificates.caFile());
    }
}
