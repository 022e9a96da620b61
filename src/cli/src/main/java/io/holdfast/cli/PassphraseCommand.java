package io.holdfast.cli;

import io.holdfast.cli.manager.Answer;
import io.holdfast.cli.manager.ManagerClient;
import io.holdfast.cli.manager.Passphrase;
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

/** Shows or changes an instance's passphrase and who keeps it. */
@Command(
        name = "passphrase",
        description = "Shows whether a passphrase is set for an instance, or sets or changes it. It opens all"
                + " backups of the instance, older ones too, also without Holdfast.")
final class PassphraseCommand implements Callable<Integer> {
    private final Surroundings surroundings;

    @Mixin
    private final ManagerOptions manager;

    @Mixin
    private final PassphraseInput present;

    @Mixin
    private final Confirmation confirmation;

    @Parameters(index = "0", paramLabel = "INSTANCE", description = "The instance's id.")
    private InstanceId instance = InstanceId.UNSET;

    @Option(names = "--set", description = "Set or change it; asks for the new one on a terminal.")
    private boolean set;

    @Option(
            names = "--new-passphrase-file",
            paramLabel = "FILE",
            description = "Set or change it; the new one is in the first line of this file.")
    private @Nullable Path newKey;

    @Option(
            names = "--custody",
            paramLabel = "managed|user",
            description = "user: only the holder of the passphrase, or of an offline recovery key, can restore."
                    + " managed: the manager can.")
    private @Nullable String custody;

    PassphraseCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
        this.manager = new ManagerOptions(surroundings);
        this.present = new PassphraseInput(surroundings);
        this.confirmation = new Confirmation(surroundings);
    }

    @Override
    public Integer call() throws InterruptedException {
        if (custody != null && !custody.equals("managed") && !custody.equals("user")) {
            throw new Failure(ExitCode.USAGE, "Usage", "--custody must be managed or user", null);
        }
        try (ManagerClient client = manager.connect()) {
            // An instance that is not there would be registered by a change.
            Passphrase before =
                    client.get(instance.path()).as(Passphrase.Holder.class).passphrase();
            if (set || newKey != null || custody != null) {
                return change(client, before);
            }
            Answer answer = client.get(instance.path());
            return manager.json() ? manager.print(answer) : show(before, null);
        }
    }

    private int change(ManagerClient client, Passphrase before) throws InterruptedException {
        boolean toUser = "user".equals(custody) && !before.isUsers();
        Map<String, Object> body = new HashMap<>();
        if (toUser) {
            confirmation.require(
                    instance,
                    "From now on only the passphrase opens the backups of " + instance
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
        Passphrase now = client.get(instance.path()).as(Passphrase.Holder.class).passphrase();
        return show(now, answer.as(Passphrase.Changed.class).encryptionKeyStrength());
    }

    private int show(Passphrase key, Passphrase.@Nullable Strength strength) {
        String custodyNow = key.isUsers() ? "only its holder can restore" : "the manager can restore without it";
        surroundings
                .out()
                .println("Passphrase of " + instance + ": " + (key.set() ? "set" : "not set") + "; custody "
                        + Wording.printable(key.custody()) + ": " + custodyNow + ".");
        if (strength != null) {
            String weak = strength.score() < 3 ? " " + String.join(" ", strength.advice()) : "";
            surroundings.out().println(Wording.printable("Its strength is " + strength.score() + " of 4." + weak));
        }
        return ExitCode.OK.number();
    }
}
