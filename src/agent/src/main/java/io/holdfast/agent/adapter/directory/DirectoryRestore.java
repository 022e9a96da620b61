package io.holdfast.agent.adapter.directory;

import io.holdfast.agent.adapter.Restore;
import io.holdfast.agent.adapter.RestoreJournal;
import io.holdfast.agent.adapter.RestoreOrder;
import io.holdfast.agent.adapter.tar.CheckedTar;
import io.holdfast.agent.adapter.tar.Tar;
import io.holdfast.agent.adapter.tar.TarCheck;
import io.holdfast.agent.adapter.tar.TreeCounts;
import io.holdfast.agent.adapter.tar.TreeOnDisk;
import io.holdfast.agent.attempt.Attempt;
import io.holdfast.agent.attempt.CrashPoint;
import io.holdfast.agent.attempt.JobException;
import io.holdfast.agent.attempt.StopSignal;
import io.holdfast.agent.process.ProcessEnd;
import io.holdfast.format.json.Json;
import io.holdfast.protocol.FailureCode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/**
 * A restore into a new directory beside the live one, which takes its place by two renames: live to replaced, staged to
 * live. A crash between them leaves no live directory; then the replaced one gets its place back. Which one is the live
 * one is told by its inode, which is in the journal.
 */
final class DirectoryRestore implements Restore {
    private static final int NAMED = 10;

    private final Place place;
    private final boolean dropSetuid;
    private final Tar tar;
    private final StopSignal stop;
    private final RestoreJournal journal;
    private final Attempt attempt;
    private final Path live;
    private final Path staged;
    private final Path replaced;

    /**
     * Makes it.
     *
     * @param dropSetuid whether what is restored loses setuid and setgid
     */
    DirectoryRestore(Place place, boolean dropSetuid, Tar tar, RestoreJournal journal, Attempt attempt) {
        this.place = place;
        this.dropSetuid = dropSetuid;
        this.tar = tar;
        this.stop = attempt.stop();
        this.journal = journal;
        this.attempt = attempt;
        this.live = place.live();
        this.staged = place.staged(restoreId());
        this.replaced = place.replaced(restoreId());
    }

    @Override
    public void preflight(RestoreOrder order) throws IOException, InterruptedException {
        tar.version(stop);
        new Preflight(place, tar, stop).check(order.manifest(), restoreId());
    }

    @Override
    public void stage(RestoreOrder order) throws IOException, InterruptedException {
        tar.remove(staged, stop);
        TreeCounts expected = TreeCounts.of(order.manifest().facts());
        makeStaged();
        List<String> notes = new ArrayList<>();
        String source = Preflight.requireArtifact(order.manifest()).source();
        if (!source.equals(DirectoryDump.source(live))) {
            notes.add("the backup is of " + source + ", and was restored to " + live);
        }
        extract(order, expected, notes);
        List<String> differences = expected.differences(TreeOnDisk.of(staged, tar, stop));
        if (!differences.isEmpty()) {
            throw new JobException(
                    FailureCode.VALIDATION_FAILED,
                    "the restored directory has " + String.join(", ", differences),
                    "restore a different backup, and run 'holdfast verify' on this one");
        }
        tar.sync(staged, stop);
        journal.state(new SwapState(
                Place.inode(staged).orElseThrow(), false, order.rollbackHours(), expected.facts(), notes));
    }

    @Override
    public void swap() throws IOException, InterruptedException {
        Preflight.requireFree(replaced);
        boolean replaces = Files.exists(live, LinkOption.NOFOLLOW_LINKS);
        if (replaces) {
            Preflight.requireReplaceable(live);
        }
        SwapState state = state();
        journal.swapping(
                new SwapState(state.stagedInode(), replaces, state.rollbackHours(), state.expected(), state.notes()));
        attempt.reached(CrashPoint.SWAPPING_WRITTEN);
        if (replaces) {
            rename(live, replaced);
        }
        attempt.reached(CrashPoint.LIVE_DATA_CLOSED);
        rename(staged, live);
        sync();
    }

    @Override
    public boolean swapped() throws IOException {
        Optional<Long> inode = Place.inode(live);
        return inode.isPresent() && inode.get().equals(state().stagedInode());
    }

