package io.holdfast.cli;

import io.holdfast.cli.manager.Answer;
import io.holdfast.cli.manager.ManagerClient;
import io.holdfast.cli.manager.QueueView;
import io.holdfast.cli.outcome.ExitCode;
import io.holdfast.cli.terminal.Surroundings;
import io.holdfast.cli.terminal.Table;
import io.holdfast.cli.terminal.Wording;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Shows the queue, or moves a job in it. */
@Command(
        name = "queue",
        description = "Lists the jobs that have not ended, in their order, and why waiting jobs wait; or moves one.")
final class QueueCommand implements Callable<Integer> {
    private final Surroundings surroundings;

    @Mixin
    private final ManagerOptions manager;

    @ArgGroup
    private @Nullable Move move;

    /** Where to. */
    static final class Move {
        @Option(
                names = "--first",
                paramLabel = "JOB",
                description = "Move a job to the beginning of its instance's queue.")
        private @Nullable Long first;

        @Option(names = "--last", paramLabel = "JOB", description = "Move a job to the end of its instance's queue.")
        private @Nullable Long last;
    }

    QueueCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
        this.manager = new ManagerOptions(surroundings);
    }

    @Override
    public Integer call() throws InterruptedException {
        Move wanted = move;
        try (ManagerClient client = manager.connect()) {
            return wanted == null ? list(client) : move(client, wanted);
        }
    }

    private int move(ManagerClient client, Move wanted) throws InterruptedException {
        Long job = wanted.first == null ? wanted.last : wanted.first;
        Answer answer = client.post(
                "/queue/jobs/" + job + "/move", "{\"to\":\"" + (wanted.first == null ? "last" : "first") + "\"}");
        if (manager.json()) {
            return manager.print(answer);
        }
        surroundings.out().println("Job " + job + " is moved.");
        return ExitCode.OK.number();
    }

    private int list(ManagerClient client) throws InterruptedException {
        Answer answer = client.get("/queue");
        if (manager.json()) {
            return manager.print(answer);
        }
        QueueView queue = answer.as(QueueView.class);
        for (QueueView.Pause pause : orNone(queue.pauses())) {
            String what = pause.instanceId() == null ? String.valueOf(pause.scope()) : pause.instanceId();
            surroundings
                    .out()
                    .println("PAUSED: " + Wording.printable(what) + " since " + Wording.time(pause.pausedAt()) + ": "
                            + Wording.printable(String.valueOf(pause.reason())));
        }
        Table table = new Table("JOB", "INSTANCE", "KIND", "STATE", "QUEUED", "ATTEMPTS", "WAITS FOR");
        for (QueueView.Job job : orNone(queue.jobs())) {
            table.row(
                    Wording.orDash(job.id()),
                    Wording.orDash(job.instanceId()),
                    lower(job.kind()) + " " + Wording.orDash(job.backupId() == null ? job.restoreId() : job.backupId()),
                    job.phase() == null ? lower(job.state()) : lower(job.state()) + ", " + job.phase(),
                    Wording.time(job.queuedAt()),
                    Wording.orDash(job.attempts()),
                    Wording.orDash(job.waitingFor()));
        }
        table.print(surroundings.out(), "No job is waiting or running.");
        if (queue.maxRunning() != null) {
            surroundings.out().println(queue.running() + " of at most " + queue.maxRunning() + " jobs run.");
        }
        return ExitCode.OK.number();
    }

    private static String lower(@Nullable String text) {
        return Wording.orDash(text).toLowerCase(Locale.ROOT);
    }

    private static <T> List<T> orNone(@Nullable List<T> list) {
        return list == null ? List.of() : list;
    }
}
