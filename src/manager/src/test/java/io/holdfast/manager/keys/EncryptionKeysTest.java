package io.holdfast.manager.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.format.age.Age;
import io.holdfast.format.age.AgeException;
import io.holdfast.format.age.Identity;
import io.holdfast.format.age.PassphraseIdentity;
import io.holdfast.format.age.X25519Identity;
import io.holdfast.format.instance.Custody;
import io.holdfast.manager.TestKeys;
import io.holdfast.manager.config.EncryptionKeyConfig;
import io.holdfast.manager.instance.Instance;
import io.holdfast.manager.instance.Instances;
import io.holdfast.manager.instance.Revisions;
import io.holdfast.manager.keys.EncryptionKeyRefused.Reason;
import io.holdfast.manager.keys.EncryptionKeys.Change;
import io.holdfast.manager.layout.StoreLayout;
import io.holdfast.manager.sql.Database;
import io.holdfast.manager.sql.TestDatabase;
import io.holdfast.manager.store.Store;
import io.holdfast.manager.store.StoreException;
import io.holdfast.manager.store.directory.DirectorySettings;
import io.holdfast.manager.store.directory.DirectoryStore;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.crypto.spec.SecretKeySpec;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("state")
class EncryptionKeysTest {
    private static final String OLD = "correct horse battery staple";
    private static final String NEW = "größer 🐘 als zuvor";
    private static final int CHEAP = 10;

    private final SecureRandom random = new SecureRandom();
    private final X25519Identity master = X25519Identity.generate(random);
    private final X25519Identity recovery = X25519Identity.generate(random);
    private final AtomicBoolean crashes = new AtomicBoolean();

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

    private KeyRing ring(List<X25519Identity> recoverers) {
        return new TestKeys(
                        database,
                        store,
                        master,
                        recoverers.stream().map(X25519Identity::recipient).toList(),
                        TestKeys.SIGNING)
                .ring;
    }

    private EncryptionKeys keys(KeyRing ring, Duration within) {
        return keys(ring, within, CHEAP, 256);
    }

    private EncryptionKeys keys(KeyRing ring, Duration within, int workFactor, long heapMb) {
        EncryptionKeyConfig rules = new EncryptionKeyConfig(8, workFactor, 1, 3, within);
        return new EncryptionKeys(
                database, ring, new TestKeys(database, store).records, rules, heapMb << 20, random, point -> {
                    if (crashes.get()) {
                        throw new IllegalStateException("crashed at " + point);
                    }
                });
    }

    private EncryptionKeys keys() {
        return keys(ring(List.of(recovery)), Duration.ofMinutes(15));
    }

    private static Change set(String passphrase) {
        return new Change(passphrase, null, null, false);
    }

    private static Change toUser(String passphrase) {
        return new Change(passphrase, null, Custody.USER, true);
    }

    private @Nullable String opened(String object, Identity identity) throws IOException {
        byte[] file = store.get(object).orElseThrow();
        try (var in = Age.decrypt(new ByteArrayInputStream(file), List.of(identity))) {
            return X25519Identity.parse(new String(in.readAllBytes(), StandardCharsets.US_ASCII).strip())
                    .recipient()
                    .toString();
        } catch (AgeException e) {
            return null;
        }
    }

    private static Identity passphrase(String text) {
        return new PassphraseIdentity(text, CHEAP);
    }

    private List<String> recipients() {
        return new KeyVersions(database)
                .list(instance.id()).reversed().stream()
                        .map(KeyVersion::recipient)
                        .toList();
    }

