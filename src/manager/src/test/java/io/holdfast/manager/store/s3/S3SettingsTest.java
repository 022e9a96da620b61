package io.holdfast.manager.store.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.manager.store.Store.SignedRequest;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Settings, and the addresses that follow from them; without a server. */
class S3SettingsTest {
    private static final Duration HOUR = Duration.ofHours(1);

    @Test
    void secretsAreHidden() {
        S3Settings settings = settings(URI.create("https://s3.example:9000"), "p/q", true);
        assertThat(settings.toString()).contains("s3.example").doesNotContain("canary");
        assertThat(settings.description()).doesNotContain("canary");
    }

    @Test
    void allMistakesAreNamedAtOnce() {
        assertThatThrownBy(() -> new S3Settings(
                        URI.create("ftp://user@host/x"), "", "B", "/p/", true, " ", "", null, "standard class"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll(
                        "endpoint", "region", "bucket", "prefix", "access_key", "secret_key", "storage_class");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "s3.example",
                "https://",
                "https://s3.example/path",
                "https://s3.example?x",
                "https://u:p@s3.example"
            })
    void endpointIsAnAddressOfAServerOnly(String endpoint) {
        assertThatThrownBy(() -> settings(URI.create(endpoint.equals("https://") ? "https:///" : endpoint), "", true))
                .hasMessageContaining("endpoint");
    }

    @Test
    void bucketIsInThePathOrInTheHostName() throws IOException {
        URI endpoint = URI.create("https://s3.example:9000");
        assertThat(address(settings(endpoint, "p/q", true)).toString())
                .startsWith("https://s3.example:9000/backups/p/q/a/b?");
        assertThat(address(settings(endpoint, "", false)).toString())
                .startsWith("https://backups.s3.example:9000/a/b?");
        assertThat(address(settings(null, "", false)).toString())
                .startsWith("https://backups.s3.eu-central-1.amazonaws.com/a/b?");
    }

    @Test
    void addressesCarryNoSecretAndSignWhatTheyPromise() throws IOException {
        try (S3Store store = S3Store.open(settings(URI.create("https://s3.example"), "", true))) {
            SignedRequest put = store.signPut("a", 1234, "1B2M2Y8AsgTpgAmY7PhCfg==", HOUR);
            assertThat(put.uri().toString()).doesNotContain("canary-secret");
            assertThat(store.signRead("a", HOUR).headers()).isEmpty();
            assertThatThrownBy(() -> store.signRead("a", Duration.ofDays(8)))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> store.signRead("a", Duration.ZERO)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void storageClassIsSignedAndHasToBeSent() throws IOException {
        String md5 = "1B2M2Y8AsgTpgAmY7PhCfg==";
        S3Settings usual = settings(URI.create("https://s3.example"), "", true);
        S3Settings rare =
                new S3Settings(usual.endpoint(), "x", "backups", "", true, "id", "canary-secret", null, "STANDARD_IA");
        try (S3Store store = S3Store.open(usual);
                S3Store other = S3Store.open(rare)) {
            SignedRequest put = store.signPut("a", 1234, md5, HOUR);
            assertThat(put.method()).isEqualTo("PUT");
            assertThat(put.headers()).isEqualTo(Map.of("Content-MD5", md5));
            assertThat(put.uri().getQuery())
                    .contains("content-length;content-md5;host", "X-Amz-Expires=3600")
                    .doesNotContain("canary-secret", "checksum");
            SignedRequest withClass = other.signPut("a", 1234, md5, HOUR);
            assertThat(withClass.headers()).isEqualTo(Map.of("Content-MD5", md5, "x-amz-storage-class", "STANDARD_IA"));
            assertThat(withClass.uri().getQuery()).contains("content-length;content-md5;host;x-amz-storage-class");
        }
    }

    @Test
    void caFileThatCannotBeReadIsToldAtOnce() {
        S3Settings settings = new S3Settings(
                null, "x", "backups", "", true, "id", "secret", Path.of("/nowhere/ca.pem"), S3Settings.STANDARD);
        assertThatThrownBy(() -> S3Store.open(settings))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("/nowhere/ca.pem");
    }

    private static URI address(S3Settings settings) throws IOException {
        try (S3Store store = S3Store.open(settings)) {
            return store.signRead("a/b", HOUR).uri();
        }
    }

    private static S3Settings settings(@Nullable URI endpoint, String prefix, boolean pathStyle) {
        return new S3Settings(
                endpoint,
                "eu-central-1",
                "backups",
                prefix,
                pathStyle,
                "canary-access",
                "canary-secret",
                null,
                S3Settings.STANDARD);
    }
}
