package io.holdfast.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.testbed.FreePorts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The commands of README.md's "Use it", as they stand there and one after the other, by somebody who answers the question
 * before the restore. Only the folders and the ports are others, the build is there already, and where a person looks
 * whether the agent is there yet, this waits.
 */
class ReadmeTest {
    private static final String AGENT_IS_THERE =
            "until scripts/holdfast instances | grep shop-1 >/dev/null; do sleep 1; done\n";

    @TempDir
    private Path folder = Path.of("");

    @Test
    void aNewcomerBacksUpAndRestoresAFolder() throws IOException {
        Path data = Files.createDirectory(folder.resolve("data"));
        Files.writeString(data.resolve("letter"), "before");
        String readme = Files.readString(JavaProcess.root().resolve("README.md"));
        String section = readme.substring(readme.indexOf("## Use it"), readme.indexOf("## Operate it with BOSH"));
        String commands = section.substring(section.indexOf("```\n") + 4, section.indexOf("```\n\nThe dashboard"));
        assertThat(commands)
                .contains("src/mvnw -q package", "scripts/dev-config dev shop-1 FOLDER", "scripts/holdfast restore");

        String script = commands.replaceAll("(?m)^src/mvnw .*\n", "")
                .replace("dev-config dev", "dev-config --port " + FreePorts.row(2) + " dev")
                .replace("FOLDER", "'" + data + "'")
                .replaceAll("(?<=[ ])dev(?=[/ ])", folder.resolve("dev").toString())
                .replace("scripts/holdfast instances ", AGENT_IS_THERE + "scripts/holdfast instances ")
                .replace("scripts/holdfast restore", "echo after >'" + data + "/letter'\nscripts/holdfast restore");
        Path file = folder.resolve("commands");
        Files.writeString(file, """
                set -euo pipefail
                trap 'kill $(jobs -p); wait' EXIT
                cd '%s'
                %s
                """.formatted(JavaProcess.root(), script));

        // At QUIT, each JVM writes where its threads are.
        Shell.runOnTerminal("shop-1", "timeout -s QUIT -k 30 300 bash '" + file + "'");

        assertThat(data.resolve("letter")).hasContent("before");
    }
}
