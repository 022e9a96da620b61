package io.holdfast.manager.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.manager.TestPlans;
import io.holdfast.manager.monitoring.HealthApi;
import io.holdfast.manager.store.StoreException.Kind;
import io.holdfast.manager.store.s3.S3Settings;
import io.holdfast.manager.store.s3.S3Store;
import io.holdfast.testbed.Certificates;
import io.holdfast.testbed.S3ProxyServer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.InstantSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A machine whose clock differs from the store's, which the S3 client corrects for itself, but not for agents. */
class StoreClockTest {
    @TempDir
    Path folder;

    private Certificates certificates;
    private S3ProxyServer server;

    @BeforeEach
    void start() throws IOException {
        certificates = new Certificates(folder.resolve("certificates"));
        server = S3ProxyServer.start(folder.resolve("objects"), certificates);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private static InstantSource off(Duration by) {
        return Clock.offset(Clock.systemUTC(), by);
    }

    private S3Store store(InstantSource clock) throws IOException {
        return S3Store.open(
                S3Settings.of(
                        server.endpoint(),
                        S3ProxyServer.REGION,
                        S3ProxyServer.BUCKET,
                        "",
                        server.accessKey(),
                        server.secretKey(),
                        certificates.caFile()),
                clock);
    }

    @Test
    void t8_probeTellsAClockThatIsOffAndRefusesOneThatIsTooFar() throws IOException {
        try (S3Store right = store(off(Duration.ZERO));
                S3Store late = store(off(Duration.ofMinutes(-3)));
                S3Store tooLate = store(off(Duration.ofMinutes(-20)));
                S3Store tooEarly = store(off(Duration.ofMinutes(20)))) {
            assertThat(right.probe().notes()).noneMatch(note -> note.contains("clock"));
            assertThat(late.probe().notes())
                    .anyMatch(note ->
                            note.matches("The store's clock is 1(79|80|81) s ahead of this machine's: .*NTP.*"));
            assertThatThrownBy(tooLate::probe)
                    .isInstanceOfSatisfying(
                            StoreException.class, e -> assertThat(e.kind()).isEqualTo(Kind.REFUSED))
                    .hasMessageContaining("ahead of this machine's")
                    .hasMessageContaining("hint:");
            assertThatThrownBy(tooEarly::probe).hasMessageContaining("behind this machine's");
        }
    }

    @Test
    void t8_readinessTellsIt() throws IOException {
        try (TestPlans parts = new TestPlans(folder.resolve("parts"));
                S3Store store = store(off(Duration.ZERO))) {
            assertThat(new HealthApi(parts.database, store, off(Duration.ofMinutes(-3)))
                            .checkStore()
                            .ok())
                    .isTrue();
            HealthApi.Check check = new HealthApi(parts.database, store, off(Duration.ofMinutes(25))).checkStore();
            assertThat(check.ok()).isFalse();
            assertThat(check.detail()).contains("25 minutes apart");
        }
    }
}
