package io.holdfast.manager.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.format.age.Age;
import io.holdfast.format.age.X25519Identity;
import io.holdfast.manager.TestKeys;
import io.holdfast.manager.instance.Instance;
import io.holdfast.manager.instance.Instances;
import io.holdfast.manager.layout.StoreLayout;
import io.holdfast.manager.sql.Database;
import io.holdfast.manager.sql.TestDatabase;
import io.holdfast.manager.store.Store;
import io.holdfast.manager.store.directory.DirectorySettings;
import io.holdfast.manager.store.directory.DirectoryStore;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.Signature;
import java.time.Clock;
import java.util.List;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("state")
class KeysTest {
    private final SecureRandom random = new SecureRandom();
    private final X25519Identity master = X25519Identity.generate(random);
    private final X25519Identity recovery = X25519Identity.generate(random);

    @TempDir
    Path folder;

    private Database database;
    private Store store;
    private Instance instance;

    @BeforeEach
    void open() throws IOException {
        database = TestDatabase.open(folder.resolve("state"));
        new Instances(database).register("shop-1", "postgresql");
        instance = new Instances(database).find("shop-1").orElseThrow();
        store = new DirectoryStore(
                new DirectorySettings(
                        Files.createDirectory(folder.resolve("store")).toAbsolutePath(),
                        URI.create("https://127.0.0.1:1/store"),
                        new SecretKeySpec(new byte[32], "HmacSHA256")),
                Clock.systemUTC());
    }

    @AfterEach
    void close() {
        store.close();
        database.close();
    }

    private KeyRing ring(X25519Identity opener) {
        return new TestKeys(database, store, opener, List.of(recovery.recipient()), TestKeys.SIGNING).ring;
    }

    @Test
    void theFirstKeyIsInTheStoreBeforeItIsUsedAndOpensWithMasterOrRecoveryKey() throws Exception {
        KeyVersion key = ring(master).current(instance);
        byte[] stored = store.get(StoreLayout.key("shop-1", 1)).orElseThrow();
        for (X25519Identity opener : List.of(master, recovery)) {
            try (var in = Age.decrypt(new ByteArrayInputStream(stored), List.of(opener))) {
                String text = new String(in.readAllBytes(), StandardCharsets.US_ASCII);
                assertThat(X25519Identity.parse(text.strip()).recipient()).hasToString(key.recipient());
            }
        }
        assertThat(store.get(StoreLayout.instance("shop-1"))).isPresent();
        assertThat(ring(master).current(instance).version()).isEqualTo(1);
    }

    @Test
    void dl19_oldKeysStayAfterARotation() throws Exception {
        KeyRing ring = ring(master);
        KeyVersion first = ring.current(instance);
        ring.rotate(instance);
        KeyVersion second = ring.current(instance);
        assertThat(second.version()).isEqualTo(2);
        assertThat(ring.open(instance, 1).recipient()).hasToString(first.recipient());
        assertThat(ring.open(instance, 2).recipient()).hasToString(second.recipient());
        assertThat(ring.recipients(second))
                .containsExactly(second.recipient(), recovery.recipient().toString());
    }

    @Test
    void anotherMasterKeyOpensNothingAndSaysSo() throws Exception {
        ring(master).current(instance);
        KeyRing other = ring(X25519Identity.generate(random));
        assertThatThrownBy(() -> other.open(instance, 1))
                .isInstanceOf(KeyMismatchException.class)
                .hasMessageContaining("master key");
        assertThatThrownBy(() -> other.open(instance, 7)).isInstanceOf(KeyMismatchException.class);
    }

    @Test
    void aSigningKeyMadeByOpensslSignsForItsPublicKey() throws Exception {
        Path key = folder.resolve("signing.key");
        Path pub = folder.resolve("signing.pub");
        run("openssl", "genpkey", "-algorithm", "ed25519", "-out", key.toString());
        run("openssl", "pkey", "-in", key.toString(), "-pubout", "-out", pub.toString());
        SigningKey signing = SigningKey.read(key, List.of(pub));
        Signature signer = Signature.getInstance("Ed25519");
        signer.initSign(signing.pair().getPrivate());
        signer.update("text".getBytes(StandardCharsets.UTF_8));
        byte[] signature = signer.sign();
        Signature verifier = Signature.getInstance("Ed25519");
        verifier.initVerify(signing.trusted().getLast());
        verifier.update("text".getBytes(StandardCharsets.UTF_8));
        assertThat(verifier.verify(signature)).isTrue();
        assertThat(signing.trusted().getFirst()).isEqualTo(signing.trusted().getLast());
    }

    @Test
    void aSigningKeyOfAnotherKindIsRefusedWithAHint() throws Exception {
        Path key = folder.resolve("rsa.key");
        run("openssl", "genpkey", "-algorithm", "rsa", "-out", key.toString());
        assertThatThrownBy(() -> SigningKey.read(key, List.of()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("Ed25519")
                .hasMessageContaining("HINT");
    }

    private static void run(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
    }
}
