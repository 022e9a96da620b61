package io.holdfast.cli;

import io.holdfast.cli.local.Finding;
import io.holdfast.cli.local.Finding.Outcome;
import io.holdfast.cli.local.FolderCheck;
import io.holdfast.cli.outcome.ExitCode;
import io.holdfast.cli.outcome.Failure;
import io.holdfast.cli.terminal.Table;
import io.holdfast.cli.terminal.Wording;
import io.holdfast.format.json.Json;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Prints what the check of a folder found. */
final class VerificationReport {
    private VerificationReport() {}

    /** One backup in the form of {@code --json}; the names are a promise, as the API's are. */
    record Line(
            String folder,
            @Nullable String instanceId,
            @Nullable String backupId,
            long segments,
            long bytes,
            String signature,
            String files,
            String content,
            String fingerprints,
            boolean sound,
            List<String> problems) {}

    /**
     * Prints the result.
     *
     * @return the exit code
     * @throws Failure when there is no backup at all, so that a wrong folder never looks like a good result
     */
    static int print(FolderCheck.Result result, Path folder, boolean json, PrintStream out) {
        if (json) {
            out.println(Json.mapper()
                    .writeValueAsString(result.findings().stream()
                            .map(VerificationReport::line)
                            .toList()));
        } else if (!result.findings().isEmpty()) {
            table(result, out);
        }
        if (result.findings().isEmpty()) {
            throw new Failure(
                    ExitCode.FAILED,
                    "NoBackup",
                    "there is no backup in " + folder + ": no manifest.json in it or below it",
                    "give a backup's folder, or the folder of a whole store");
        }
        if (!result.sound()) {
            return ExitCode.FAILED.number();
        }
        return (result.lacksKey() ? ExitCode.KEY_MISMATCH : ExitCode.OK).number();
    }

    private static void table(FolderCheck.Result result, PrintStream out) {
        Table table = new Table(
                "INSTANCE", "BACKUP", ">SEGMENTS", ">SIZE", "SIGNATURE", "HASHES", "CONTENT", "FINGERPRINTS", "RESULT");
        for (Finding finding : result.findings()) {
            table.row(
                    Wording.orDash(finding.instanceId()),
                    finding.backupId() == null ? finding.folder() : finding.backupId(),
                    finding.segments(),
                    Wording.size(finding.bytes()),
                    word(finding.signature()),
                    word(finding.files()),
                    word(finding.content()),
                    word(finding.fingerprints()),
                    verdict(finding));
        }
        table.print(out, "");
        for (Finding finding : result.findings()) {
            for (String problem : finding.problems()) {
                out.println("DAMAGED: " + Wording.printable(finding.folder() + ": " + problem));
            }
        }
        for (String note : result.notes()) {
            out.println("NOTE: " + Wording.printable(note));
        }
        long damaged =
                result.findings().stream().filter(finding -> !finding.sound()).count();
        out.println(result.findings().size() + " checked, " + damaged + " damaged.");
    }

    private static Line line(Finding finding) {
        return new Line(
                finding.folder().toString(),
                finding.instanceId(),
                finding.backupId(),
                finding.segments(),
                finding.bytes(),
                word(finding.signature()),
                word(finding.files()),
                word(finding.content()),
                word(finding.fingerprints()),
                finding.sound(),
                finding.problems());
    }

    private static String verdict(Finding finding) {
        if (!finding.sound()) {
            return "DAMAGED";
        }
        return finding.lacksKey() ? "NO KEY" : "ok";
    }

    private static String word(Outcome outcome) {
        return outcome.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
