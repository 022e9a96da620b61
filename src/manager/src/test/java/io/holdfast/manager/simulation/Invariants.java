package io.holdfast.manager.simulation;

import io.holdfast.format.manifest.Manifest;
import io.holdfast.manager.backup.Backup;
import io.holdfast.manager.backup.Backups;
import io.holdfast.manager.instance.Instances;
import io.holdfast.manager.sql.SimulationDatabase.Change;
import io.holdfast.manager.verification.StoredBackups;
import io.holdfast.manager.verification.UnreadableBackup;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What must be true after every step, judged by each single change of a row and of an object. */
final class Invariants {
    private static final Set<String> GOOD = Set.of("DONE", "VERIFIED");
    private static final Set<String> LIVE = Set.of("RUNNING", "COMMITTING");
    private static final Set<String> LISTED = Set.of("DONE", "VERIFIED", "SUSPECT");

    private final World world;
    private final Instances instances;
    private final Backups backups;
    private final StoredBackups truth;
    private final Map<Long, Set<Long>> liveJobs = new HashMap<>();
    private final Set<Long> doneJobs = new HashSet<>();
    private final Set<String> reported = new HashSet<>();
    private final UsedSegments used;
    private final Map<String, Dump> dumps = new HashMap<>();
    private final Map<Long, String> swaps = new HashMap<>();
    private final Set<Long> accepted = new TreeSet<>();
    private final Map<Coroutine, Acting> acting = new HashMap<>();
    /** Backups that were read, by how many changes of their objects there had been. */
    private final Map<Long, Long> whole = new HashMap<>();

    private long seen;

    Invariants(World world, StoredBackups truth) {
        this.world = world;
        this.instances = new Instances(world.database());
        this.backups = new Backups(world.database());
        this.truth = truth;
        this.used = new UsedSegments(world.database());
    }

    /** In whose name a request changes a job. */
    private record Acting(long job, int epoch, String state) {}

    /** Something that must never happen. */
    static final class Violation extends AssertionError {
        Violation(String message) {
            super(message);
        }
    }

    static void require(boolean holds, Supplier<String> otherwise) {
        if (!holds) {
            throw new Violation(otherwise.get());
        }
    }

    /** All that the current coroutine changes of a job from now on, it changes in the name of this attempt. */
    void actFor(long job, int epoch, String state) {
        acting.put(Objects.requireNonNull(Coroutine.current()), new Acting(job, epoch, state));
    }

    /** What an attempt dumped. */
    void dumped(long job, int epoch, Dump dump) {
        dumps.put(job + "/" + epoch, dump);
    }

    /** A request was accepted: its job has to end. */
    void accepted(long job) {
        accepted.add(job);
    }

    Set<Long> accepted() {
        return accepted;
    }

    /** An agent has read an artifact to its end and takes it for authentic. */
    void staged(String backupId, String artifact, byte[] plaintext) {
        boolean same = dumps.values().stream()
                .flatMap(dump -> dump.artifacts().stream())
                .anyMatch(
                        each -> each.name().equals(artifact) && each.plaintext().equals(ByteBuffer.wrap(plaintext)));
        require(same, () -> "what was staged of " + backupId + " is nothing that was ever dumped");
    }

    /** An agent replaces its live data. */
    void swapped(long job, String agent) {
        String first = swaps.putIfAbsent(job, agent);
        require(
                first == null || first.equals(agent),
                () -> "restore job " + job + " replaced data of " + first + " and of " + agent);
    }

    /** Looks at everything that the last slice changed. */
    void check(Coroutine ran, boolean changed) {
        Acting by = acting.get(ran);
        if (ran.hasEnded()) {
            acting.remove(ran);
        }
        for (Change change : changed ? world.history().changesAfter(seen) : List.<Change>of()) {
            seen = change.id();
            switch (change.what()) {
                case "JOB" -> job(change, by);
                case "BACKUP" -> backup(change);
                case "RESTORE" ->
                    require(
                            GOOD.contains(change.after()),
                            () -> "restore " + change.number() + " was accepted of a backup that is " + change.after());
                default ->
                    require(
                            change.epochBefore() == change.epochAfter()
                                    && change.after().equals("RUNNING"),
                            () -> change.what() + " noted for epoch " + change.epochBefore() + " of " + change);
            }
        }
    }

