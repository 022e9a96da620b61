package io.holdfast.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** An object that several backups use is lost, and another one of the same content is read in its place (DL-29). */
class HealedBackupsTest {
    private static final String INSTANCE = "files-1";
    private static final String BACKUPS = "/instances/" + INSTANCE + "/backups/";
    private static final int BYTES = 6 * 1024 * 1024;

    @TempDir
    Path folder = Path.of("");

    private final Landscape landscape = new Landscape();
    private final Api api = landscape.api();
    private Path data = Path.of("");

    @BeforeEach
    void begin() throws IOException {
        data = Files.createDirectories(folder.resolve("data"));
        byte[] content = new byte[BYTES];
        new Random(29).nextBytes(content);
        Files.write(data.resolve("large"), content);
        Shell.run("cp", "-a", data.toString(), folder.resolve("before").toString());
        landscape.serve();
        landscape.startAgent(INSTANCE, 0, Map.of("kind", "directory", "path", data.toString()));
        landscape.awaitAgent(INSTANCE);
    }

    @AfterEach
    void end() {
        landscape.close();
    }

    @Test
    void dl29_aLostObjectMakesAllThatUseItSuspectAndTheFreshBackupHealsThem() throws IOException {
        JsonNode lender = backup("{}");
        JsonNode borrower = backup("{}");
        Path lost = largest(lender);
        Files.delete(lost);

        verify(number(borrower));
        awaitState(lender, "suspect");
        awaitState(borrower, "suspect");
        JsonNode fresh = awaitNewer(borrower);
        assertThat(fresh.get("added_bytes").longValue())
                .isEqualTo(fresh.get("size").longValue())
                .isGreaterThan(BYTES);
        verify(number(fresh));
        awaitState(fresh, "verified");
        for (JsonNode each : new JsonNode[] {lender, borrower}) {
            JsonNode healed = awaitState(each, "verified");
            assertThat(healed.at("/verification/message").asString())
                    .contains("1 of its objects")
                    .contains(String.valueOf(lost.getFileName()))
                    .contains(name(fresh));
            restore(number(each));
        }

        // What is read in its place stays, whoever has brought it.
        assertThat(api.send("DELETE", BACKUPS + number(fresh), "").status()).isBetween(200, 202);
        verify(number(borrower));
        awaitPassed(borrower);
        restore(number(borrower));

        // A manager that compares finds nothing wrong, and a later backup does not use what is lost.
        landscape.stopServing();
        landscape.serve();
        landscape.awaitAgent(INSTANCE);
        JsonNode next = backup("{}");
        assertThat(next.get("added_bytes").longValue()).isBetween(1L, BYTES / 2L);
        verify(number(next));
        awaitPassed(next);
        restore(number(next));
        assertThat(state(lender)).isEqualTo("verified");
    }

    @Test
    void dl29_aDamagedObjectOfWhichThereIsAnotherCopyIsReplacedAtOnce() throws IOException {
        JsonNode one = backup("{}");
        JsonNode another = backup("{\"fresh\": true}");
        Path damaged = largest(one);
        byte[] content = Files.readAllBytes(damaged);
        content[content.length / 2] ^= 1;
        Files.write(damaged, content);
        verify(number(one));
        JsonNode healed = awaitPassed(one);
        assertThat(healed.at("/verification/message").asString()).contains(name(another));
        restore(number(one));
        // The other one is lost too, and nothing is left to be read.
        landscape.stored("/segments/" + name(another) + "/").forEach(HealedBackupsTest::delete);
        verify(number(one));
        awaitState(one, "suspect");
    }

    private static void delete(Path file) {
        try {
            Files.delete(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long number(JsonNode backup) {
        return backup.get("id").longValue();
    }

    private static String name(JsonNode backup) {
        return backup.get("backup_id").asString();
    }

    private String state(JsonNode backup) {
        return api.backup(INSTANCE, number(backup)).get("state").asString();
    }

    private JsonNode backup(String body) {
        Api.Answer answer = api.send("POST", "/instances/" + INSTANCE + "/backups", body);
        assertThat(answer.status()).isEqualTo(201);
        return done(answer.json().get("id").longValue());
    }

    private JsonNode done(long number) {
        JsonNode backup = api.awaitBackup(INSTANCE, number);
        assertThat(backup.path("status").asString())
                .as(() -> backup + landscape.logs())
                .isEqualTo("done");
        return backup;
    }

    /** The backup that was ordered by nobody. */
    private JsonNode awaitNewer(JsonNode than) {
        JsonNode list = api.await(
                "/instances/" + INSTANCE + "/backups",
                each -> each.get(0).get("id").longValue() > number(than));
        return done(list.get(0).get("id").longValue());
    }

    private void verify(long number) {
        assertThat(api.post(BACKUPS + number + "/verify").status()).isEqualTo(202);
    }

    private JsonNode awaitState(JsonNode backup, String state) {
        return api.await(
                BACKUPS + number(backup), each -> each.get("state").asString().equals(state));
    }

    /** Once a verification that was asked for has ended well. */
    private JsonNode awaitPassed(JsonNode backup) {
        return api.await(
                BACKUPS + number(backup),
                each -> each.at("/verification/state").asString().equals("passed"));
    }

    private void restore(long number) throws IOException {
        Files.delete(data.resolve("large"));
        JsonNode restore = api.awaitRestore(INSTANCE, api.startRestore(INSTANCE, number));
        assertThat(restore.path("status").asString())
                .as(() -> restore + landscape.logs())
                .isEqualTo("done");
        Shell.run("diff", "-r", folder.resolve("before").toString(), data.toString());
    }

    private Path largest(JsonNode backup) {
        return landscape.stored("/segments/" + name(backup) + "/").stream()
                .max((a, b) -> Long.compare(a.toFile().length(), b.toFile().length()))
                .orElseThrow();
    }
}
