package io.holdfast.manager.store.directory;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.manager.store.Store.StoredObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Lists of folders that have more names than are held in memory. */
class ListingTest {
    @TempDir
    Path root;

    private final TreeSet<String> keys = new TreeSet<>();

    @BeforeEach
    void write() throws IOException {
        for (String folder : List.of("", "b/", "b-b/", "b0/", "b/c/", "b/c-/", "b/c/d/e/", "z/")) {
            for (String name : List.of("a", "aa", "b.txt", "b-", "b1", "c0", "c.d", "y", "zz", "_", "0", "Z")) {
                String key = folder + name;
                Files.createDirectories(root.resolve(key).getParent());
                Files.write(root.resolve(key), new byte[3]);
                keys.add(key);
            }
        }
        Files.createDirectories(root.resolve("empty/too"));
        Files.createDirectories(root.resolve(".hidden"));
        Files.write(root.resolve(".hidden/a"), new byte[1]);
        Files.createSymbolicLink(root.resolve("link"), root.resolve("b"));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 13, 1000})
    void everyPageSizeGivesTheOrderOfKeys(int pageSize) throws IOException {
        assertThat(list("", "", pageSize)).containsExactlyElementsOf(keys);
        assertThat(list("b/", "", pageSize)).containsExactlyElementsOf(keys.subSet("b/", "b0"));
        assertThat(list("none/", "", pageSize)).isEmpty();
        assertThat(list("y/", "", pageSize)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 1000})
    void listBeginsBehindAnyKey(int pageSize) throws IOException {
        List<String> places = new ArrayList<>(keys);
        places.addAll(List.of("b", "b-b", "b/c", "b/c/d", "b/c/d/f", "a/x", "zzz", "0-", "b/zz/x"));
        for (String after : places) {
            assertThat(list("", after, pageSize)).as(after).containsExactlyElementsOf(keys.tailSet(after, false));
        }
    }

    @Test
    void receiverMayDeleteWhatItIsGiven() throws IOException {
        List<String> given = new ArrayList<>();
        new Listing(
                        root,
                        "",
                        object -> {
                            given.add(object.key());
                            delete(root.resolve(object.key()));
                        },
                        2)
                .walk("");
        assertThat(given).containsExactlyElementsOf(keys);
        assertThat(list("", "", 2)).isEmpty();
    }

    private static void delete(Path file) {
        try {
            Files.delete(file);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private List<String> list(String prefix, String after, int pageSize) throws IOException {
        List<StoredObject> found = new ArrayList<>();
        new Listing(root, after, found::add, pageSize).walk(prefix);
        assertThat(found).allMatch(object -> object.size() == 3);
        return found.stream().map(StoredObject::key).toList();
    }
}
