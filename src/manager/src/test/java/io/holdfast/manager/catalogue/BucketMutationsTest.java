package io.holdfast.manager.catalogue;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.format.age.Age;
import io.holdfast.format.age.AgeException;
import io.holdfast.format.age.X25519Identity;
import io.holdfast.format.instance.Custody;
import io.holdfast.manager.TestKeys;
import io.holdfast.manager.TestPlans;
import io.holdfast.manager.backup.Backup;
import io.holdfast.manager.backup.Backups;
import io.holdfast.manager.catalogue.Reconciler.Surroundings;
import io.holdfast.manager.catalogue.Reconciliation.Report;
import io.holdfast.manager.instance.Instance;
import io.holdfast.manager.instance.Instances;
import io.holdfast.manager.instance.Lives;
import io.holdfast.manager.keys.EncryptionKeys;
import io.holdfast.manager.keys.EncryptionKeys.Change;
import io.holdfast.manager.keys.InstanceRecords.Stored;
import io.holdfast.manager.keys.KeyMismatchException;
import io.holdfast.manager.keys.KeyVersion;
import io.holdfast.manager.keys.KeyVersions;
import io.holdfast.manager.layout.StoreLayout;
import io.holdfast.manager.sql.Database;
import io.holdfast.manager.sql.TestDatabase;
import io.holdfast.manager.store.Store;
import io.holdfast.manager.store.Store.StoredObject;
import io.holdfast.manager.store.StoreException;
import io.holdfast.manager.verification.UnreadableBackup;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Buckets that somebody has changed at random: any object replaced by any other, of any instance and any earlier time, or
 * cut, or gone, and keys planted. Then a catalogue is made anew of each, and one that is there is compared with it; backups
 * are made and read. In none may a backup open for whoever changed the bucket, a key be lost that was there, data of another
 * instance be read as an instance's own, an instance change hands, or a change that matters go untold.
 *
 * <p>{@code -Dmutations=N} makes N of them, {@code -Dmutations.seed=S} begins with another seed.
 */
class BucketMutationsTest {
    private static final int MUTATIONS = Integer.getInteger("mutations", 8);
    /** In how many parts they are made, each with a store of its own; JUnit may be told to run them at once. */
    private static final int SHARES = Integer.getInteger("mutations.shares", 1);

    private static final long SEED = Long.getLong("mutations.seed", 20_261_129L);
    private static final int MOST_CHANGES = 3;

    private static final SecureRandom SECURE = new SecureRandom();
    private static final X25519Identity MASTER = X25519Identity.generate(SECURE);
    private static final X25519Identity RECOVERY = X25519Identity.generate(SECURE);
    private static final X25519Identity WRITER = X25519Identity.generate(SECURE);
    private static final String PASSPHRASE = "correct horse battery staple";

    @TempDir
    Path folder;

    @SuppressWarnings("NullAway.Init") // before each test
    private TestPlans parts;

    @BeforeEach
    void open() {
        parts = new TestPlans(folder);
    }

    /** All that was ever in the bucket: what its writer can put back. */
    private final Map<String, List<byte[]>> history = new TreeMap<>();

    /** The bucket as it is when nobody changes it. */
    private final Map<String, byte[]> untouched = new TreeMap<>();

    /** A manager with a catalogue of its own on the one store. */
    private static final class Manager {
        final Instances instances;
        final KeyVersions versions;
        final Lives lives;
        final Backups backupTable;
        final TestKeys keys;
        final EncryptionKeys passphrases;
        final MadeBackups backups;
        final List<String> told = new ArrayList<>();

        Manager(Database database, Store store) {
            instances = new Instances(database);
            versions = new KeyVersions(database);
            lives = new Lives(database);
            backupTable = new Backups(database);
            keys = new TestKeys(database, store, MASTER, List.of(RECOVERY.recipient()), TestKeys.SIGNING);
            passphrases = TestPlans.encryptionKeys(database, keys);
            backups = new MadeBackups(database, store, keys);
        }

