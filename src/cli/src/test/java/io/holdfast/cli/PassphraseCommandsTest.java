package io.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.cli.outcome.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PassphraseCommandsTest {
    private static final String KEY = "words of a user";
    private static final String NEW = "other words of a user";

    @TempDir
    private Path directory;

    private StandInManager manager;

    @BeforeEach
    void start() throws IOException {
        manager = new StandInManager(directory);
    }

    @AfterEach
    void stop() {
        manager.close();
    }

    private Run run(String... arguments) throws IOException {
        return Run.with(manager.environment(), arguments);
    }

    private static String instance(boolean set, String custody) {
        return "{\"instance_id\": \"pg1\", \"passphrase\": {\"set\": " + set + ", \"custody\": \"" + custody + "\"}}";
    }

    private String file(String name, String content) throws IOException {
        return Files.writeString(directory.resolve(name), content + "\n").toString();
    }

    @Test
    void aKeyIsSetFromAFileAndItsStrengthIsShown() throws IOException {
        manager.then(200, instance(false, "managed"))
                .then(
                        200,
                        "{\"encryption_key_strength\": {\"score\": 1, \"warning\": \"w\", \"suggestions\": [\"Add words.\"]}}")
                .then(200, instance(true, "managed"));
        Run run = run("passphrase", "pg1", "--new-passphrase-file", file("new", NEW));
        assertThat(run.exitCode()).as(run.errors()).isZero();
        assertThat(run.text())
                .contains("set; custody managed", "1 of 4. w. Add words.")
                .doesNotContain(NEW);
        assertThat(manager.bodies).contains("{\"encryption_key\":\"" + NEW + "\"}");
    }

    @Test
    void theUsersCustodyIsConfirmedFirstAndTheOldKeyIsSentToChangeIt() throws IOException {
        manager.then(200, instance(true, "managed"));
        Run unconfirmed = run("passphrase", "pg1", "--custody", "user", "--passphrase-file", file("key", KEY));
        assertThat(unconfirmed.exitCode()).isEqualTo(ExitCode.USAGE.number());
        assertThat(unconfirmed.errors()).contains("NotConfirmed");

        run("passphrase", "pg1", "--custody", "user", "--passphrase-file", file("key", KEY), "--yes");
        assertThat(manager.bodies)
                .anySatisfy(body -> assertThat(body)
                        .contains("\"confirm_custody\":true", "\"custody\":\"user\"", "\"encryption_key\":\"" + KEY));

        manager.then(200, instance(true, "user"));
        run("instances"); // takes the older answer away
        run("passphrase", "pg1", "--new-passphrase-file", file("new", NEW), "--passphrase-file", file("key", KEY));
        assertThat(manager.bodies)
                .anySatisfy(body -> assertThat(body)
                        .contains("\"current_encryption_key\":\"" + KEY, "\"encryption_key\":\"" + NEW));
    }

    @Test
    void withoutATerminalAndAFileTheKeyIsMissing() throws IOException {
        manager.then(200, instance(false, "managed"));
        Run run = run("passphrase", "pg1", "--set");
        assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE.number());
        assertThat(run.errors()).contains("the passphrase is missing");
    }

    @Test
    void aRestoreSendsTheKeyInItsBody() throws IOException {
        manager.then(200, "{\"id\": 7, \"status\": \"done\", \"state\": \"done\"}")
                .then(202, "{\"id\": 3}");
        Run run = run("restore", "pg1", "7", "--passphrase-file", file("key", KEY), "--yes", "--no-wait");
        assertThat(run.exitCode()).as(run.errors()).isZero();
        assertThat(manager.bodies).contains("{\"encryption_key\":\"" + KEY + "\"}");
    }
}
