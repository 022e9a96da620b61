package io.holdfast.manager.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.format.age.X25519Identity;
import io.holdfast.format.segment.SegmentName;
import io.holdfast.manager.TestPlans;
import io.holdfast.manager.backup.BackupState;
import io.holdfast.manager.config.StateCopyConfig;
import io.holdfast.manager.instance.Instances;
import io.holdfast.manager.keys.SigningKey;
import io.holdfast.manager.layout.StoreLayout;
import io.holdfast.manager.sql.Database;
import io.holdfast.manager.sql.TestDatabase;
import io.holdfast.manager.store.FaultyStore;
import io.holdfast.manager.store.FaultyStore.Call;
import io.holdfast.manager.store.FaultyStore.Fault;
import io.holdfast.manager.store.StoreException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Copies of the manager's own database: made, thinned out, brought back; on a real database and a real store. */
class StateCopiesTest {
    private final SecureRandom random = new SecureRandom();
    private final X25519Identity master = X25519Identity.generate(random);
    private final X25519Identity recovery = X25519Identity.generate(random);

    @TempDir
    Path folder;

    private TestPlans parts;
    private FaultyStore store;
    private SigningKey signing;
    private Instant now = Instant.parse("2027-03-01T00:00:00Z");

    @BeforeEach
    void open() {
        parts = new TestPlans(folder);
        store = new FaultyStore(parts.store);
        signing = newSigningKey();
    }

    @AfterEach
    void close() {
        parts.close();
    }

