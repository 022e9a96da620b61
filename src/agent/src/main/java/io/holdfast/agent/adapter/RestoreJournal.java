package io.holdfast.agent.adapter;

import io.holdfast.agent.attempt.AttemptId;
import io.holdfast.agent.attempt.JobId;
import io.holdfast.agent.attempt.RestoreId;
import io.holdfast.format.json.Json;
import io.holdfast.protocol.machine.WholeFile;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * What a restore must know again after a crash: one small file for each restore, replaced as a whole, and on the disk
 * before the method that changed it returns. It holds no secrets. For one thread.
 */
public final class RestoreJournal {
    /** How far the restore is. */
    public enum Phase {
        /** Live data is untouched. */
        STAGING,
        /** Live data is being replaced, or has been; the service itself tells which. */
        SWAPPING,
        /** The restored data was found good and stays: users may have it, and change it, from here on. */
        VALIDATED,
        /** The replaced data is being put back. */
        ROLLING_BACK,
        /** The restored data stays; the manager may not know yet. */
        COMMITTED
    }

    /**
     * The file's content.
     *
     * @param failure why the restore is being rolled back
     * @param state the adapter's own
     */
    public record Entry(
            long jobId,
            int epoch,
            long restoreId,
            Phase phase,
            @Nullable String failure,
            Restore.@Nullable Outcome outcome,
            @Nullable JsonNode state) {
        /** Which attempt is, or was, at work. */
        public AttemptId attempt() {
            return new AttemptId(new JobId(jobId), epoch);
        }

        /** Which restore it is. */
        public RestoreId restore() {
            return new RestoreId(restoreId);
        }
    }

    private final Path file;
    private Entry entry;

    private RestoreJournal(Path file, Entry entry) {
        this.file = file;
        this.entry = entry;
    }

    /** Opens a new journal; replaces one of the same restore. */
    public static RestoreJournal create(Path folder, AttemptId attempt, RestoreId restore) throws IOException {
        Files.createDirectories(folder);
        RestoreJournal journal = new RestoreJournal(
                folder.resolve("restore-" + restore + ".json"),
                new Entry(attempt.job().value(), attempt.epoch(), restore.value(), Phase.STAGING, null, null, null));
        journal.write();
        return journal;
    }

    /** All journals that a crash has left. */
    public static List<RestoreJournal> left(Path folder) throws IOException {
        List<RestoreJournal> journals = new ArrayList<>();
        if (Files.isDirectory(folder)) {
            try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "restore-*.json")) {
                for (Path file : files) {
                    journals.add(
                            new RestoreJournal(file, Json.mapper().readValue(Files.readAllBytes(file), Entry.class)));
                }
            } catch (JacksonException e) {
                throw new IOException("a restore's journal in " + folder + " cannot be read", e);
            }
        }
        return journals;
    }

    public Entry entry() {
        return entry;
    }

    /** Writes down another attempt's number. */
    public void epoch(int epoch) throws IOException {
        entry = new Entry(
                entry.jobId(),
                epoch,
                entry.restoreId(),
                entry.phase(),
                entry.failure(),
                entry.outcome(),
                entry.state());
        write();
    }

    /** Writes down the adapter's state. */
    public void state(Object state) throws IOException {
        entry = new Entry(
                entry.jobId(),
                entry.epoch(),
                entry.restoreId(),
                entry.phase(),
                entry.failure(),
                entry.outcome(),
                Json.mapper().valueToTree(state));
        write();
    }

    /** Live data is about to be replaced, as the state says. */
    public void swapping(Object state) throws IOException {
        enter(Phase.SWAPPING, null, null, Json.mapper().valueToTree(state));
    }

    /** The restored data is as it should be. */
    public void validated() throws IOException {
        enter(Phase.VALIDATED, null, null, entry.state());
    }

    /** The restore failed after the swap. */
    public void rollingBack(String failure) throws IOException {
        enter(Phase.ROLLING_BACK, failure, null, entry.state());
    }

    /** The restore stays. */
    public void committed(Restore.Outcome outcome) throws IOException {
        enter(Phase.COMMITTED, null, outcome, entry.state());
    }

    /** The restore is over and reported. */
    public void delete() throws IOException {
        Files.deleteIfExists(file);
        WholeFile.syncFolder(file);
    }

    private void enter(
            Phase phase, @Nullable String failure, Restore.@Nullable Outcome outcome, @Nullable JsonNode state)
            throws IOException {
        entry = new Entry(entry.jobId(), entry.epoch(), entry.restoreId(), phase, failure, outcome, state);
        write();
    }

    private void write() throws IOException {
        try {
            WholeFile.replaceDurably(file, Json.mapper().writeValueAsBytes(entry));
        } catch (IOException e) {
            throw RestoreFiles.told(e, WholeFile.next(file));
        }
    }
}