    private static void assertRefused(Reason reason, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        EncryptionKeyRefused.class,
                        refused -> assertThat(refused.reason()).isEqualTo(reason))
                .hasMessageNotContainingAny(OLD, NEW);
    }

    @Test
    void aNewPassphraseOpensAllKeyVersionsAndTheOldOneNoneOfThem() throws Exception {
        KeyRing ring = ring(List.of(recovery));
        ring.current(instance);
        ring.rotate(instance);
        ring.current(instance);
        EncryptionKeys keys = keys();
        assertThat(keys.standing(instance).isSet()).isFalse();
        TestKeys.change(keys, instance, set(OLD));
        TestKeys.change(keys, instance, set(NEW));
        assertThat(keys.standing(instance)).isEqualTo(new EncryptionKeys.Standing(Custody.MANAGED, true));
        for (int version = 1; version <= 2; version++) {
            String file = StoreLayout.passphraseKey("shop-1", version);
            assertThat(opened(file, passphrase(NEW))).isEqualTo(recipients().get(version - 1));
            assertThat(opened(file, passphrase(OLD))).isNull();
            assertThat(opened(StoreLayout.key("shop-1", version), master))
                    .isEqualTo(recipients().get(version - 1));
            assertThat(keys.forRestore(instance, version, NEW).orElseThrow().recipient())
                    .hasToString(recipients().get(version - 1));
        }
        assertRefused(Reason.WRONG, () -> keys.forRestore(instance, 1, OLD));
        assertThat(keys.forRestore(instance, 1, null)).isEmpty();
    }

    @Test
    void aPassphraseForAnInstanceWithoutAKeyMakesItsFirst() throws Exception {
        TestKeys.change(keys(), instance, set(OLD));
        assertThat(opened(StoreLayout.passphraseKey("shop-1", 1), passphrase(OLD)))
                .isEqualTo(recipients().getFirst());
        assertThat(ring(List.of()).current(instance).version()).isEqualTo(1);
    }

    @Test
    void aNewKeyVersionNeedsThePassphraseThatIsSet() throws Exception {
        EncryptionKeys keys = keys();
        TestKeys.change(keys, instance, set(OLD));
        assertRefused(Reason.REQUIRED, () -> keys.rotation(instance, null));
        assertRefused(Reason.WRONG, () -> keys.rotation(instance, NEW));
        assertThat(keys.rotation(instance, OLD).add().version()).isEqualTo(2);
        ring(List.of()).current(instance);
        assertThat(opened(StoreLayout.passphraseKey("shop-1", 2), passphrase(OLD)))
                .isEqualTo(recipients().getLast());
    }

    @Test
    void aRotationThatWasOvertakenIsRefused() throws Exception {
        EncryptionKeys keys = keys();
        TestKeys.change(keys, instance, set(OLD));
        EncryptionKeys.Rotation rotation = keys.rotation(instance, OLD);
        TestKeys.change(keys, instance, set(NEW));
        assertRefused(Reason.BUSY, rotation::add);
    }

    @Test
    void withTheUsersCustodyOnlyPassphraseAndRecoveryKeyOpenAnything() throws Exception {
        KeyRing ring = ring(List.of(recovery));
        ring.current(instance);
        EncryptionKeys keys = keys();
        assertRefused(
                Reason.REQUIRED, () -> TestKeys.change(keys, instance, new Change(null, null, Custody.USER, true)));
        assertRefused(
                Reason.NOT_CONFIRMED,
                () -> TestKeys.change(keys, instance, new Change(OLD, null, Custody.USER, false)));
        assertThat(keys.standing(instance)).isEqualTo(new EncryptionKeys.Standing(Custody.MANAGED, false));
        TestKeys.change(keys, instance, toUser(OLD));
        String recipient = recipients().getFirst();
        assertThat(opened(StoreLayout.key("shop-1", 1), master)).isNull();
        assertThat(opened(StoreLayout.key("shop-1", 1), recovery)).isEqualTo(recipient);
        assertThat(opened(StoreLayout.passphraseKey("shop-1", 1), passphrase(OLD)))
                .isEqualTo(recipient);
        assertThatThrownBy(() -> ring.open(instance, 1)).isInstanceOf(KeyMismatchException.class);
        assertRefused(Reason.REQUIRED, () -> keys.forRestore(instance, 1, null));
        assertThat(keys.forRestore(instance, 1, OLD).orElseThrow().recipient()).hasToString(recipient);

        assertRefused(Reason.REQUIRED, () -> TestKeys.change(keys, instance, set(NEW)));
        assertRefused(Reason.WRONG, () -> TestKeys.change(keys, instance, new Change(NEW, NEW, null, false)));
        TestKeys.change(keys, instance, new Change(NEW, OLD, null, false));
        assertThat(opened(StoreLayout.passphraseKey("shop-1", 1), passphrase(NEW)))
                .isEqualTo(recipient);
        assertThat(keys.rotation(instance, NEW).add().managed()).isFalse();

        TestKeys.change(keys, instance, new Change(null, NEW, Custody.MANAGED, false));
        assertThat(opened(StoreLayout.key("shop-1", 1), master)).isEqualTo(recipient);
        assertThat(ring.open(instance, 2).recipient()).hasToString(recipients().getLast());
    }

    @Test
    void s13_nothingInTheDatabasesFilesOpensWithTheManagersKeyAfterwards() throws Exception {
        Assumptions.assumeFalse(TestDatabase.isPostgresql(), "PostgreSQL's files are its own");
        KeyRing ring = ring(List.of());
        ring.current(instance);
        byte[] managed = new KeyVersions(database)
                .list(instance.id())
                .getFirst()
                .wrapped()
                .bytes();
        assertThat(inFiles(managed)).isTrue();
        TestKeys.change(keys(ring, Duration.ofMinutes(1)), instance, toUser(OLD));
        database.scrub();
        assertThat(inFiles(managed)).isFalse();
    }

    private boolean inFiles(byte[] wanted) throws IOException {
        String needle = new String(wanted, StandardCharsets.ISO_8859_1);
        try (var files = Files.list(folder.resolve("state"))) {
            for (Path file : files.toList()) {
                if (new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).contains(needle)) {
                    return true;
                }
            }
        }
        return false;
    }

    @Test
    void withTheUsersCustodyAndNoRecoveryKeysThereIsNoOtherKeyFile() throws Exception {
        KeyRing ring = ring(List.of());
        ring.current(instance);
        TestKeys.change(keys(ring, Duration.ofMinutes(1)), instance, toUser(OLD));
        assertThat(store.get(StoreLayout.key("shop-1", 1))).isEmpty();
        assertThat(new KeyVersions(database)
                        .list(instance.id())
                        .getFirst()
                        .wrapped()
                        .bytes())
                .isEmpty();
        assertThat(ring.current(instance).version()).isEqualTo(1);
    }

    @Test
    void wrongPassphrasesArePausedForAllManagersTogetherAlsoWhenTheyAreRightThen() throws Exception {
        TestKeys.change(keys(), instance, set(OLD));
        EncryptionKeys another = keys();
        assertRefused(Reason.WRONG, () -> keys().forRestore(instance, 1, "wrong one"));
        assertThat(keys().forRestore(instance, 1, OLD)).isPresent();
        for (int i = 0; i < 3; i++) {
            EncryptionKeys either = i == 0 ? keys() : another;
            assertRefused(Reason.WRONG, () -> either.forRestore(instance, 1, "wrong one"));
        }
        assertRefused(Reason.TOO_MANY_WRONG, () -> keys().forRestore(instance, 1, OLD));
        TestDatabase.run(database, "UPDATE instance SET key_tries_from = key_tries_from - 900000");
        assertThat(another.forRestore(instance, 1, OLD)).isPresent();
    }

    @Test
    void aPassphraseThatCannotBeTypedOrIsTooShortIsRefused() {
        EncryptionKeys keys = keys();
        for (String bad : List.of("short", "with a\nline end", " blank before", "blank after ", "x".repeat(1025))) {
            assertThatThrownBy(() -> TestKeys.change(keys, instance, set(bad)))
                    .isInstanceOf(EncryptionKeyRefused.class)
                    .hasMessageNotContaining(bad);
        }
        assertThat(new KeyVersions(database).list(instance.id())).isEmpty();
    }

    @Test
    void aCrashBeforeTheStoreHasItIsHealed() throws Exception {
        ring(List.of()).current(instance);
        EncryptionKeys keys = keys();
        crashes.set(true);
        assertThatThrownBy(() -> TestKeys.change(keys, instance, set(OLD)))
                .hasMessageContaining("KEY_WRAPPED_NOT_STORED");
        crashes.set(false);
        assertThat(store.get(StoreLayout.passphraseKey("shop-1", 1))).isEmpty();
        assertThat(keys.standing(instance).isSet()).isTrue();
        keys().storeMissing();
        assertThat(opened(StoreLayout.passphraseKey("shop-1", 1), passphrase(OLD)))
                .isEqualTo(recipients().getFirst());
        assertThat(new Revisions(database).toStore(10)).isEmpty();
    }

    @Test
    void aNewKeyDoesNotTakeThePlaceOfOneThatALostCatalogueKnew() throws Exception {
        ring(List.of()).current(instance);
        byte[] first = store.get(StoreLayout.key("shop-1", 1)).orElseThrow();
        try (Database fresh = TestDatabase.open(folder.resolve("fresh"))) {
            new Instances(fresh).register("shop-1", "postgresql");
            KeyRing other = new TestKeys(fresh, store, master, List.of(), TestKeys.SIGNING).ring;
            Instance again = new Instances(fresh).find("shop-1").orElseThrow();
            assertThatThrownBy(() -> other.current(again))
                    .isInstanceOf(StoreException.class)
                    .hasMessageContaining("rebuild");
        }
        assertThat(store.get(StoreLayout.key("shop-1", 1)).orElseThrow()).isEqualTo(first);
    }

    @Test
    void whatIsHeldForARestoreIsOpenedByTheManagersOfThenOnly() {
        HeldIdentities first = held("first");
        HeldIdentities second = held("second");
        first.announce();
        second.announce();
        X25519Identity identity = X25519Identity.generate(random);
        byte[] sealed = first.seal(identity);
        HeldIdentities later = held("later");
        later.announce();
        assertThat(first.open(sealed)).isEqualTo(identity);
        // An SQLite database has one manager.
        assertThat(second.open(sealed)).isEqualTo(TestDatabase.isPostgresql() ? identity : null);
        assertThat(later.open(sealed)).isNull();
    }

    private HeldIdentities held(String name) {
        return new HeldIdentities(database, name, Duration.ofMinutes(1), random);
    }

    @Test
    void moreMemoryThanThereIsForPassphrasesStopsTheStart() {
        assertThatThrownBy(() -> new PassphraseWork(18, 1, 292L << 20, random))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("passphrases.work_factor")
                .hasMessageContaining("HINT");
        assertThat(new PassphraseWork(16, 2, 292L << 20, random)).isNotNull();
    }

    @Test
    void aManagerWithLessMemoryThanAKeyNeedsSaysSo() throws Exception {
        KeyRing ring = ring(List.of(recovery));
        TestKeys.change(keys(ring, Duration.ofMinutes(1), 14, 64), instance, set(OLD));

        assertRefused(
                Reason.TOO_LITTLE_MEMORY,
                () -> keys(ring, Duration.ofMinutes(1), CHEAP, 16).forRestore(instance, 1, OLD));
        assertThat(keys(ring, Duration.ofMinutes(1), CHEAP, 64).forRestore(instance, 1, OLD))
                .isPresent();
    }

    @Test
    void strengthIsAScoreAndFeedbackWithoutThePassphrase() {
        assertThat(PassphraseStrength.of("password1").score()).isZero();
        assertThat(PassphraseStrength.of("password1").toString()).doesNotContain("password1");
        assertThat(PassphraseStrength.of("password1").suggestions()).isNotEmpty();
        assertThat(PassphraseStrength.of(NEW + OLD).score()).isEqualTo(4);
        assertThat(PassphraseStrength.of("aB3$".repeat(256)).score()).isPositive();
    }
}
