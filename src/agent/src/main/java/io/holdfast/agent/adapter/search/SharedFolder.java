package io.holdfast.agent.adapter.search;

import io.holdfast.agent.adapter.FreeSpace;
import io.holdfast.agent.adapter.RestoreFiles;
import io.holdfast.agent.adapter.RestoreOrder;
import io.holdfast.agent.adapter.tar.TreeArchive;
import io.holdfast.agent.attempt.AttemptId;
import io.holdfast.agent.attempt.BackupId;
import io.holdfast.agent.attempt.JobException;
import io.holdfast.agent.attempt.StopSignal;
import io.holdfast.agent.process.ProcessRunner;
import io.holdfast.agent.process.UnixUser;
import io.holdfast.protocol.FailureCode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * The folder that the agent shares with the engine, and whose content is a backup's artifact. It belongs to the engine's
 * user. All that is done in it is done by programs that run as that user, also when the agent is root: links that he puts
 * there lead nowhere that he could not go himself.
 */
final class SharedFolder implements SnapshotPlace {
    private static final String DUMP = "dump";
    private static final String BACKUP = "-backup";
    private static final String SAFETY = "-old";
    private static final String DUMP_REPOSITORY = "holdfast-dump";
    private static final String BACKUP_REPOSITORY = "holdfast-restore-backup";
    private static final String SAFETY_REPOSITORY = "holdfast-restore-old";
    private static final String SNAPSHOT = "snapshot";

    private final Path path;
    private final Cluster cluster;
    private final Cluster afterwards;
    private final Marks marks;
    private final ProcessRunner runner;
    private final StopSignal stop;

    SharedFolder(Path path, Cluster cluster, Marks marks, ProcessRunner runner, StopSignal stop) {
        this.path = path;
        this.cluster = cluster;
        this.afterwards = Cluster.afterwards(cluster.config());
        this.marks = marks;
        this.runner = runner;
        this.stop = stop;
    }

    @Override
    public String artifact() {
        return "data";
    }

    @Override
    public String type() {
        return "snapshot";
    }

    @Override
    public void require() throws IOException, InterruptedException {
        if (!Files.isDirectory(path)) {
            throw new JobException(
                    FailureCode.SERVICE_UNREACHABLE,
                    "there is no folder " + path,
                    "check adapter.repository_path, and that its file system is mounted");
        }
        archive(stop).version();
    }

    @Override
    public void requireRoom(long bytes) throws IOException {
        long free = FreeSpace.of(path);
        if (free < bytes) {
            throw Failure.diskFull(path + " has " + free
                    + " bytes left; the backup and a pre-restore copy of what it replaces need about " + bytes);
        }
    }

    @Override
    public Repository beginDump(BackupId backup, AttemptId attempt) throws IOException, InterruptedException {
        removeDump();
        marks.set(DUMP);
        makeEmpty(dump());
        return registered(DUMP_REPOSITORY, dump(), false);
    }

    @Override
    public InputStream read(Repository dump) throws IOException, InterruptedException {
        return archive(stop).open(path.resolve(dump()));
    }

    @Override
    public Long artifactBytes(long shards) {
        return shards;
    }

    @Override
    public Map<String, Long> facts(Repository dump) {
        return Map.of();
    }

    @Override
    public void endDump(BackupId backup, AttemptId attempt, boolean whole) throws IOException, InterruptedException {
        removeDump();
    }

    @Override
    public void stage(RestoreOrder order, RestoreFiles files) throws IOException, InterruptedException {
        marks.set(files.name());
        String folder = folder(files.name(), BACKUP);
        makeEmpty(folder);
        try (InputStream in = order.source().open(artifact(order.manifest()))) {
            archive(stop).extract(in, path.resolve(folder));
        }
    }

    @Override
    public Repository staged(RestoreFiles files) throws IOException {
        return registered(BACKUP_REPOSITORY, folder(files.name(), BACKUP), true);
    }

    @Override
    public Repository newSafetyCopy(RestoreFiles files) throws IOException, InterruptedException {
        makeEmpty(folder(files.name(), SAFETY));
        return registered(SAFETY_REPOSITORY, folder(files.name(), SAFETY), false);
    }

    @Override
    public Repository safetyCopy(RestoreFiles files) throws IOException {
        return registered(SAFETY_REPOSITORY, folder(files.name(), SAFETY), true);
    }

    @Override
    public String safetyCopyName(RestoreFiles files) throws IOException {
        return path.resolve(folder(files.name(), SAFETY)).toString();
    }

    @Override
    public void release(RestoreFiles files) throws IOException, InterruptedException {
        unregister();
        remove(folder(files.name(), BACKUP));
    }

    @Override
    public void discard(String restore) throws IOException, InterruptedException {
        unregister();
        remove(folder(restore, BACKUP));
        remove(folder(restore, SAFETY));
    }

    @Override
    public void tidy() throws IOException, InterruptedException {
        if (marks.has(DUMP)) {
            removeDump();
        }
    }

    private void removeDump() throws IOException, InterruptedException {
        repository(afterwards, DUMP_REPOSITORY).unregister();
        remove(dump());
        marks.clear(DUMP);
    }

    private void unregister() throws IOException {
        repository(afterwards, BACKUP_REPOSITORY).unregister();
        repository(afterwards, SAFETY_REPOSITORY).unregister();
    }

    private Repository registered(String name, String folder, boolean readOnly) throws IOException {
        Repository repository = repository(cluster, name);
        repository.register(
                "fs", Map.of("location", path.resolve(folder).toString(), "readonly", readOnly, "compress", true));
        return repository;
    }

    private Repository repository(Cluster by, String name) throws IOException {
        return by.repository(name + "-" + marks.agent(), SNAPSHOT);
    }

    private String dump() throws IOException {
        return DUMP + "-" + marks.agent();
    }

    private String folder(String restore, String content) throws IOException {
        return restore + "-" + marks.agent() + content;
    }

    private void makeEmpty(String name) throws IOException, InterruptedException {
        archive(stop).makeEmpty(path.resolve(name));
    }

    /** Also after the attempt was stopped. */
    private void remove(String name) throws IOException, InterruptedException {
        archive(new StopSignal()).remove(path.resolve(name));
    }

    /** Whose the folder is, looked at and checked with each use: that user may put something else there at any time. */
    private UnixUser owner() throws IOException {
        UnixUser owner = UnixUser.ownerOf(path);
        UnixUser self = UnixUser.self();
        if (owner.isRoot() || (!self.isRoot() && self.uid() != owner.uid())) {
            throw new JobException(
                    FailureCode.SERVICE_DENIED,
                    path + " belongs to " + Files.getOwner(path).getName() + ", and the agent runs as "
                            + System.getProperty("user.name"),
                    "make the service's user its owner, and run the agent as that user or as root");
        }
        return owner.withoutRootsGroup();
    }

    private TreeArchive archive(StopSignal until) throws IOException {
        return TreeArchive.by(owner(), runner, until);
    }
}
