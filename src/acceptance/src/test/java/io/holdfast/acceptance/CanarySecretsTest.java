package io.holdfast.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.format.age.Age;
import io.holdfast.testbed.Certificates;
import io.holdfast.testbed.PostgresCluster;
import io.holdfast.testbed.S3ProxyServer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Ten secrets are planted, and must be found nowhere but in the files that hold them on purpose. */
class CanarySecretsTest {
    private static final String INSTANCE = "shop-1";
    private static final String ROW = "canary-row-3f9a1c77d2";
    private static final String PASSPHRASE = "canary passphrase of a user 5c1d";
    private static final String WRONG_PASSPHRASE = "canary passphrase that is wrong 77e0";
    private static final String ROLE_PASSWORD = "canary-role-password-81b2";

    private final Secrets secrets = new Secrets();
    private final List<String> found = new ArrayList<>();
    private final StringBuilder answers = new StringBuilder();

    @TempDir
    private Path folder = Path.of("");

    @Test
    void secretsAreFoundNowhere() throws IOException {
        Certificates certificates = new Certificates(folder.resolve("tls"));
        try (S3ProxyServer s3 = S3ProxyServer.start(folder.resolve("data"), certificates);
                Landscape landscape = new Landscape(Landscape.s3(s3, s3.endpoint(), certificates)).readingBack();
                PostgresCluster cluster = PostgresCluster.start()) {
            // A clear password in the data, beside the role's own: PostgreSQL keeps that only as a hash.
            cluster.psql(
                    "postgres",
                    "CREATE ROLE owner LOGIN PASSWORD '" + ROLE_PASSWORD + "'; CREATE DATABASE app OWNER owner");
            cluster.psql(
                    "app",
                    "CREATE TABLE t AS SELECT i, '" + ROW + "' AS v, '" + ROLE_PASSWORD
                            + "' AS p FROM generate_series(1, 20000) i");
            landscape.startManager();
            landscape.startAgent(INSTANCE, cluster);
            landscape.awaitAgent(INSTANCE);
            Api api = landscape.api();
            // The first backup makes the instance's key; what is planted is known only then.
            JsonNode first = api.awaitBackup(INSTANCE, api.startBackup(INSTANCE));
            assertThat(first.path("status").asString())
                    .as(() -> first + landscape.logs())
                    .isEqualTo("done");
            plant(landscape, cluster, s3);

            try (ProcessWatch watch = new ProcessWatch(secrets)) {
                long backup = api.startBackup(INSTANCE);
                JsonNode made = api.awaitBackup(INSTANCE, backup);
                assertThat(made.path("status").asString())
                        .as(() -> made + landscape.logs())
                        .isEqualTo("done");
                encryptionKeys(api, backup);
                JsonNode restored = api.awaitRestore(INSTANCE, restoreWithKey(api, backup));
                assertThat(restored.path("status").asString())
                        .as(() -> restored + landscape.logs())
                        .isEqualTo("done");
                assertThat(watch.rounds()).as("looks at all processes").isPositive();
                found.addAll(watch.found());
            }
            api.await(
                    "/instances/" + INSTANCE + "/backups",
                    list -> list.values().stream()
                            .allMatch(each -> each.path("state").asString().equals("verified")));
            collectAnswers(api);
            look("API answers", answers.toString().getBytes(StandardCharsets.UTF_8));
            look("logs", landscape.logs().getBytes(StandardCharsets.UTF_8));
            lookIn(landscape.folder().resolve("state"));
            lookIn(landscape.folder().resolve("agent-" + INSTANCE + "-0"));
            lookIn(folder.resolve("data"));
            assertThat(found).isEmpty();
        }
    }

    private void plant(Landscape landscape, PostgresCluster cluster, S3ProxyServer s3) throws IOException {
        secrets.plant("operator's password", landscape.password());
        secrets.plant("superuser's password", cluster.password());
        secrets.plant("a password in the data", ROLE_PASSWORD);
        secrets.plant("master identity", landscape.master().encoded());
        secrets.plant(
                "recovery identity", Files.readString(landscape.recoveryKey()).strip());
        secrets.plant("instance's identity", instanceIdentity(landscape, s3));
        secrets.plant("S3 secret key", s3.secretKey());
        Path tls = landscape.certificates().caFile().getParent();
        try (Stream<Path> files = Files.list(tls)) {
            for (Path file :
                    files.filter(each -> each.toString().endsWith("-key.pem")).toList()) {
                String name = String.valueOf(file.getFileName());
                secrets.plant(name.startsWith("agent-") ? "agent's private key" : "manager's private key", body(file));
            }
        }
        secrets.plant("signing key", body(landscape.folder().resolve("signing.key")));
        secrets.plant("a row", ROW);
        secrets.plant("passphrase", PASSPHRASE);
        secrets.plant("wrong passphrase", WRONG_PASSPHRASE);
        secrets.plant(
                "a request with the passphrase, hashed",
                hash("POST /instances/" + INSTANCE + "/backups/2/restore?\n{\"encryption_key\": \"" + PASSPHRASE
                        + "\"}"));
        assertThat(secrets.count()).as("planted secrets").isGreaterThanOrEqualTo(10);
        assertThat(secrets.in(("x" + ROW + "y").getBytes(StandardCharsets.UTF_8)))
                .containsExactly("a row");
    }

