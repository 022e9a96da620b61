package io.holdfast.cli;

import io.holdfast.cli.local.LocalFiles;
import io.holdfast.cli.manager.Answer;
import io.holdfast.cli.manager.ManagerClient;
import io.holdfast.cli.outcome.ExitCode;
import io.holdfast.cli.outcome.Failure;
import io.holdfast.cli.terminal.Surroundings;
import io.holdfast.format.json.Json;
import java.io.Console;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The passphrase that is set: from a file or a terminal, never an argument, which other users could read. */
final class PassphraseInput {
    private static final String DEMANDED = "EncryptionKeyRequired";

    private final Surroundings surroundings;

    @Option(
            names = "--passphrase-file",
            paramLabel = "FILE",
            description =
                    "A file with the instance's passphrase in its first line. Without it, the passphrase is asked for on"
                            + " a terminal if it is needed.")
    private @Nullable Path file;

    PassphraseInput(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    /** The key in the file, or null when none was given. */
    @Nullable String given() {
        return file == null ? null : LocalFiles.firstLine(file);
    }

    /** The key in the file, or as somebody types it. */
    String required() {
        String given = given();
        return given != null ? given : typed("Passphrase of the instance: ");
    }

    /** A new key in a file, or as somebody types it twice. */
    String fresh(@Nullable Path from) {
        if (from != null) {
            return LocalFiles.firstLine(from);
        }
        String first = typed("New passphrase: ");
        if (!first.equals(typed("Repeat it: "))) {
            throw new Failure(ExitCode.USAGE, "Usage", "the two passphrases differ; nothing was changed", null);
        }
        return first;
    }

    /** Starts something, with the key where one was given, or where the manager demands it and somebody can be asked. */
    Answer post(ManagerClient client, String path) throws InterruptedException {
        return post(client, path, Map.of());
    }

    /**
     * The same with more to say.
     *
     * @param fields what is asked for beside the key
     */
    Answer post(ManagerClient client, String path, Map<String, ?> fields) throws InterruptedException {
        String given = given();
        if (given != null) {
            return client.post(path, body(given, fields));
        }
        try {
            return fields.isEmpty()
                    ? client.post(path)
                    : client.post(path, Json.mapper().writeValueAsString(fields));
        } catch (Failure e) {
            if (!e.code().equals(DEMANDED) || !surroundings.canAsk()) {
                throw e;
            }
            return client.post(path, body(required(), fields));
        }
    }

    private static String body(String key, Map<String, ?> fields) {
        Map<String, Object> body = new TreeMap<>(fields);
        body.put("encryption_key", key);
        return Json.mapper().writeValueAsString(body);
    }

    @SuppressWarnings("SystemConsoleNull") // in JDK 25 it is null again where output is no terminal
    private String typed(String prompt) {
        Console console = System.console();
        char[] typed = surroundings.canAsk() && console != null ? console.readPassword(prompt) : null;
        if (typed == null || typed.length == 0) {
            throw new Failure(
                    ExitCode.USAGE, "Usage", "the passphrase is missing", "give a file with it, or use a terminal");
        }
        try {
            return new String(typed);
        } finally {
            Arrays.fill(typed, ' ');
        }
    }
}