        Instance instance(String id) {
            return instances.find(id).orElseThrow();
        }

        void passphrase(String id, Custody custody) throws Exception {
            TestKeys.change(passphrases, instance(id), new Change(PASSPHRASE, null, custody, true));
        }

        Reconciliation reconcile(Surroundings surroundings) {
            told.clear();
            return keys.reconciler.reconcile(surroundings, new Report(told::add, told::add));
        }
    }

    /** Instances of every kind, with a past: of each state the bucket is remembered. */
    private Manager past() throws Exception {
        Manager manager = new Manager(parts.database, parts.store);
        manager.instances.register("managed", "postgresql", "first");
        manager.instances.register("users", "mariadb", "first");
        manager.instances.register("changed", "redis", "former");
        manager.instances.register("twice", "redis", "second");
        manager.instances.register("theirs", "redis", "intruder");
        for (String id : List.of("managed", "users", "changed", "twice", "theirs")) {
            manager.backups.make(id);
        }
        remember();
        manager.passphrase("users", Custody.USER);
        manager.passphrase("managed", Custody.MANAGED);
        manager.lives.giveTo(manager.instance("changed").id(), "rightful");
        manager.keys.ring.rotate(manager.instance("changed"));
        remember();
        assertThat(parts.deletion.beginWith(manager.instance("twice"))).isTrue();
        parts.deletion.removeAll(manager.instances.findAlsoDeleted("twice").orElseThrow());
        manager.passphrases.storeMissing();
        remember();
        manager.lives.beginAnew(manager.instances.findAlsoDeleted("twice").orElseThrow(), "redis", "second");
        for (String id : List.of("managed", "users", "changed", "twice", "theirs")) {
            manager.backups.make(id);
        }
        manager.passphrases.storeMissing();
        remember();
        untouched.putAll(bucket());
        assertThat(manager.reconcile(Surroundings.MANAGER_WORKS).agrees())
                .as(manager.told.toString())
                .isTrue();
        return manager;
    }

    private Map<String, byte[]> bucket() {
        Map<String, byte[]> found = new TreeMap<>();
        for (StoredObject object : parts.store.list("")) {
            found.put(object.key(), parts.store.get(object.key()).orElseThrow());
        }
        return found;
    }

    private void remember() {
        bucket().forEach((key, content) -> {
            List<byte[]> known = history.computeIfAbsent(key, _ -> new ArrayList<>());
            if (known.stream().noneMatch(each -> Arrays.equals(each, content))) {
                known.add(content);
            }
        });
    }

    private void restoreBucket() {
        for (String key : bucket().keySet()) {
            if (!untouched.containsKey(key)) {
                parts.store.delete(key);
            }
        }
        untouched.forEach((key, content) -> {
            if (!parts.store
                    .get(key)
                    .filter(each -> Arrays.equals(each, content))
                    .isPresent()) {
                parts.store.put(key, content);
            }
        });
    }

    /** One thing that a writer of the bucket does. Returns it in words. */
    private String change(Random random) throws Exception {
        List<String> keys = new ArrayList<>(history.keySet());
        String target = oneOf(keys, random);
        String source = oneOf(keys, random);
        byte[] content = oneOf(history.getOrDefault(source, List.of()), random);
        return switch (random.nextInt(7)) {
            case 0 -> {
                parts.store.delete(target);
                yield "deleted " + target;
            }
            case 1 -> put(source, Arrays.copyOf(content, random.nextInt(content.length)), "cut " + source);
            case 2 -> {
                byte[] flipped = content.clone();
                flipped[random.nextInt(flipped.length)] ^= (byte) (1 << random.nextInt(8));
                yield put(source, flipped, "flipped a bit of " + source);
            }
            case 3 -> put(source, content, "put an older " + source + " back");
            case 4 -> {
                String id = oneOf(List.of("managed", "users", "changed", "twice", "planted"), random);
                String key = StoreLayout.key(id, 1 + random.nextInt(4));
                yield put(key, wrapped(WRITER), "planted " + key);
            }
            case 5 -> {
                String kind = source.substring(source.lastIndexOf('/'));
                String other =
                        oneOf(keys.stream().filter(each -> each.endsWith(kind)).toList(), random);
                yield put(other, content, "put " + source + " in the place of " + other);
            }
            default -> put(target, content, "put " + source + " in the place of " + target);
        };
    }

