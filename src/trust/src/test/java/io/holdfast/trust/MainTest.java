package io.holdfast.trust;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.testbed.Certificates;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On the keystore of the JVM that runs the test. */
class MainTest {
    private static final Path PRISTINE = Path.of(System.getProperty("java.home"), "lib", "security", "cacerts");
    private static final String PASSWORD = "changeit";

    @TempDir
    Path directory = Path.of("");

    private Path keystore = Path.of("");
    private String told = "";

    @BeforeEach
    void place() {
        keystore = directory.resolve("cacerts");
    }

    @Test
    void certificatesBecomeTrustedAndThoseThatAreGoneDoNotStay() throws Exception {
        byte[] pristine = Files.readAllBytes(PRISTINE);
        Path first = certificate("one");
        Path second = certificate("two");

        assertThat(fromBase(first, second)).isZero();
        assertThat(ours(null)).hasSize(2);
        assertThat(all(null)).hasSize(count(PRISTINE) + 2);

        assertThat(fromBase(second)).isZero();
        assertThat(ours(null)).hasSize(1);
        assertThat(fromBase()).isZero();
        assertThat(all(null)).hasSize(count(PRISTINE));
        assertThat(Files.readAllBytes(PRISTINE)).isEqualTo(pristine);
    }

    @Test
    void anotherJvmsKeystoreIsChangedInItsPlaceAndOnlyWhenItMust() throws Exception {
        Files.copy(PRISTINE, keystore);
        Files.setPosixFilePermissions(keystore, java.nio.file.attribute.PosixFilePermissions.fromString("rw-r--r--"));
        Path first = certificate("one");

        assertThat(run("--keystore", keystore, "--", first)).isZero();
        byte[] once = Files.readAllBytes(keystore);
        assertThat(run("--keystore", keystore, "--", first)).isZero();

        assertThat(told).contains("0 added, 0 removed");
        assertThat(Files.readAllBytes(keystore)).isEqualTo(once);
        assertThat(Files.getPosixFilePermissions(keystore)).hasSize(4);
        assertThat(run("--keystore", keystore)).isZero();
        assertThat(all(null)).hasSize(count(PRISTINE));
    }

    @Test
    void fileNamesDoNotMatter() throws Exception {
        Path first = certificate("one");
        assertThat(fromBase(first)).isZero();
        List<String> before = ours(null);
        Path renumbered = Files.move(first, directory.resolve("bosh-trusted-cert-7.crt"));

        assertThat(fromBase(renumbered, renumbered)).isZero();

        assertThat(ours(null)).isEqualTo(before);
    }

    @Test
    void aBrokenFileIsNamedAndTheOthersAreImported() throws Exception {
        Path broken = Files.writeString(
                directory.resolve("bosh-trusted-cert-1.crt"), "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERT");
        Path empty = Files.createFile(directory.resolve("bosh-trusted-cert-2.crt"));
        Path good = certificate("good");

        assertThat(fromBase(broken, empty, good)).isZero();

        assertThat(told).contains(broken.toString(), empty.toString()).doesNotContain(good.toString());
        assertThat(ours(null)).hasSize(1);
    }

    @Test
    void aBrokenFileCanMeanThatNothingIsChanged() throws Exception {
        Path good = certificate("good");
        assertThat(fromBase(good)).isZero();
        byte[] before = Files.readAllBytes(keystore);
        Path broken = Files.writeString(directory.resolve("broken.crt"), "no certificate");

        assertThat(run(
                        "--keystore",
                        keystore,
                        "--base",
                        PRISTINE,
                        "--on-broken",
                        "fail",
                        "--",
                        broken,
                        certificate("b")))
                .isEqualTo(1);

        assertThat(told).contains(broken.toString(), "left as it was");
        assertThat(Files.readAllBytes(keystore)).isEqualTo(before);
    }

    @Test
    void aHundredAndFiftyCertificates() throws Exception {
        List<Path> files = new ArrayList<>();
        Certificates authority = new Certificates(directory.resolve("authority"));
        for (int i = 0; i < 150; i++) {
            files.add(authority.server("host-" + i).certificateFile());
        }

        assertThat(fromBase(files.toArray(new Path[0]))).isZero();

        assertThat(ours(null)).hasSize(150);
    }

    @Test
    void aKeystoreOfAnotherTypeWithAPasswordStaysOne() throws Exception {
        KeyStore jks = KeyStore.getInstance("JKS");
        jks.load(null, null);
        try (var out = Files.newOutputStream(keystore)) {
            jks.store(out, "other password".toCharArray());
        }

        assertThat(runWith("other password", "--keystore", keystore, "--type", "JKS", "--", certificate("one")))
                .isZero();

        assertThat(KeyStore.getInstance(keystore.toFile(), "other password".toCharArray())
                        .getType())
                .isEqualToIgnoringCase("JKS");
        assertThat(ours("other password")).hasSize(1);
    }

    @Test
    void aWrongPasswordIsSaid() throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        try (var out = Files.newOutputStream(keystore)) {
            store.store(out, "other password".toCharArray());
        }

        assertThat(run("--keystore", keystore, "--", certificate("one"))).isEqualTo(1);

        assertThat(told).contains("password");
    }

    /** The BOSH agent writes no newline at the end of its files. */
    private Path certificate(String name) throws IOException {
        Path file = new Certificates(directory.resolve(name)).caFile();
        Files.writeString(file, Files.readString(file).strip());
        return file;
    }

    private int fromBase(Path... files) {
        return run(Stream.concat(Stream.of("--keystore", keystore, "--base", PRISTINE, "--"), Arrays.stream(files))
                .toArray());
    }

    private int run(Object... arguments) {
        return runWith(PASSWORD, arguments);
    }

    private int runWith(String password, Object... arguments) {
        java.io.ByteArrayOutputStream said = new java.io.ByteArrayOutputStream();
        PrintStream out = System.out;
        PrintStream err = System.err;
        try (PrintStream both = new PrintStream(said, true, StandardCharsets.UTF_8)) {
            System.setOut(both);
            System.setErr(both);
            return Main.run(
                    password, Arrays.stream(arguments).map(Object::toString).toArray(String[]::new));
        } finally {
            System.setOut(out);
            System.setErr(err);
            told = said.toString(StandardCharsets.UTF_8);
        }
    }

    /** The names of the Director's certificates; a password that is null is how a JVM reads its trust store. */
    private List<String> ours(@Nullable String password) throws Exception {
        return all(password).stream()
                .filter(alias -> alias.startsWith(TrustedKeystore.PREFIX))
                .sorted()
                .toList();
    }

    private List<String> all(@Nullable String password) throws Exception {
        KeyStore store = KeyStore.getInstance(
                KeyStore.getInstance(keystore.toFile(), (password == null ? PASSWORD : password).toCharArray())
                        .getType());
        try (var in = Files.newInputStream(keystore)) {
            store.load(in, password == null ? null : password.toCharArray());
        }
        return Collections.list(store.aliases());
    }

    private static int count(Path file) throws Exception {
        return KeyStore.getInstance(file.toFile(), PASSWORD.toCharArray()).size();
    }
}
