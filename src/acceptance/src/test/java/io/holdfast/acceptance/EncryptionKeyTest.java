package io.holdfast.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.testbed.Certificates;
import io.holdfast.testbed.S3ProxyServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** A user sets the passphrase, keeps it alone, restores with it, and without Holdfast from a download or the store. */
class EncryptionKeyTest {
    private static final String INSTANCE = "files-1";
    private static final String PATH = "/instances/" + INSTANCE;
    private static final String OLD = "first words of a user";
    private static final String NEW = "later words, größer";

    @TempDir
    Path folder = Path.of("");

    private Path data = folder;
    private Path storeCa = folder;
    private int outs;

    @Test
    void itOpensEverythingInTheDirectoryStore() throws Exception {
        try (Landscape landscape = new Landscape()) {
            storeCa = landscape.certificates().caFile();
            long backup = everything(landscape);
            landscape.withoutDownloads();
            aRestoreWhoseKeyWasOnlyInMemoryEndsWithAnErrorOfItsOwn(landscape, backup);
            nothingCanBeDownloadedWhereThatIsSwitchedOff(landscape.api(), PATH + "/backups/" + backup);
        }
    }

    @Test
    void itOpensEverythingInAnS3Store() throws Exception {
        Certificates certificates = new Certificates(folder.resolve("tls"));
        try (S3ProxyServer s3 = S3ProxyServer.start(folder.resolve("bucket"), certificates);
                Landscape landscape = new Landscape(Landscape.s3(s3, s3.endpoint(), certificates))) {
            storeCa = certificates.caFile();
            everything(landscape);
            recover(s3.file("v2/instances/" + INSTANCE), backupId(landscape, 1), 1, NEW);
            recover(s3.file("v2/instances/" + INSTANCE), backupId(landscape, 2), 2, NEW);
            theCatalogueIsRebuiltWithoutTheKey(landscape);
        }
    }

    /** Returns the number of a backup that only the user's key opens. */
    private long everything(Landscape landscape) throws Exception {
        data = Files.createDirectories(folder.resolve("parent/data"));
        Files.writeString(data.resolve("file"), "content");
        Api api = landscape.api();
        landscape.startManager();
        startAgent(landscape);
        long first = backup(landscape);
        assertThat(api.post(PATH + "/keys").status()).isEqualTo(201);
        long second = backup(landscape);

        Api.Answer set = api.send("PUT", PATH, "{\"encryption_key\": \"" + OLD + "\"}");
        assertThat(set.status()).as(set.text() + landscape.logs()).isEqualTo(200);
        assertThat(set.json().path("encryption_key_strength").path("score").intValue())
                .isPositive();
        assertThat(set.text()).doesNotContain(OLD);
        assertThat(api.send("PUT", PATH, "{\"encryption_key\": \"" + NEW + "\"}")
                        .status())
                .isEqualTo(200);
        if (Files.exists(landscape.storeFolder())) {
            recover(landscape.storeFolder().resolve("v2/instances/" + INSTANCE), backupId(landscape, first), 1, NEW);
            recover(landscape.storeFolder().resolve("v2/instances/" + INSTANCE), backupId(landscape, second), 2, NEW);
        }

        theUserAloneKeepsIt(landscape);
        long third = backup(landscape);
        itIsReadBackAsFarAsTheManagerCan(landscape, third);
        itRestores(landscape, first);
        itRestores(landscape, third);
        recover(download(landscape, second), backupId(landscape, second), 2, NEW);
        return third;
    }

    private void startAgent(Landscape landscape) {
        landscape.startAgent(INSTANCE, 0, Map.of("kind", "directory", "path", data.toString()));
        landscape.awaitAgent(INSTANCE);
    }

    private static long backup(Landscape landscape) {
        Api api = landscape.api();
        JsonNode made = api.awaitBackup(INSTANCE, api.startBackup(INSTANCE));
        assertThat(made.path("status").asString()).as(made + landscape.logs()).isEqualTo("done");
        assertThat(made.path("downloadable").booleanValue()).isTrue();
        return made.get("id").longValue();
    }