    private static <T> T oneOf(List<T> all, Random random) {
        return all.get(random.nextInt(all.size()));
    }

    private String put(String key, byte[] content, String what) {
        parts.store.put(key, content);
        return what;
    }

    private static byte[] wrapped(X25519Identity identity) throws IOException {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        try (OutputStream out = Age.encrypt(file, List.of(MASTER.recipient()), SECURE)) {
            out.write((identity.encoded() + "\n").getBytes(StandardCharsets.US_ASCII));
        }
        return file.toByteArray();
    }

    static IntStream shares() {
        return IntStream.range(0, SHARES);
    }

    @ParameterizedTest
    @MethodSource("shares")
    void whateverIsDoneToTheBucketNobodyReadsOrTakesWhatIsNotTheirs(int share) throws Exception {
        try {
            Manager manager = past();
            Map<String, Set<String>> recipients = new HashMap<>();
            for (String id : List.of("managed", "users", "changed", "twice", "theirs")) {
                recipients.put(id, recipients(manager, id));
            }
            for (int i = share; i < MUTATIONS; i += SHARES) {
                Random random = new Random(SEED + i);
                List<String> changes = new ArrayList<>();
                for (int each = 1 + random.nextInt(MOST_CHANGES); each > 0; each--) {
                    changes.add(change(random));
                }
                String what = "seed " + (SEED + i) + ": " + changes;
                if (sameAsBefore()) {
                    continue;
                }
                Map<String, byte[]> changed = bucket();
                rebuild(what, recipients);
                setBucket(changed);
                besideTheManager(what, manager, recipients);
                restoreBucket();
                // What the comparison has called damaged is whole again.
                TestDatabase.run(parts.database, "UPDATE backup SET state = 'DONE' WHERE state = 'SUSPECT'");
                TestDatabase.run(parts.database, "UPDATE backup SET state = 'DELETED' WHERE state = 'DELETING'");
                remakeRecords(manager);
            }
        } finally {
            parts.close();
        }
    }

    private boolean sameAsBefore() {
        Map<String, byte[]> now = bucket();
        return now.keySet().equals(untouched.keySet())
                && now.entrySet().stream()
                        .allMatch(each -> Arrays.equals(each.getValue(), untouched.get(each.getKey())));
    }

    private void setBucket(Map<String, byte[]> wanted) {
        for (String key : bucket().keySet()) {
            if (!wanted.containsKey(key)) {
                parts.store.delete(key);
            }
        }
        wanted.forEach(parts.store::put);
    }

    /** The manager's own records and keys are in the bucket as it knows them now. */
    private void remakeRecords(Manager manager) {
        untouched.keySet().removeIf(key -> key.endsWith("instance.json"));
        manager.reconcile(Surroundings.MANAGER_WORKS);
        bucket().forEach((key, content) -> {
            if (key.endsWith("instance.json")) {
                untouched.put(key, content);
            }
        });
        assertThat(manager.reconcile(Surroundings.MANAGER_WORKS).agrees())
                .as(manager.told.toString())
                .isTrue();
    }

    private static Set<String> recipients(Manager manager, String id) {
        Set<String> found = new HashSet<>();
        for (Instance life : manager.lives.all(id)) {
            manager.versions.list(life.id()).stream().map(KeyVersion::recipient).forEach(found::add);
        }
        return found;
    }

