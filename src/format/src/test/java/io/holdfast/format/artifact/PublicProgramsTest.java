package io.holdfast.format.artifact;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.format.Programs;
import io.holdfast.format.manifest.Manifest;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is written here is read with nothing but the age and zstd programs, as docs/format.md says. */
class PublicProgramsTest {
    @TempDir
    private Path folder = Path.of("");

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 1048576, 1048577, 30_000_000})
    void segmentsOpenWithAgeAndZstd(int size) throws Exception {
        byte[] plaintext = new SqlLikeData(size).readNBytes(size);
        StoredArtifact stored = new StoredArtifact(plaintext, new Settings(3, 2, 2 * 1024 * 1024));
        assertThat(stored.objects).hasSizeGreaterThan(size > 20_000_000 ? 3 : 0);
        for (int i = 0; i < stored.objects.size(); i++) {
            Files.write(folder.resolve(Manifest.objectName("app", i)), stored.objects.get(i));
        }
        Files.writeString(folder.resolve("key"), stored.identity.encoded() + "\n");
        Path empty = Files.createFile(folder.resolve("empty"));
        Path opened = folder.resolve("opened");
        Programs.run(
                empty,
                opened,
                "bash",
                "-o",
                "pipefail",
                "-euc",
                "cd '" + folder + "'; for s in app.*.zst.age; do age -d -i key \"$s\"; done | zstd -d");
        assertThat(Files.readAllBytes(opened)).isEqualTo(plaintext);
    }
}
