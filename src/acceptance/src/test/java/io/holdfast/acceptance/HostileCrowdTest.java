package io.holdfast.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.testbed.hostile.Hostile;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A small {@code scripts/hostile}. Other tests run beside it, so how long calls take is judged by that script alone. */
class HostileCrowdTest {
    private static final double ANY_TIME = 1000;
    private static final int MEMORY_MB = 512;

    @TempDir
    Path folder;

    @Test
    void s3_aCrowdOfHostileConnectionsKeepsNobodyFromBackingUp() throws Exception {
        Path root = Path.of(System.getProperty("holdfast.root", "../..")).toRealPath();
        Files.writeString(
                folder.resolve("java.args"),
                Shell.run(root.resolve("scripts/lib/manager-jvm").toString(), "" + MEMORY_MB));
        assertThat(Hostile.run(folder, root, new Hostile.Size(330, 60, 1, MEMORY_MB, ANY_TIME)))
                .isEmpty();
    }
}
