package io.holdfast.format.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.format.Programs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A backup of segments is read with the public programs alone, and damage ends with an error. */
class SegmentsByHandTest {
    private static final String READ = """
            awk 'NF == 7 { print $4 "  " $7 }' segments.list | sha256sum --quiet -c
            test "$(tail -n 1 segments.list)" = "end $(grep -c -v '^end [0-9]*$' segments.list)"
            grep '^app ' segments.list | while read -r _ _ _ _ _ _ path; do
              age -d -i identity.txt "$path" || exit 1
            done | zstd -d > app
            """;

    private final byte[] plaintext = new byte[5_000_000];

    @TempDir
    private Path folder = Path.of("");

    private StoredSegments stored;

    SegmentsByHandTest() throws Exception {
        new Random(7).nextBytes(plaintext);
        stored = new StoredSegments(plaintext);
    }

    @BeforeEach
    void writeBackup() throws Exception {
        for (var object : stored.objects.entrySet()) {
            Path file = folder.resolve(object.getKey());
            Files.createDirectories(file.getParent());
            Files.write(file, object.getValue());
        }
        Files.write(folder.resolve("segments.list"), stored.listFile);
        Files.writeString(folder.resolve("identity.txt"), stored.identity.encoded() + "\n");
    }

    @Test
    void publicProgramsReadIt() throws Exception {
        read();
        assertThat(Files.readAllBytes(folder.resolve("app"))).isEqualTo(plaintext);
    }

    @Test
    void damagedSegmentInTheMiddleEndsWithAnError() throws Exception {
        byte[] object = Files.readAllBytes(middle());
        object[object.length / 2] ^= 1;
        Files.write(middle(), object);
        assertThatThrownBy(this::read).hasMessageContaining("FAILED");
    }

    @Test
    void missingSegmentInTheMiddleEndsWithAnError() throws Exception {
        Files.delete(middle());
        assertThatThrownBy(this::read).hasMessageContaining("No such file");
    }

    @Test
    void cutListEndsWithAnError() throws Exception {
        int line = stored.list.lineBytes();
        Files.write(folder.resolve("segments.list"), Arrays.copyOf(stored.listFile, 2 * line));
        assertThatThrownBy(this::read).isInstanceOf(AssertionError.class);
    }

    /** Somebody who does not look at the hashes first gets an error too, not a shorter artifact. */
    @Test
    void damagedSegmentEndsReadingThoughNobodyLookedAtHashes() throws Exception {
        byte[] object = Files.readAllBytes(middle());
        object[object.length / 2] ^= 1;
        Files.write(middle(), object);
        assertThatThrownBy(() -> run(READ.substring(READ.indexOf("grep '^app"))))
                .isInstanceOf(AssertionError.class);
    }

    private Path middle() {
        return folder.resolve(stored.lines.get(stored.lines.size() / 2).name().path());
    }

    private void read() throws IOException, InterruptedException {
        run(READ);
    }

    private void run(String commands) throws IOException, InterruptedException {
        Path script = Files.writeString(
                folder.resolve("script"), "set -euo pipefail\nexec 2>&1\ncd '" + folder + "'\n" + commands);
        Path output = folder.resolve("output");
        try {
            Programs.run(script, output, "bash");
        } catch (AssertionError e) {
            throw new AssertionError(Files.readString(output), e);
        }
    }
}
