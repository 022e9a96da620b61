package io.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.cli.outcome.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CommandLineTest {
    @TempDir
    private Path directory;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "nonsense",
                "--nonsense",
                "backup",
                "backup pg1 more",
                "backup ../pg1",
                "backup pg/1",
                "backup -pg1",
                "backup pg1 --no-such-option",
                "restore pg1",
                "restore pg1 0",
                "restore pg1 -1",
                "restore pg1 newest",
                "restore pg1 99999999999999999999",
                "delete pg1 latest",
                "cancel pg1",
                "cancel pg1 --backup 1 --restore 2",
                "cancel pg1 --backup one",
                "keys pg1 --export 1",
                "keys pg1 --output file",
                "keys pg1 --rotate --export 1 --output file",
                "keys pg1 --export one --output file",
                "verify",
                "verify pg1",
                "verify --directory . pg1 1",
                "verify pg1 1 --public-key file",
                "decrypt",
                "decrypt --identity file",
                "decrypt input",
                "decrypt --identity file --backup . input",
                "decrypt --identity file --artifact app input",
                "decrypt --backup .",
                "decrypt --identity file --backup . --raw",
                "keygen",
                "delete-instance pg1",
                "instances --json=maybe",
                "instances --manager"
            })
    void wrongCommandLineIsRefusedWithAHint(String line) {
        Run run = Run.of(line.isEmpty() ? new String[0] : line.split(" "));

        assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE.number());
        assertThat(run.errors()).startsWith("Usage: ").contains("HINT: ").doesNotContain("\tat ");
        assertThat(run.output()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://127.0.0.1:1",
                "127.0.0.1:1",
                "https://",
                "https://admin:secret-word@127.0.0.1:1",
                "https://127.0.0.1:1/?q",
                "https://127.0.0.1:1/ x",
                "file:///etc/passwd"
            })
    void managersAddressMustBeHttpsWithoutSecrets(String address) throws IOException {
        Run run = Run.of(
                "instances",
                "--manager",
                address,
                "--user",
                "admin",
                "--password-file",
                passwordFile().toString());

        assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE.number());
        assertThat(run.errors()).startsWith("Usage: ").doesNotContain("secret-word");
    }

    @Test
    void missingSettingsNameOptionAndVariable() throws IOException {
        assertThat(Run.of("store").errors()).contains("--manager").contains("HOLDFAST_MANAGER");
        assertThat(Run.of("store", "--manager", "https://127.0.0.1:1").errors())
                .contains("--user")
                .contains("HOLDFAST_USER");
        Run run = Run.of("store", "--manager", "https://127.0.0.1:1", "--user", "admin");
        assertThat(run.errors()).contains("--password-file").contains("HOLDFAST_PASSWORD_FILE");
        assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE.number());
    }

    @Test
    void unreadablePasswordFileIsNamed() {
        Run run = Run.of("store", "--manager", "https://127.0.0.1:1", "--user", "a", "--password-file", "/nowhere/pw");

        assertThat(run.exitCode()).isEqualTo(ExitCode.LOCAL_FILE.number());
        assertThat(run.errors()).contains("/nowhere/pw: no such file");
    }

    @Test
    void caFileWithoutCertificateIsNamed() throws IOException {
        Path file = Files.writeString(directory.resolve("ca.crt"), "no certificate");

        Run run = Run.with(
                Map.of("HOLDFAST_CA_FILE", file.toString()),
                "store",
                "--manager",
                "https://127.0.0.1:1",
                "--user",
                "a",
                "--password-file",
                passwordFile().toString());

        assertThat(run.exitCode()).isEqualTo(ExitCode.LOCAL_FILE.number());
        assertThat(run.errors()).contains("ca.crt");
    }

    @Test
    void everyCommandHasHelpWithExitCodes() {
        var commands = Holdfast.commandLine(io.holdfast.cli.terminal.Surroundings.ofThisProcess())
                .getSubcommands()
                .keySet();
        assertThat(commands)
                .contains(
                        "instances",
                        "backups",
                        "backup",
                        "restore",
                        "cancel",
                        "verify",
                        "delete",
                        "agents",
                        "refuse-agent",
                        "allow-agent",
                        "keys",
                        "store",
                        "decrypt",
                        "keygen");
        for (String command : commands) {
            Run run = command.equals("help") ? Run.of("help") : Run.of(command, "--help");
            assertThat(run.exitCode()).isZero();
            assertThat(run.text()).contains("Usage: holdfast").contains("Exit codes:");
            assertThat(run.errors()).isEmpty();
        }
    }

    @Test
    void newIdentityIsPrivateAndNeverOverwritten() throws IOException {
        Path file = directory.resolve("master.key");

        Run first = Run.of("keygen", "-o", file.toString());
        String content = Files.readString(file);
        Run second = Run.of("keygen", "-o", file.toString());

        assertThat(first.exitCode()).isZero();
        assertThat(first.text()).matches("age1[a-z0-9]{58}\n");
        assertThat(content).contains(first.text().strip()).contains("AGE-SECRET-KEY-1");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(second.exitCode()).isEqualTo(ExitCode.LOCAL_FILE.number());
        assertThat(second.errors()).startsWith("FileExists: ");
        assertThat(Files.readString(file)).isEqualTo(content);
    }

    private Path passwordFile() throws IOException {
        return Files.writeString(directory.resolve("password"), "a long password\n");
    }
}