    private void rebuild(String what, Map<String, Set<String>> recipients) throws Exception {
        Path state = folder.resolve("rebuilt");
        try (Database database = TestDatabase.open(state)) {
            Manager fresh = new Manager(database, parts.store);
            Map<String, Set<String>> recorded = recorded(fresh, recipients.keySet());
            boolean toTell = isToTellInARebuild(fresh, bucket());
            Set<String> touched = new HashSet<>();
            changedKeys(bucket()).forEach(key -> touched.add(key.split("/", 4)[2]));
            Reconciliation found = fresh.reconcile(Surroundings.ALONE);
            String context = what + "\ntold: " + fresh.told;
            if (toTell) {
                assertThat(found.problems()).as(context).isPositive();
            }
            recorded.forEach((id, keys) -> assertThat(recipients(fresh, id))
                    .as(context + "\nkeys of " + id)
                    .containsAll(keys));
            for (Map.Entry<String, Set<String>> each : recipients.entrySet()) {
                if (touched.contains(each.getKey())) {
                    requireOwn(context, fresh, each.getKey(), each.getValue());
                }
            }
            assertThat(fresh.instances.findAlsoDeleted("planted")).as(context).isEmpty();
        } finally {
            delete(state);
        }
    }

    /** The recipients in those records that are authentic. */
    private static Map<String, Set<String>> recorded(Manager manager, Set<String> ids) {
        Map<String, Set<String>> found = new HashMap<>();
        for (String id : ids) {
            if (manager.keys.records.stored(id) instanceof Stored.Authentic authentic
                    && (!id.equals("twice") || authentic.instance().life() == 2)) {
                Set<String> keys = new HashSet<>();
                authentic.instance().keys().forEach(each -> keys.add(each.recipient()));
                found.put(id, keys);
            }
        }
        return found;
    }

    /**
     * Whether a change is one that a rebuild has to tell. It cannot know of a manifest that is gone with all that is newer,
     * nor of an older record of which no manifest says more; what is wrong with data is found by reading it.
     */
    private boolean isToTellInARebuild(Manager fresh, Map<String, byte[]> changed) {
        for (String key : changedKeys(changed)) {
            byte[] now = changed.get(key);
            if (key.endsWith("manifest.json")) {
                if (now != null) {
                    return true;
                }
            } else if (key.endsWith("instance.json")) {
                if (!isReplayOfWhatNoManifestSaysMore(fresh, key.split("/", 4)[2])) {
                    return true;
                }
            } else if (!isData(key)) {
                return true;
            }
        }
        return false;
    }

    private boolean isReplayOfWhatNoManifestSaysMore(Manager manager, String id) {
        if (!(manager.keys.records.stored(id) instanceof Stored.Authentic(var there, var _, var _))) {
            return false;
        }
        StoredInstance stored = StoredInstance.list(parts.store, id);
        return new Manifests(parts.store, TestKeys.SIGNING.trusted())
                .witnesses(id, stored.manifests().keySet()).stream()
                        .noneMatch(each -> each.life() > there.life()
                                || (each.life() == there.life() && each.revision() > there.revision()));
    }

    /** What an instance has is its own, and what is made of it now opens for its own keys alone. */
    private void requireOwn(String context, Manager manager, String id, Set<String> own) throws IOException {
        Optional<Instance> known = manager.instances.find(id);
        if (known.isEmpty()) {
            return;
        }
        Instance instance = known.get();
        assertThat(manager.versions.list(instance.id()))
                .as(context + "\nkeys of " + id)
                .allMatch(each -> own.contains(each.recipient()));
        String owner = switch (id) {
            case "managed", "users" -> "first";
            case "changed" -> "rightful";
            case "twice" -> "second";
            default -> "intruder";
        };
        // Of one that was given away, a record from before can be all that is left.
        if (!id.equals("changed")) {
            assertThat(instance.owner()).as(context + "\nowner of " + id).isIn(owner, null);
        }
        for (Backup backup : manager.backupTable.list(instance.id())) {
            if (backup.state().isGood()) {
                requireOwnData(context, manager, id, backup);
            }
        }
        Set<String> before = bucket().keySet();
        long made;
        try {
            made = manager.backups.make(id);
        } catch (KeyMismatchException e) {
            return; // its user has to make a key first
        } catch (StoreException e) {
            return; // refused, and told
        }
        Backup backup = manager.backupTable.get(made);
        assertThat(manager.versions.list(instance.id()))
                .as(context + "\nnew backup of " + id)
                .anyMatch(each -> Integer.valueOf(each.version()).equals(backup.keyVersion()));
        for (String key : bucket().keySet()) {
            if (!before.contains(key) && key.endsWith(".zst.age")) {
                requireClosed(context, key);
            }
        }
        // Its key can be opened again: by the manager, or by what only the user has.
        if (instance.custody() == Custody.MANAGED) {
            assertThat(manager.backups.opens(backup)).as(context).isTrue();
        }
    }