    private static String backupId(Landscape landscape, long number) {
        return landscape.api().backup(INSTANCE, number).get("backup_id").asString();
    }

    private static void theUserAloneKeepsIt(Landscape landscape) {
        Api api = landscape.api();
        String wish = "{\"encryption_key\": \"" + NEW + "\", \"custody\": \"user\"%s}";
        Api.Answer unconfirmed = api.send("PUT", PATH, wish.formatted(""));
        assertThat(unconfirmed.status()).isEqualTo(422);
        assertThat(unconfirmed.json().get("error").asString()).isEqualTo("ConfirmationRequired");
        assertThat(unconfirmed.json().get("description").asString()).contains("loses all of the backups");
        assertThat(api.send("PUT", PATH, wish.formatted(", \"confirm_custody\": true"))
                        .status())
                .isEqualTo(200);
        assertThat(api.get(PATH).json().get("passphrase").toString()).isEqualTo("{\"set\":true,\"custody\":\"user\"}");
    }

    private static void itIsReadBackAsFarAsTheManagerCan(Landscape landscape, long backup) {
        Api api = landscape.api();
        String path = PATH + "/backups/" + backup;
        assertThat(api.post(path + "/verify").status()).isEqualTo(202);
        JsonNode verification = api.await(
                        path,
                        each -> List.of("passed", "failed")
                                .contains(
                                        each.path("verification").path("state").asString("")))
                .get("verification");
        assertThat(verification.get("state").asString())
                .as(verification.toString())
                .isEqualTo("passed");
        assertThat(verification.get("level").asString()).isEqualTo("ciphertext");
        assertThat(verification.get("message").asString()).contains("not decrypted");
    }

    private void itRestores(Landscape landscape, long backup) throws IOException {
        Api api = landscape.api();
        String path = PATH + "/backups/" + backup + "/restore";
        Files.writeString(data.resolve("file"), "changed");
        assertThat(api.post(path).json().get("error").asString()).isEqualTo("EncryptionKeyRequired");
        Api.Answer wrong = api.send("POST", path, "{\"encryption_key\": \"" + OLD + "\"}");
        assertThat(wrong.status()).isEqualTo(422);
        assertThat(wrong.json().get("error").asString()).isEqualTo("WrongEncryptionKey");
        assertThat(data.resolve("file")).content().isEqualTo("changed");

        String body = "{\"encryption_key\": \"" + NEW + "\"}";
        String[] headers = {"Content-Type", "application/json", "Idempotency-Key", "restore-of-" + backup};
        Api.Answer begun = api.send("POST", path, body, headers);
        assertThat(begun.status()).as(begun.text() + landscape.logs()).isEqualTo(202);
        assertThat(api.send("POST", path, body, headers).text()).isEqualTo(begun.text());
        JsonNode ended = api.awaitRestore(INSTANCE, begun.json().get("id").longValue());
        assertThat(ended.path("status").asString()).as(ended + landscape.logs()).isEqualTo("done");
        assertThat(data.resolve("file")).content().isEqualTo("content");
    }

    private void aRestoreWhoseKeyWasOnlyInMemoryEndsWithAnErrorOfItsOwn(Landscape landscape, long backup)
            throws IOException {
        Api api = landscape.api();
        Files.writeString(data.resolve("file"), "newer");
        assertThat(api.send("PUT", PATH + "/pause", "{\"reason\": \"a test\"}").status())
                .isEqualTo(200);
        Api.Answer begun =
                api.send("POST", PATH + "/backups/" + backup + "/restore", "{\"encryption_key\": \"" + NEW + "\"}");
        assertThat(begun.status()).as(begun.text()).isEqualTo(202);
        landscape.manager().kill();
        landscape.startManager();
        assertThat(api.send("DELETE", PATH + "/pause", "").status()).isEqualTo(200);
        JsonNode ended = api.awaitRestore(INSTANCE, begun.json().get("id").longValue());
        assertThat(ended.path("reason").path("code").asString())
                .as(ended + landscape.logs())
                .isEqualTo("KEY_LOST");
        assertThat(ended.path("live_data").asString()).isEqualTo("untouched");
        assertThat(ended.path("attempts").intValue()).isEqualTo(1);
        assertThat(data.resolve("file")).content().isEqualTo("newer");
    }

