package io.holdfast.cli;

import io.holdfast.cli.outcome.ExitCode;
import io.holdfast.cli.outcome.Failure;
import io.holdfast.cli.terminal.Surroundings;
import io.holdfast.cli.terminal.Wording;
import io.holdfast.protocol.ReleaseVersion;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;

/** The command {@code holdfast}: all its commands, put together. */
@Command(
        name = "holdfast",
        description = {
            "Backs up and restores data services: a client of the backup manager,"
                    + " and offline decryption and verification of backups.",
            ""
        },
        synopsisSubcommandLabel = "COMMAND",
        commandListHeading = "%nCommands:%n")
final class Holdfast {
    /** Help is laid out for the classic width. */
    private static final int HELP_WIDTH = 100;

    private Holdfast() {}

    /**
     * Runs one command.
     *
     * @return the exit code
     */
    static int run(Surroundings surroundings, String... arguments) {
        return commandLine(surroundings).execute(arguments);
    }

    static CommandLine commandLine(Surroundings surroundings) {
        CommandLine top = new CommandLine(CommandSpec.forAnnotatedObject(new Holdfast()))
                .addSubcommand(new CommandLine.HelpCommand())
                .addSubcommand(new InstancesCommand(surroundings))
                .addSubcommand(new BackupsCommand(surroundings))
                .addSubcommand(new BackupCommand(surroundings))
                .addSubcommand(new RestoresCommand(surroundings))
                .addSubcommand(new RestoreCommand(surroundings))
                .addSubcommand(new CancelCommand(surroundings))
                .addSubcommand(new VerifyCommand(surroundings))
                .addSubcommand(new DeleteCommand(surroundings))
                .addSubcommand(new DeleteInstanceCommand(surroundings))
                .addSubcommand(new OwnerCommand(surroundings))
                .addSubcommand(new HandOverCommand(surroundings))
                .addSubcommand(new ScheduleCommand(surroundings))
                .addSubcommand(new RetentionCommand(surroundings))
                .addSubcommand(new ApplyCommand(surroundings))
                .addSubcommand(new HoldCommand(surroundings))
                .addSubcommand(new QueueCommand(surroundings))
                .addSubcommand(new PauseCommand(surroundings))
                .addSubcommand(new ResumeCommand(surroundings))
                .addSubcommand(new AgentsCommand(surroundings))
                .addSubcommand(new RefuseAgentCommand(surroundings))
                .addSubcommand(new AllowAgentCommand(surroundings))
                .addSubcommand(new KeysCommand(surroundings))
                .addSubcommand(new PassphraseCommand(surroundings))
                .addSubcommand(new DownloadCommand(surroundings))
                .addSubcommand(new StoreCommand(surroundings))
                .addSubcommand(new DecryptCommand(surroundings))
                .addSubcommand(new KeygenCommand(surroundings));
        top.registerConverter(InstanceId.class, InstanceId::parse);
        top.registerConverter(BackupChoice.class, BackupChoice::parse);
        top.setOut(new PrintWriter(surroundings.out(), true, StandardCharsets.UTF_8));
        top.setErr(new PrintWriter(surroundings.err(), true, StandardCharsets.UTF_8));
        top.setUsageHelpWidth(HELP_WIDTH);
        top.setParameterExceptionHandler((e, _) -> wrongUsage(surroundings.err(), e));
        top.setExecutionExceptionHandler((e, _, _) -> failed(surroundings.err(), e));
        forEach(top, Holdfast::describe);
        return top;
    }

    private static void forEach(CommandLine command, Consumer<CommandLine> action) {
        action.accept(command);
        command.getSubcommands().values().forEach(action);
    }

    /** Gives a command its {@code --help}, and the list of exit codes at the end of it. */
    private static void describe(CommandLine command) {
        CommandSpec spec = command.getCommandSpec();
        if (spec.userObject() instanceof CommandLine.HelpCommand) {
            return;
        }
        spec.mixinStandardHelpOptions(true);
        spec.version("holdfast " + ReleaseVersion.current());
        Map<String, String> codes = new LinkedHashMap<>();
        for (ExitCode code : ExitCode.values()) {
            codes.put(String.valueOf(code.number()), code.meaning());
        }
        spec.usageMessage().exitCodeListHeading("%nExit codes:%n").exitCodeList(codes);
    }

    private static int wrongUsage(PrintStream err, CommandLine.ParameterException e) {
        CommandSpec command = e.getCommandLine().getCommandSpec();
        report(err, "Usage", e.getMessage(), "see: " + command.qualifiedName() + " --help");
        return ExitCode.USAGE.number();
    }

    private static int failed(PrintStream err, Exception e) {
        return switch (e) {
            case Failure failure -> {
                report(err, failure.code(), failure.what(), failure.hint());
                yield failure.exitCode().number();
            }
            case InterruptedException _ -> {
                report(err, "Interrupted", "interrupted while waiting", null);
                yield ExitCode.FAILED.number();
            }
            default -> {
                report(err, "InternalError", "unexpected error in this program: " + e, null);
                e.printStackTrace(err);
                yield ExitCode.FAILED.number();
            }
        };
    }

    private static void report(PrintStream err, String code, @Nullable String what, @Nullable String hint) {
        err.println(Wording.printable(code + ": " + what));
        if (hint != null) {
            err.println(Wording.printable("HINT: " + hint));
        }
    }
}