    private void job(Change change, @Nullable Acting by) {
        String before = change.before() == null ? "" : change.before();
        String after = change.after();
        world.trace().add("job " + change.number(), before + " -> " + after + " epoch " + change.epochAfter());
        require(
                change.epochAfter() >= change.epochBefore() && change.epochAfter() <= change.epochBefore() + 1,
                () -> "the epoch went back or jumped: " + change);
        boolean delayed = before.equals("QUEUED") && after.equals("QUEUED");
        if (by != null && by.job() == change.number() && !delayed) {
            require(
                    change.epochBefore() == by.epoch() && before.equals(by.state()),
                    () -> "changed in the name of " + by + ": " + change);
        }
        Set<Long> live = liveJobs.computeIfAbsent(change.instance(), instance -> new TreeSet<>());
        if (LIVE.contains(after)) {
            live.add(change.number());
        } else {
            live.remove(change.number());
        }
        require(live.size() <= 1, () -> "two live attempts on an instance: " + live);
        if (after.equals("COMMITTING") && !before.equals(after)) {
            require(
                    reported.add(change.number() + "/" + change.epochAfter()),
                    () -> "two completions were accepted: " + change);
        }
        if (before.equals("DONE")) {
            require(after.equals("DONE"), () -> "a job that was done is not: " + change);
        } else if (after.equals("DONE")) {
            require(doneJobs.add(change.number()), () -> "a job was done twice: " + change);
        }
    }

    private void backup(Change change) {
        String before = Objects.requireNonNull(change.before());
        String after = change.after();
        world.trace().add("backup " + change.number(), before + " -> " + after);
        if (GOOD.contains(before)) {
            require(
                    LISTED.contains(after) || after.equals("DELETING"),
                    () -> "a good backup became something else: " + change);
        }
        switch (after) {
            case "DONE", "VERIFIED" -> requireReadable(backups.get(change.number()));
            case "SUSPECT" -> {
                Backup backup = backups.get(change.number());
                require(damage(backup).isPresent(), () -> "a backup that is whole is called suspect: " + change);
            }
            case "DELETING" -> {
                boolean deletedInstance = change.epochBefore() == 1;
                boolean allowed = before.equals("DELETED") || deletedInstance || change.good() >= 1;
                require(allowed, () -> "the last good backup is deleted: " + change);
                require(
                        before.equals("DELETED") || change.epochAfter() == 0,
                        () -> "a backup is deleted that a restore needs: " + change);
            }
            default -> {
                // Nothing to be held against these.
            }
        }
    }

    /** A listed backup can be read to its end, but for damage that could not be seen before it was listed. */
    void requireReadable(Backup backup) {
        Optional<String> found = damage(backup);
        require(
                found.isEmpty() || isExcused(backup),
                () -> "backup " + backup.id() + " " + backup.backupId() + " is listed, and cannot be read: " + found);
        if (found.isEmpty()) {
            requireOfItsAttempts(backup);
        }
    }

    boolean isExcused(Backup backup) {
        return used.folders(backup).stream().anyMatch(world.damage()::isAnyChanged);
    }

    UsedSegments used() {
        return used;
    }

    /** What really is wrong with a backup. */
    Optional<String> damage(Backup backup) {
        Long writes = used.folders(backup).stream()
                .mapToLong(world.plainStore()::changesBelow)
                .sum();
        if (writes.equals(whole.get(backup.id()))) {
            return Optional.empty();
        }
        try {
            truth.readThrough(instances.get(backup.instance()), backup);
            whole.put(backup.id(), writes);
            return Optional.empty();
        } catch (UnreadableBackup | RuntimeException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    /** What is in it is what its last attempt dumped, whichever attempt has brought it; what is borrowed is another backup's. */
    private void requireOfItsAttempts(Backup backup) {
        Dump dump = dumps.get(backup.job().id() + "/" + backup.job().epoch());
        Manifest manifest = used.manifest(backup).orElseThrow();
        require(
                dump != null
                        && dump.isIn(manifest)
                        && manifest.segments().brought().stream()
                                .allMatch(each -> !each.backupId().equals(backup.backupId())
                                        || each.attempt() <= backup.job().epoch()),
                () -> "backup " + backup.id() + " is not what epoch "
                        + backup.job().epoch() + " dumped");
    }

    /** Nobody but a deletion changes what a listed backup consists of. */
    void objectChanges(String key, Optional<byte[]> before, Optional<byte[]> after) {
        String[] path = key.split("/", -1);
        if (before.isEmpty() || path.length != 6 || world.damage().isSpoiled(key)) {
            return;
        }
        String state = world.history().backupState(path[4]).orElse("");
        boolean counts = LISTED.contains(state.replace("+", "")) || state.equals("UPLOADED+");
        boolean same = after.isPresent() && Arrays.equals(before.get(), after.get());
        if (same) {
            return;
        }
        String what = key + (after.isEmpty() ? " is deleted" : " is replaced");
        if (path[3].equals("segments")) {
            used.user(key)
                    .ifPresent(user -> world.violate(
                            new Violation(what + ", which backup " + user.backupId() + " uses, " + user.state())));
        } else if (counts) {
            world.violate(new Violation(what + " of a backup that is " + state));
        }
    }
}