    private static void nothingCanBeDownloadedWhereThatIsSwitchedOff(Api api, String path) {
        assertThat(api.get(path).json().get("downloadable").booleanValue()).isFalse();
        Api.Answer answer = api.get(path + "/download");
        assertThat(answer.status()).isEqualTo(403);
        assertThat(answer.json().get("error").asString()).isEqualTo("DownloadsOff");
        assertThat(api.get("/store/v2/instances/" + INSTANCE).status()).isEqualTo(404);
    }

    private void theCatalogueIsRebuiltWithoutTheKey(Landscape landscape) throws IOException {
        landscape.manager().kill();
        Shell.run("rm", "-r", landscape.folder().resolve("state").toString());
        Shell.Result rebuilt = landscape.manage("rebuild");
        assertThat(rebuilt.status()).as(rebuilt.output()).isZero();
        landscape.startManager();
        landscape.awaitAgent(INSTANCE);
        assertThat(landscape.api().get(PATH).json().get("passphrase").toString())
                .isEqualTo("{\"set\":true,\"custody\":\"user\"}");
        itRestores(landscape, backup(landscape));
    }

    /** Gets all files by curl, as a user would. Returns their folder. */
    private Path download(Landscape landscape, long backup) throws Exception {
        Api.Answer answer = landscape.api().get(PATH + "/backups/" + backup + "/download");
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        assertThat(answer.json().get("how_to_open").asString()).contains("age -d keys/2/key.passphrase.age");
        Path target = folder.resolve("download");
        for (JsonNode file : answer.json().get("files")) {
            Path to = target.resolve(file.get("path").asString());
            Files.createDirectories(to.getParent());
            Shell.run(
                    "curl",
                    "-sSf",
                    "--cacert",
                    storeCa.toString(),
                    "-o",
                    to.toString(),
                    file.get("url").asString());
            byte[] content = Files.readAllBytes(to);
            assertThat(content).hasSize(file.get("bytes").intValue());
            assertThat(HexFormat.of()
                            .formatHex(MessageDigest.getInstance("SHA-256").digest(content)))
                    .isEqualTo(file.get("sha256").asString());
        }
        return target;
    }

    /** The commands of docs/recovery.md and docs/adapters/directory.md, as they stand there but for the key's version. */
    private void recover(Path instance, String backup, int version, String passphrase) throws IOException {
        String document = Files.readString(JavaProcess.root().resolve("docs/recovery.md"));
        int begin = document.indexOf("```bash\n") + 8;
        String open = document.substring(begin, document.indexOf("```", begin));
        String adapter = Files.readString(JavaProcess.root().resolve("docs/adapters/directory.md"));
        String restore = adapter.substring(adapter.indexOf("```sh\n") + 6, adapter.lastIndexOf("\n```"));
        Path out = Files.createDirectory(folder.resolve("out-" + outs++));
        String names = "set -eu\nINSTANCE='" + instance + "'\nBACKUP='" + backup + "'\nOUT='" + out + "'\n";
        Path script = folder.resolve("script");
        Files.writeString(script, names + open.replace("keys/1/", "keys/" + version + "/"), StandardCharsets.UTF_8);
        Shell.runOnTerminal(passphrase, "sh '" + script + "'");
        Files.writeString(script, names + restore + "\n");
        Shell.run("bash", script.toString());
        assertThat(out.resolve("data/file")).content().isEqualTo("content");
    }
}