    /** Sets, changes and mistakes the user's passphrase, in every way that an answer could repeat it. */
    private void encryptionKeys(Api api, long backup) {
        String path = "/instances/" + INSTANCE;
        String set = "{\"encryption_key\": \"%s\", \"custody\": \"user\", \"confirm_custody\": %s%s}";
        answers.append(
                api.send("PUT", path, set.formatted(PASSPHRASE, "false", "")).text());
        Api.Answer done = api.send("PUT", path, set.formatted(PASSPHRASE, "true", ""));
        assertThat(done.status()).as(done.text()).isEqualTo(200);
        answers.append(done.text());
        String current = ", \"current_encryption_key\": \"" + WRONG_PASSPHRASE + "\"";
        answers.append(api.send("PUT", path, set.formatted(PASSPHRASE, "true", current))
                .text());
        answers.append(api.send("PUT", path, "{\"encryption_key\": [\"" + PASSPHRASE + "\"]}")
                .text());
        answers.append(api.send("PUT", path, "{\"encryption_key\": \" " + PASSPHRASE + "\"}")
                .text());
        String restore = path + "/backups/" + backup + "/restore";
        answers.append(api.send("POST", restore, "{\"encryption_key\": \"" + WRONG_PASSPHRASE + "\"}")
                .text());
        answers.append(api.send("POST", restore, "{\"encryption_key\": \"" + PASSPHRASE + "\"")
                .text());
        answers.append(api.get(path + "/backups/" + backup + "/download").text());
    }

    private static long restoreWithKey(Api api, long backup) {
        Api.Answer answer = api.send(
                "POST",
                "/instances/" + INSTANCE + "/backups/" + backup + "/restore",
                "{\"encryption_key\": \"" + PASSPHRASE + "\"}",
                "Content-Type",
                "application/json",
                "Idempotency-Key",
                "a-restore");
        assertThat(answer.status()).as(answer.text()).isEqualTo(202);
        return answer.json().get("id").longValue();
    }

    /** Hashes of requests are kept for repeated ones: one with a passphrase in it could be guessed from. */
    private static String hash(String body) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(body.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    private static String instanceIdentity(Landscape landscape, S3ProxyServer s3) throws IOException {
        Path file = s3.file("v2/instances/" + INSTANCE + "/keys/1/key.age");
        try (InputStream in = Age.decrypt(Files.newInputStream(file), List.of(landscape.master()))) {
            return new String(in.readAllBytes(), StandardCharsets.US_ASCII).strip();
        }
    }

    /** The part of a private key's file that differs from other keys' files: its second line has bytes of the key. */
    private static String body(Path pem) throws IOException {
        String joined = String.join(
                "",
                Files.readAllLines(pem).stream()
                        .filter(line -> !line.startsWith("-----"))
                        .toList());
        return joined.substring(joined.length() / 2);
    }

    private void collectAnswers(Api api) {
        String instance = "/instances/" + INSTANCE;
        List<String> paths = new ArrayList<>(List.of(
                "/instances",
                instance,
                instance + "/config",
                instance + "/backups",
                instance + "/restores",
                instance + "/keys",
                instance + "/keys/1/key.age",
                "/agents",
                "/store",
                "/healthz",
                "/readyz",
                "/no/such/path"));
        for (int number = 1; number <= 3; number++) {
            paths.add(instance + "/backups/" + number);
            paths.add(instance + "/restores/" + number);
        }
        paths.forEach(path -> answers.append(api.get(path).text()).append("\n"));
        answers.append(api.send("PUT", instance, "{\"service\":7}").text());
        answers.append(api.post(instance + "/restores/1/cancel").text());
    }

    private void lookIn(Path where) throws IOException {
        try (Stream<Path> files = Files.walk(where)) {
            List<Path> regular = files.filter(Files::isRegularFile).toList();
            assertThat(regular).as("files in " + where).isNotEmpty();
            for (Path file : regular) {
                if (String.valueOf(file.getFileName()).startsWith("pgpass")) {
                    // The password's way to PostgreSQL's programs: a file for the agent's own user.
                    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                            .isEqualTo("rw-------");
                } else {
                    look(file.toString(), Files.readAllBytes(file));
                }
            }
        }
    }

    private void look(String where, byte[] content) {
        List<String> names = secrets.in(content);
        if (!names.isEmpty()) {
            found.add(names + " in " + where);
        }
    }
}
