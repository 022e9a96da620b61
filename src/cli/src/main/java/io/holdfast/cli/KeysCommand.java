package io.holdfast.cli;

import io.holdfast.cli.local.LocalFiles;
import io.holdfast.cli.manager.Answer;
import io.holdfast.cli.manager.KeyVersion;
import io.holdfast.cli.manager.ManagerClient;
import io.holdfast.cli.outcome.ExitCode;
import io.holdfast.cli.outcome.Failure;
import io.holdfast.cli.terminal.Surroundings;
import io.holdfast.cli.terminal.Table;
import io.holdfast.cli.terminal.Wording;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Lists, rotates and exports an instance's keys. */
@Command(
        name = "keys",
        description = "Lists the key versions of an instance, makes a new one, or exports one. The exported file is"
                + " still encrypted to the master and the recovery keys.")
final class KeysCommand implements Callable<Integer> {
    private final Surroundings surroundings;

    @Mixin
    private final ManagerOptions manager;

    @Mixin
    private final PassphraseInput key;

    @Parameters(index = "0", paramLabel = "INSTANCE", description = "The instance's id.")
    private InstanceId instance = InstanceId.UNSET;

    @ArgGroup
    private @Nullable Change change;

    /** One of the two, or neither. */
    static final class Change {
        @Option(names = "--rotate", required = true, description = "Make a new key version for later backups.")
        private boolean rotate;

        @ArgGroup(exclusive = false, multiplicity = "1")
        private @Nullable Export export;
    }

    /** Both belong together. */
    static final class Export {
        @Option(
                names = "--export",
                paramLabel = "VERSION",
                required = true,
                description = "Write this version's key.age to a file.")
        private int version;

        @Option(names = "--output", paramLabel = "FILE", required = true, description = "A new file.")
        private Path file = Path.of("");
    }

    KeysCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
        this.manager = new ManagerOptions(surroundings);
        this.key = new PassphraseInput(surroundings);
    }

    @Override
    public Integer call() throws InterruptedException {
        try (ManagerClient client = manager.connect()) {
            Change chosen = change;
            if (chosen == null) {
                return list(client);
            }
            Export export = chosen.export;
            return chosen.rotate || export == null ? rotate(client) : export(client, export);
        }
    }

    private int list(ManagerClient client) throws InterruptedException {
        Answer answer = client.get(instance.path() + "/keys");
        if (manager.json()) {
            return manager.print(answer);
        }
        Table table = new Table(">VERSION", "CURRENT", "CREATED", "RECIPIENT");
        for (KeyVersion key : answer.asListOf(KeyVersion.class)) {
            table.row(key.version(), key.current() ? "yes" : "", Wording.time(key.createdAt()), key.recipient());
        }
        table.print(surroundings.out(), "No keys yet. The first one is made for the first backup.");
        return ExitCode.OK.number();
    }

    private int rotate(ManagerClient client) throws InterruptedException {
        Answer answer = key.post(client, instance.path() + "/keys");
        if (manager.json()) {
            return manager.print(answer);
        }
        KeyVersion key = answer.as(KeyVersion.class);
        surroundings
                .out()
                .println("Key version " + key.version() + " of " + instance + " is now used: "
                        + Wording.printable(key.recipient()));
        return ExitCode.OK.number();
    }

    private int export(ManagerClient client, Export export) throws InterruptedException {
        if (export.version < 1) {
            throw new Failure(ExitCode.USAGE, "Usage", "key versions count from 1", null);
        }
        Answer answer = client.get(instance.path() + "/keys/" + export.version + "/key.age");
        LocalFiles.writeSecret(export.file, answer.bytes());
        surroundings.out().println("Key version " + export.version + " of " + instance + " is in " + export.file + ".");
        return ExitCode.OK.number();
    }
}
