package io.holdfast.manager.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import io.holdfast.manager.store.s3.S3Settings;
import io.holdfast.testbed.CephCluster;
import io.holdfast.testbed.Certificates;
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
                    S3Settings.of(
                            server.endpoint(),
                            S3ProxyServer.REGION,
                            S3ProxyServer.BUCKET,
                            "check",
                            server.accessKey(),
                            server.secretKey(),
                            certificates.caFile()),
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
                            selectMethod(GivenStoreContract.class, "dl15_uploadsThatNobodyFinishedAreFound")))
                    .isEqualTo("holds    uploads that nobody finished are found\n1 hold, 0 differ:"
                            + " this store does all that is needed\n");
        }
    }

    @Test
    void whatDiffersIsSaidWithItsMeaning() throws IOException {
        S3Settings nobody = S3Settings.of(
                URI.create("https://127.0.0.1:1"), "us-east-1", "backups", "check", "key", "secret", null);
        assertThat(report(nobody, selectMethod(GivenStoreContract.class, "addressesExpire")))
                .contains("DIFFERS  addresses expire\n         it said: cannot ", "Connection refused")
                .contains("that means: whoever gets hold of an agent's address")
                .endsWith("0 hold, 1 differ: this store can be used, with what is said above\n");
        assertThat(report(nobody, selectMethod(GivenStoreContract.class, "putReplaces")))
                .endsWith(
                        "that means: backups would be lost or damaged: do not use this store\n0 hold, 1 differ: backups"
                                + " would be lost or damaged: do not use this store\n");
    }
}
