package io.holdfast.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** An instance that is a directory, from its first hello to its deletion. */
class DirectoryInstanceTest {
    private static final String INSTANCE = "files-1";
    private static final String PATH = "/instances/" + INSTANCE;
    private static final String DELETION = "{\"delete_backups\": true}";

    @TempDir
    Path folder = Path.of("");

    @Test
    void lostFilesComeBackAlsoWithPlainToolsAndTheInstanceGoesWithItsBackups() throws IOException {
        Path data = Files.createDirectories(folder.resolve("parent/data"));
        Files.createDirectories(data.resolve("deep/er"));
        Files.writeString(data.resolve("deep/er/a name with blanks"), "content");
        Files.createSymbolicLink(data.resolve("link"), Path.of("deep"));
        Path before = folder.resolve("before");
        Shell.run("cp", "-a", data.toString(), before.toString());

        try (Landscape landscape = new Landscape().readingBack()) {
            landscape.startManager();
            JavaProcess agent = landscape.startAgent(INSTANCE, 0, Map.of("kind", "directory", "path", data.toString()));
            landscape.awaitAgent(INSTANCE);
            Eventually.within(
                    Duration.ofSeconds(20),
                    () -> "the agent says that it is ready",
                    () -> status(landscape).startsWith("ready\n"));
            Api api = landscape.api();
            JsonNode backup = api.awaitBackup(INSTANCE, api.startBackup(INSTANCE));
            assertThat(backup.path("status").asString())
                    .as(backup + landscape.logs())
                    .isEqualTo("done");

            Files.delete(data.resolve("link"));
            Files.writeString(data.resolve("more"), "more");
            JsonNode restore = api.awaitRestore(
                    INSTANCE, api.startRestore(INSTANCE, backup.get("id").longValue()));
            assertThat(restore.path("status").asString())
                    .as(restore + landscape.logs())
                    .isEqualTo("done");
            Shell.run("diff", "-r", "--no-dereference", before.toString(), data.toString());

            recoverByHand(landscape, backup.get("backup_id").asString(), before);

            agent.close();
            assertThat(api.send("DELETE", PATH, "{}").status()).isEqualTo(400);
            assertThat(api.send("DELETE", PATH, DELETION).status()).isEqualTo(200);
            assertThat(api.get(PATH).status()).isEqualTo(404);
            assertThat(api.get("/instances").json()).isEmpty();
            assertThat(landscape.stored("/backups/")).isEmpty();
        }
    }

    @Test
    void anInstanceWithAJobIsNotDeleted() {
        try (Landscape landscape = new Landscape()) {
            landscape.startManager();
            Api api = landscape.api();
            assertThat(api.send("PUT", PATH, "{}").status()).isEqualTo(201);
            long backup = api.startBackup(INSTANCE);

            Api.Answer refused = api.send("DELETE", PATH, DELETION);

            assertThat(refused.status()).isEqualTo(423);
            assertThat(refused.text()).contains("cancel the job");
            assertThat(api.post(PATH + "/backups/" + backup + "/cancel").status())
                    .isEqualTo(202);
            assertThat(api.send("DELETE", PATH, DELETION).status()).isEqualTo(200);
            assertThat(api.send("PUT", PATH, "{}").status())
                    .as("it can come back")
                    .isEqualTo(201);
        }
    }

    private static String status(Landscape landscape) {
        try {
            return Files.readString(landscape.statusFile(INSTANCE));
        } catch (IOException e) {
            return "";
        }
    }

    /** The commands of docs/adapters/directory.md, as they stand there. */
    private void recoverByHand(Landscape landscape, String backup, Path before) throws IOException {
        String document = Files.readString(JavaProcess.root().resolve("docs/adapters/directory.md"));
        String commands = document.substring(document.indexOf("```sh\n") + 6, document.lastIndexOf("\n```"));
        Path out = Files.createDirectory(folder.resolve("out"));
        Path script = Files.writeString(
                folder.resolve("script"),
                "set -eu\nINSTANCE='" + landscape.storeFolder().resolve("v2/instances/" + INSTANCE) + "'\nBACKUP='"
                        + backup + "'\nOUT='" + out + "'\nage -d -i '" + landscape.recoveryKey()
                        + "' \"$INSTANCE/keys/1/key.age\" > \"$OUT/.key\"\n" + commands + "\n");
        Shell.run("bash", script.toString());
        Shell.run(
                "diff",
                "-r",
                "--no-dereference",
                before.toString(),
                out.resolve("data").toString());
    }
}