    private void requireClosed(String context, String key) throws IOException {
        byte[] content = parts.store.get(key).orElseThrow();
        try {
            Age.fileKey(new ByteArrayInputStream(content), List.of(WRITER));
            assertThat(key).as(context + "\nopens for the writer of the bucket").isNull();
        } catch (AgeException e) {
            assertThat(e.kind()).isEqualTo(AgeException.Kind.NO_MATCHING_KEY);
        }
    }

    private static void requireOwnData(String context, Manager manager, String id, Backup backup) {
        try {
            Optional<String> data = manager.backups.data(backup);
            data.ifPresent(text -> assertThat(text)
                    .as(context + "\n" + backup.backupId() + " of " + id)
                    .startsWith("the data of " + id + " in " + backup.backupId()));
        } catch (UnreadableBackup e) {
            // Refused: that is what it is to be.
        }
    }

    private void besideTheManager(String what, Manager manager, Map<String, Set<String>> recipients) throws Exception {
        Map<String, List<KeyVersion>> before = new HashMap<>();
        for (String id : recipients.keySet()) {
            before.put(id, manager.versions.list(manager.instance(id).id()));
        }
        Map<String, byte[]> changed = bucket();
        Reconciliation found = manager.reconcile(Surroundings.MANAGER_WORKS);
        String context = what + "\ntold beside the manager: " + manager.told;
        if (isToTellBeside(changed)) {
            assertThat(found.agrees()).as(context).isFalse();
        }
        for (String id : recipients.keySet()) {
            assertThat(manager.versions.list(manager.instance(id).id()))
                    .as(context + "\nkeys of " + id)
                    .isEqualTo(before.get(id));
            // What was lost of records and key files is there again.
            for (KeyVersion key : before.getOrDefault(id, List.of())) {
                if (key.managed()) {
                    assertThat(parts.store.get(StoreLayout.key(id, key.version())))
                            .as(context)
                            .contains(key.wrapped().bytes());
                }
            }
        }
        assertThat(manager.instance("changed").owner()).isEqualTo("rightful");
        assertThat(manager.instance("users").custody()).isEqualTo(Custody.USER);
    }

    private Set<String> changedKeys(Map<String, byte[]> changed) {
        Set<String> keys = new HashSet<>(changed.keySet());
        keys.addAll(untouched.keySet());
        keys.removeIf(key -> Arrays.equals(changed.get(key), untouched.get(key)));
        return keys;
    }

    /**
     * Whether a change is one that a manager has to tell that knows what there was: all of them but those that only reading
     * finds, and garbage in folders of no backup, which garbage collection removes when it is old.
     */
    private boolean isToTellBeside(Map<String, byte[]> changed) {
        return changedKeys(changed).stream().anyMatch(key -> {
            byte[] before = untouched.get(key);
            byte[] now = changed.get(key);
            return !isData(key) || (before != null && (now == null || now.length != before.length));
        });
    }

    /** Whether it is among what has its hashes in a manifest, at first or at second hand. */
    private static boolean isData(String key) {
        return key.endsWith(".zst.age") || key.endsWith("segments.list");
    }

    private static void delete(Path state) throws IOException {
        if (Files.exists(state)) {
            try (var files = Files.walk(state)) {
                for (Path each : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(each);
                }
            }
        }
    }
}
