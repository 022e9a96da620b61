package io.holdfast.agent.adapter;

import io.holdfast.agent.attempt.Attempt;
import io.holdfast.agent.attempt.CrashPoint;
import io.holdfast.agent.attempt.JobException;
import io.holdfast.format.json.Json;
import io.holdfast.protocol.FailureCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A restore for services that cannot hold old and new data side by side. The backup is brought onto the agent's disk and
 * checked; then others are kept away, live data is copied to the disk as well, and replaced. Whatever fails or is cut off
 * after that and before the last step was done, the copy is brought back: the journal tells which steps were done.
 */
public final class InPlaceRestore implements Restore {
    private final LiveData live;
    private final RestoreFiles files;
    private final RestoreJournal journal;
    private final Attempt attempt;

    /**
     * What the journal holds.
     *
     * @param closing true when others may be kept away, or the service be stopped, before the swap; agents of before did
     *     not write it
     * @param saved the pre-restore copy is complete: from here on live data may be anything
     * @param result not null when live data was replaced as a whole
     */
    private record State(
            int rollbackHours, @Nullable Boolean closing, boolean saved, LiveData.@Nullable Result result) {}

    public InPlaceRestore(LiveData live, RestoreFiles files, RestoreJournal journal, Attempt attempt) {
        this.live = live;
        this.files = files;
        this.journal = journal;
        this.attempt = attempt;
    }

    @Override
    public void preflight(RestoreOrder order) throws IOException, InterruptedException {
        long safetyBytes = live.preflight(order.manifest());
        files.requireRoom(safetyBytes + live.stagedBytes(order.manifest()));
    }

    @Override
    public void stage(RestoreOrder order) throws IOException, InterruptedException {
        RestoreFiles.makeEmpty(files.backup());
        RestoreFiles.makeEmpty(files.old());
        RestoreFiles.makeEmpty(files.closed());
        LeftOut.begin(files, order.skipBroken());
        live.stage(order, files);
        journal.state(new State(order.rollbackHours(), false, false, null));
    }

    @Override
    public boolean savesFirst() {
        return live.savesFirst();
    }

    @Override
    public void save() throws IOException, InterruptedException {
        if (live.savesFirst()) {
            journal.state(new State(state().rollbackHours(), true, false, null));
            live.close(files);
            live.save(files);
            live.stop(files);
        }
    }

    @Override
    public boolean swapped() {
        return state().result() != null;
    }

    @Override
    public void swap() throws IOException, InterruptedException {
        int rollbackHours = state().rollbackHours();
        journal.swapping(state());
        attempt.reached(CrashPoint.SWAPPING_WRITTEN);
        if (!live.savesFirst()) {
            live.close(files);
            live.save(files);
        }
        journal.state(new State(rollbackHours, true, true, null));
        attempt.reached(CrashPoint.LIVE_DATA_CLOSED);
        live.replace(files, LiveData.Content.BACKUP);
        journal.state(new State(rollbackHours, true, true, live.result(files)));
    }

    @Override
    public void validate() throws IOException, InterruptedException {
        live.validate(files);
    }

    @Override
    public Outcome commit() throws IOException, InterruptedException {
        LiveData.Result result = state().result();
        if (result == null) {
            throw new IllegalStateException("only a restore that has replaced live data is committed");
        }
        live.open(files, LiveData.Content.BACKUP);
        Optional<Path> folder = files.keep(state().rollbackHours());
        List<String> kept = folder.isEmpty() ? List.of() : live.safetyCopy(files, folder.get());
        files.delete();
        return new Outcome(result.restored(), result.leftAlone(), kept, result.notes());
    }

    @Override
    public void rollBack() throws IOException, InterruptedException {
        discard();
    }

    @Override
    public void discard() throws IOException, InterruptedException {
        if (journal.entry().phase() != RestoreJournal.Phase.STAGING || Boolean.TRUE.equals(state().closing())) {
            if (state().saved() && Files.isDirectory(files.old())) {
                putBack();
            }
            live.open(files, LiveData.Content.OLD);
        }
        live.discard(files);
        files.delete();
    }

    private void putBack() throws IOException, InterruptedException {
        try {
            live.replace(files, LiveData.Content.OLD);
        } catch (JobException e) {
            if (e.code() == FailureCode.SERVICE_UNREACHABLE) {
                throw e; // the agent tries that again
            }
            List<String> copy = live.safetyCopy(files, files.old());
            throw new JobException(
                    FailureCode.NEEDS_OPERATOR,
                    "the old data cannot be put back: " + e.getMessage(),
                    copy.isEmpty()
                            ? "restore this backup or another one again, or restore one by hand as the adapter's page describes"
                            : "it is in " + String.join(" and ", copy)
                                    + "; restart the agent once the cause is removed, or put it back by hand as"
                                    + " the adapter's page describes",
                    e);
        }
    }

    private State state() {
        JsonNode state = journal.entry().state();
        return state == null ? new State(0, false, false, null) : Json.mapper().treeToValue(state, State.class);
    }
}