    @Override
    public void validate() throws IOException, InterruptedException {
        if (!swapped()) {
            throw new JobException(
                    FailureCode.NEEDS_OPERATOR,
                    live + " is no longer the directory that was restored",
                    "somebody has renamed directories: look at " + replaced);
        }
        // Whoever uses the directory may have begun to write to it, but nothing may be missing.
        TreeCounts expected = TreeCounts.of(state().expected());
        TreeOnDisk found = TreeOnDisk.of(live, tar, stop);
        if (found.directories() < expected.directories() || found.otherNames() < expected.otherNames()) {
            throw new JobException(
                    FailureCode.VALIDATION_FAILED,
                    "the restored directory has " + String.join(", ", expected.differences(found)),
                    "restore a different backup, and run 'holdfast verify' on this one; stop what uses the directory meanwhile");
        }
    }

    @Override
    public Outcome commit() throws IOException {
        List<String> kept = new ArrayList<>();
        if (state().replaces()) {
            Optional<Path> renamed = place.kept(restoreId());
            if (renamed.isEmpty()) {
                Path path = place.kept(restoreId(), Instant.now().plus(Duration.ofHours(state().rollbackHours())));
                rename(replaced, path);
                sync();
                renamed = Optional.of(path);
            }
            kept.add(renamed.get().toString());
        }
        return new Outcome(List.of(live.toString()), List.of(), kept, state().notes());
    }

    @Override
    public void rollBack() throws IOException, InterruptedException {
        if (swapped()) {
            if (state().replaces() && old().isEmpty()) {
                throw new JobException(
                        FailureCode.NEEDS_OPERATOR,
                        "what was replaced is not there any more, so " + live + " stays the restored directory",
                        "somebody has removed or renamed " + replaced);
            }
            rename(live, staged);
            attempt.reached(CrashPoint.LIVE_DATA_CLOSED);
        }
        discard();
    }

    @Override
    public void discard() throws IOException, InterruptedException {
        Optional<Path> old = old();
        if (state().replaces() && old.isPresent()) {
            putBack(old.get());
        }
        tar.remove(staged, stop);
    }

    /** What was replaced: a commit that was cut off may have given it its last name already. */
    private Optional<Path> old() throws IOException {
        return Place.inode(replaced).isPresent() ? Optional.of(replaced) : place.kept(restoreId());
    }

    /** Renaming replaces an empty directory, which something that starts with the machine may have made meanwhile. */
    private void putBack(Path old) throws IOException {
        try {
            rename(old, live);
        } catch (JobException e) {
            throw new JobException(
                    FailureCode.NEEDS_OPERATOR,
                    "the old directory cannot be put back: " + e.getMessage(),
                    "while the restore was cut off, somebody made another " + live + ": move that away, and restart the"
                            + " agent",
                    e);
        }
        sync();
    }

    /**
     * Lets tar fill the staged directory.
     *
     * @param notes what there is to say of it is added here
     */
    private void extract(RestoreOrder order, TreeCounts expected, List<String> notes)
            throws IOException, InterruptedException {
        boolean privileged = Tar.isRoot() && !dropSetuid;
        TarCheck check = dropSetuid ? TarCheck.withoutSetuid(expected) : new TarCheck(expected);
        try (InputStream archive = order.source().open(Preflight.requireArtifact(order.manifest()));
                CheckedTar checked = new CheckedTar(archive, check)) {
            ProcessEnd end = tar.extract(checked, staged, privileged, stop);
            if (check.dropped() > 0) {
                notes.add("setuid or setgid was taken from " + check.dropped() + " files and directories");
            }
            if (!end.errors().isBlank()) {
                notes.add("tar said: " + end.errors().lines().limit(NAMED).collect(Collectors.joining("; ")));
            }
            notes.addAll(check.attributes().notRestored(privileged));
        }
    }

    private static void rename(Path from, Path to) throws IOException {
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        } catch (FileSystemException e) {
            throw new JobException(
                    FailureCode.RESTORE_FAILED, from + " cannot be renamed to " + to + ": " + e.getReason(), null, e);
        }
    }

    private void makeStaged() throws IOException {
        try {
            Files.createDirectory(
                    staged, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        } catch (FileSystemException e) {
            throw new JobException(FailureCode.RESTORE_FAILED, staged + " cannot be made: " + e.getReason(), null, e);
        }
    }

    /** The renames are on the disk when this returns. */
    private void sync() throws IOException {
        try (FileChannel channel = FileChannel.open(place.parent(), StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private SwapState state() {
        JsonNode state = journal.entry().state();
        return state == null ? SwapState.EMPTY : Json.mapper().treeToValue(state, SwapState.class);
    }

    private long restoreId() {
        return journal.entry().restoreId();
    }
}
