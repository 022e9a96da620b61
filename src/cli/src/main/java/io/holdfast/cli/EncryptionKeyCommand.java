package io.holdfast.cli;

import io.holdfast.cli.manager.Answer;
import io.holdfast.cli.manager.EncryptionKey;
import io.holdfast.cli.manager.ManagerClient;
import io.holdfast.cli.outcome.ExitCode;
import io.holdfast.cli.outcome.Failure;
import io.holdfast.cli.terminal.Surroundings;
import io.holdfast.cli.terminal.Wording;
import io.holdfast.format.json.Json;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows or changes an instance's encryption key and who keeps it. */
@Command(
        name = "encryption-key",
        description =
                "Shows whether an encryption key is set for an instance, or sets or changes it first. It opens all"
                        + " backups of the instance, older ones too, also without Holdfast.")
final class EncryptionKeyCommand implements Callable<Integer> {
    private final Surroundings surroundings;

    @Mixin
    private final ManagerOptions manager;

    @Mixin
    private final KeyInput present;

    @Mixin
    private final Confirmation confirmation;

    @Parameters(index = "0", paramLabel = "INSTANCE", description = "The instance's id.")
    private InstanceId instance = InstanceId.UNSET;

    @Option(names = "--set", description = "Set or change it; the new one is asked for on a terminal.")
    private boolean set;

    @Option(
            names = "--new-key-file",
            paramLabel = "FILE",
            description = "Set or change it; the new one is in the first line of this file.")
    private @Nullable Path newKey;

    @Option(
            names = "--custody",
            paramLabel = "managed|user",
            description =
                    "user: nobody but the holder of the encryption key, or of an offline recovery key, can restore."
                            + " managed: the manager can.")
    private @Nullable String custody;

    EncryptionKeyCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
        this.manager = new ManagerOptions(surroundings);
        this.present = new KeyInput(surroundings);
        this.confirmation = new Confirmation(surroundings);
    }

    @Override
    public Integer call() throws InterruptedException {
        if (custody != null && !custody.equals("managed") && !custody.equals("user")) {
            throw new Failure(ExitCode.USAGE, "Usage", "--custody must be managed or user", null);
        }
        try (ManagerClient client = manager.connect()) {
            // An instance that is not there would be registered by a change.
            EncryptionKey before =
                    client.get(instance.path()).as(EncryptionKey.Holder.class).encryptionKey();
            if (set || newKey != null || custody != null) {
                return change(client, before);
            }
            Answer answer = client.get(instance.path());
            return manager.json() ? manager.print(answer) : show(before, null);
        }
    }

    private int change(ManagerClient client, EncryptionKey before) throws InterruptedException {
        boolean toUser = "user".equals(custody) && !before.isUsers();
        Map<String, Object> body = new HashMap<>();
        if (toUser) {
            confirmation.require(
                    instance,
                    "From now on only the encryption key opens the backups of " + instance
                            + ", and offline recovery keys if there are any. Whoever loses it loses all backups: nobody can"
                            + " set another one.");
            body.put("confirm_custody", true);
        }
        if (custody != null) {
            body.put("custody", custody);
        }
        if (before.isUsers()) {
            body.put("current_encryption_key", present.required());
        }
        if (set || newKey != null) {
            body.put("encryption_key", present.fresh(newKey));
        } else if (toUser) {
            body.put("encryption_key", present.required());
        }
        Answer answer = client.put(instance.path(), Json.mapper().writeValueAsString(body));
        if (manager.json()) {
            return manager.print(answer);
        }
        EncryptionKey now =
                client.get(instance.path()).as(EncryptionKey.Holder.class).encryptionKey();
        return show(now, answer.as(EncryptionKey.Changed.class).encryptionKeyStrength());
    }

    private int show(EncryptionKey key, EncryptionKey.@Nullable Strength strength) {
        String custodyNow = key.isUsers() ? "only its holder can restore" : "the manager can restore without it";
        surroundings
                .out()
                .println("Encryption key of " + instance + ": " + (key.set() ? "set" : "not set") + "; custody "
                        + Wording.printable(key.custody()) + ": " + custodyNow + ".");
        if (strength != null) {
            String weak = strength.score() < 3 ? " " + String.join(" ", strength.advice()) : "";
            surroundings.out().println(Wording.printable("Its strength is " + strength.score() + " of 4." + weak));
        }
        return ExitCode.OK.number();
    }
}
