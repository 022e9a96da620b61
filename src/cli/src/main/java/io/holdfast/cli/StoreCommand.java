package io.holdfast.cli;

import io.holdfast.cli.manager.Answer;
import io.holdfast.cli.manager.ManagerClient;
import io.holdfast.cli.manager.StoreView;
import io.holdfast.cli.manager.StoreView.Compared;
import io.holdfast.cli.outcome.ExitCode;
import io.holdfast.cli.terminal.Surroundings;
import io.holdfast.cli.terminal.Table;
import io.holdfast.cli.terminal.Wording;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Shows the store. */
@Command(name = "store", description = "Shows where the manager keeps backups, and what that store can do.")
final class StoreCommand implements Callable<Integer> {
    private final Surroundings surroundings;

    @Mixin
    private final ManagerOptions manager;

    StoreCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
        this.manager = new ManagerOptions(surroundings);
    }

    @Override
    public Integer call() throws InterruptedException {
        try (ManagerClient client = manager.connect()) {
            Answer answer = client.get("/store");
            if (manager.json()) {
                return manager.print(answer);
            }
            StoreView store = answer.as(StoreView.class);
            Table table = new Table("STORE", store.description());
            table.row("conditional writes", yesNo(store.conditionalPut()));
            table.row("checks MD5", yesNo(store.checksMd5()));
            table.row("object lock", yesNo(store.objectLock()));
            Compared compared = store.compared();
            table.row("last compared with the catalogue", compared == null ? "-" : Wording.time(compared.comparedAt()));
            table.row("problems found then", compared == null ? "-" : String.valueOf(compared.problems()));
            table.print(surroundings.out(), "");
            if (compared != null) {
                compared.messages().forEach(each -> surroundings.out().println("PROBLEM: " + Wording.printable(each)));
            }
            List<String> notes = store.notes();
            if (notes != null) {
                notes.forEach(note -> surroundings.out().println("NOTE: " + Wording.printable(note)));
            }
            return ExitCode.OK.number();
        }
    }

    private static String yesNo(@Nullable Boolean value) {
        return value == null ? "-" : value ? "yes" : "no";
    }
}