    private static SigningKey newSigningKey() {
        try {
            KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
            return new SigningKey(pair, List.of(pair.getPublic()));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aFileBringsTheStateBackAndPutsTheOtherAside() throws Exception {
        parts.instance("shop");
        Path file = folder.resolve("state.age");
        Path directory = folder.resolve("state");
        StateFile.write(directory, file, List.of(master.recipient(), recovery.recipient()), random);
        assertThat(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1))
                .startsWith("age-encryption.org/v1")
                .doesNotContain("shop");
        parts.instance("later");
        parts.database.close();

        StateFile.restore(file, directory, master);

        try (Database restored = Database.sqlite(directory, () -> now)) {
            assertThat(new Instances(restored).find("shop")).isPresent();
            assertThat(new Instances(restored).find("later")).isEmpty();
        }
        assertThat(directory.resolve("manager.db.replaced")).exists();
        assertThat(directory.resolve("copy-to-file.db")).doesNotExist();
    }

    @Test
    void aFileThatIsDamagedOrAnothersChangesNothing() throws Exception {
        Path file = folder.resolve("state.age");
        Path directory = folder.resolve("state");
        StateFile.write(directory, file, List.of(master.recipient()), random);
        byte[] whole = Files.readAllBytes(file);
        parts.database.close();
        byte[] before = Files.readAllBytes(directory.resolve("manager.db"));

        assertThatThrownBy(() -> StateFile.restore(file, directory, recovery))
                .hasMessageContaining("the manager's master key does not open")
                .hasMessageContaining("HINT: ");
        for (int length : new int[] {0, 10, whole.length / 2, whole.length - 1}) {
            Files.write(file, Arrays.copyOf(whole, length));
            assertThatThrownBy(() -> StateFile.restore(file, directory, master)).isInstanceOf(IOException.class);
        }
        whole[whole.length - 5] ^= 1;
        Files.write(file, whole);
        assertThatThrownBy(() -> StateFile.restore(file, directory, master)).hasMessageContaining("is damaged");
        assertThat(directory.resolve("manager.db")).hasBinaryContent(before);
        assertThat(directory.resolve("restored.db")).doesNotExist();
    }

    private StateCopies copies() throws IOException {
        return new StateCopies(
                parts.database,
                folder.resolve("state"),
                store,
                List.of(master.recipient(), recovery.recipient()),
                signing,
                new StateCopyConfig(true, Duration.ofDays(1), 2),
                random,
                () -> now);
    }

    private List<String> kept() {
        return store.folders(StoreLayout.states()).stream()
                .filter(name -> store.head(StoreLayout.stateManifest(name)).isPresent())
                .toList();
    }

    private StateRestore restore(X25519Identity identity) {
        return new StateRestore(store, identity, signing);
    }

    @Test
    void aCopyIsMadeWhenTheNewestIsTooOldAlsoByTheNextProcess() throws Exception {
        StateCopies copies = copies();
        copies.copyWhenDue();
        copies.copyWhenDue();
        copies().copyWhenDue();
        assertThat(kept()).containsExactly("20270301T000000Z");
        assertThat(copies.state().newest()).isEqualTo(now);
        assertThat(copies.state().bytes()).isPositive();
        for (int day = 0; day < 3; day++) {
            now = now.plus(Duration.ofDays(1));
            copies.copyWhenDue();
        }
        assertThat(kept()).containsExactly("20270303T000000Z", "20270304T000000Z");
        assertThat(store.list(StoreLayout.states()))
                .as("nothing is left of the others")
                .hasSize(6);
        assertThat(folder.resolve("state/copy.db")).doesNotExist();
    }

    @Test
    void theNewestCopyComesBackWithTheMasterOrTheRecoveryKey() throws Exception {
        parts.backup(parts.instance("shop-1"), BackupState.VERIFIED, Duration.ofDays(1));
        copies().copyWhenDue();
        parts.instance("shop-2");
        for (X25519Identity identity : List.of(master, recovery)) {
            Path other = Files.createTempDirectory(folder, "other");
            assertThat(restore(identity).run(other, false)).isEqualTo("20270301T000000Z");
            try (Database database = TestDatabase.open(other)) {
                Instances instances = new Instances(database);
                assertThat(instances.find("shop-1")).isPresent();
                assertThat(instances.find("shop-2")).isEmpty();
            }
        }
    }

    @Test
    void aDatabaseThatIsThereStaysUnlessItIsToldOtherwise() throws Exception {
        copies().copyWhenDue();
        Path other = Files.createDirectory(folder.resolve("other"));
        Path there = Files.writeString(other.resolve("manager.db"), "what was there");
        assertThatThrownBy(() -> restore(master).run(other, false))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("is there")
                .hasMessageContaining("HINT");
        assertThat(there).hasContent("what was there");
        restore(master).run(other, true);
        assertThat(other.resolve("manager.db.replaced")).hasContent("what was there");
        TestDatabase.open(other).close();
    }

    @Test
    void aWrongMasterKeyAForeignSignatureAndDamageAreToldApartAndChangeNothing() throws Exception {
        copies().copyWhenDue();
        Path other = Files.createDirectory(folder.resolve("other"));
        X25519Identity stranger = X25519Identity.generate(random);
        assertThatThrownBy(() -> restore(stranger).run(other, false))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("master key does not open");
        assertThatThrownBy(() -> new StateRestore(store, master, newSigningKey()).run(other, false))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("not authentic");
        String segment = StoreLayout.stateSegment(new SegmentName("20270301T000000Z", 1, 0));
        byte[] content = store.get(segment).orElseThrow();
        content[content.length - 1] ^= 1;
        store.put(segment, content);
        assertThatThrownBy(() -> restore(master).run(other, false))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("damaged");
        assertThat(other).isEmptyDirectory();
    }

    @Test
    void aPlantedCopyIsNotRestoredAndPushesNoneOut() throws Exception {
        StateCopies copies = copies();
        copies.copyWhenDue();
        SigningKey stranger = newSigningKey();
        byte[] own = store.get(StoreLayout.stateManifest("20270301T000000Z")).orElseThrow();
        for (int day = 10; day < 20; day++) {
            String name = "202704" + day + "T000000Z";
            // Junk, and an authentic one in another's place.
            store.put(
                    StoreLayout.stateManifest(name),
                    day % 2 == 0 ? stranger.pair().getPublic().getEncoded() : own);
        }
        assertThat(restore(master).run(Files.createDirectory(folder.resolve("other")), false))
                .isEqualTo("20270301T000000Z");
        now = now.plus(Duration.ofDays(2));
        copies().copyWhenDue();
        assertThat(kept()).hasSize(12).contains("20270301T000000Z", "20270303T000000Z");
    }

    @Test
    void aBrokenOffCopyIsNoneAndIsToldAndCleanedUp() throws Exception {
        StateCopies copies = copies();
        copies.copyWhenDue();
        now = now.plus(Duration.ofDays(2));
        store.next(Call.PUT, new Fault.None(), new Fault.Fails(StoreException.Kind.PASSING));
        assertThatThrownBy(copies::copyWhenDue).isInstanceOf(StoreException.class);
        assertThat(copies.state().failed()).isTrue();
        assertThat(kept()).containsExactly("20270301T000000Z");
        assertThat(restore(master).run(Files.createDirectory(folder.resolve("other")), false))
                .isEqualTo("20270301T000000Z");

        now = now.plusSeconds(60);
        copies.copyWhenDue();
        assertThat(copies.state().failed()).isFalse();
        assertThat(store.list(StoreLayout.states()))
                .as("without the leftovers of the one that was broken off")
                .hasSize(6);
    }

    @Test
    void whatAProcessLeftHalfWrittenGoesAtTheStart() throws IOException {
        Path half = Files.writeString(folder.resolve("state/copy.db"), "half", StandardCharsets.UTF_8);
        copies();
        assertThat(half).doesNotExist();
    }
}
