package io.holdfast.agent.adapter.tar;

import io.holdfast.agent.attempt.JobException;
import io.holdfast.agent.attempt.StopSignal;
import io.holdfast.agent.process.Command;
import io.holdfast.agent.process.ProcessEnd;
import io.holdfast.agent.process.ProcessRunner;
import io.holdfast.agent.process.RunningProcess;
import io.holdfast.agent.process.UnixUser;
import io.holdfast.protocol.FailureCode;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * GNU tar and the other programs that work on trees. They run in the C locale, in which they pass names on as the bytes
 * that they are.
 */
public final class Tar {
    private static final int CHANGED = 1;
    private static final int NOT_FOUND = 127;
    private static final String PROGRAM = "tar";
    private static final Pattern VERSION = Pattern.compile("tar \\(GNU tar\\) ((\\d{1,4})\\.(\\d{1,4})\\S*).*");
    private static final String INSTALL = "install the package tar: GNU tar 1.28 or newer";

    /** The first one that sorts by names. */
    private static final int OLDEST_MAJOR = 1;

    private static final int OLDEST_MINOR = 28;
    private static final Duration VERSION_LIMIT = Duration.ofMinutes(1);

    /** For a disk that hangs: no healthy one keeps tar waiting so long. */
    private static final Duration IDLE_LIMIT = Duration.ofHours(1);

    private final ProcessRunner runner;
    private final @Nullable UnixUser user;

    public Tar(ProcessRunner runner) {
        this(runner, null);
    }

    /**
     * Programs that another user runs.
     *
     * @param user who owns whatever is extracted; null for the agent's user, who extracts with the archive's owners
     */
    public Tar(ProcessRunner runner, @Nullable UnixUser user) {
        this.runner = runner;
        this.user = user;
    }

    /** The version, such as {@code 1.34}; throws when there is no tar that will do. */
    public String version(StopSignal stop) throws IOException, InterruptedException {
        Command command = new Command(List.of(PROGRAM, "--version"), Map.of(), VERSION_LIMIT, VERSION_LIMIT);
        ProcessRunner.Outcome outcome = runner.known(command, stop);
        if (!outcome.end().good()) {
            throw new JobException(
                    FailureCode.TOOL_MISSING,
                    "GNU tar is missing: " + outcome.end().description(),
                    INSTALL);
        }
        String first = outcome.output().lines().findFirst().orElse("");
        Matcher version = VERSION.matcher(first);
        if (!version.matches()) {
            throw new JobException(FailureCode.TOOL_VERSION, "tar is not GNU tar: it says " + first, INSTALL);
        }
        int major = Integer.parseInt(version.group(2));
        int minor = Integer.parseInt(version.group(3));
        if (major < OLDEST_MAJOR || (major == OLDEST_MAJOR && minor < OLDEST_MINOR)) {
            throw new JobException(
                    FailureCode.TOOL_VERSION,
                    "GNU tar is version " + version.group(1) + ", and 1.28 is the oldest supported version",
                    INSTALL);
        }
        return version.group(1);
    }

    /** Whether the agent is root, and so may set what only root may. */
    public static boolean isRoot() throws IOException {
        return Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
    }

    /** Writes a directory to standard output. */
    public RunningProcess create(Path directory, List<String> exclude, StopSignal stop)
            throws IOException, InterruptedException {
        List<String> arguments = new ArrayList<>(List.of(
                PROGRAM,
                "--create",
                "--file=-",
                "--format=posix",
                // Times of access and of the last change of an inode cannot be restored; the process's number says
                // nothing.
                "--pax-option=delete=atime,delete=ctime,exthdr.name=%d/PaxHeaders/%f",
                "--xattrs",
                "--acls",
                "--sparse",
                "--sort=name",
                "--quoting-style=escape",
                // Sockets, which belong to the program that made them.
                "--warning=no-file-ignored",
                "--anchored",
                "--wildcards",
                "--no-wildcards-match-slash"));
        Attributes.SAVED.forEach(names -> arguments.add("--xattrs-include=" + names));
        exclude.forEach(pattern -> arguments.add("--exclude=./" + pattern));
        arguments.add("--directory=" + directory);
        arguments.add(".");
        return runner.start(command(arguments), stop);
    }

    /**
     * Fills an empty directory from a stream, which is read to its end. Owners and groups are set by their numbers, unless a
     * user owns all.
     *
     * @param archive what the check refuses in it ends this with {@code CORRUPT}
     * @param privileged whether also with attributes that only root can set
     * @return the program's good end, with what it said
     */
    public ProcessEnd extract(CheckedTar archive, Path directory, boolean privileged, StopSignal stop)
            throws IOException, InterruptedException {
        List<String> arguments = new ArrayList<>(List.of(
                PROGRAM,
                "--extract",
                "--file=-",
                "--preserve-permissions",
                user == null ? "--same-owner" : "--no-same-owner",
                "--numeric-owner",
                "--xattrs",
                "--acls",
                "--quoting-style=escape",
                "--warning=no-timestamp",
                "--directory=" + directory));
        Attributes.restored(privileged).forEach(names -> arguments.add("--xattrs-include=" + names));
        try (RunningProcess process = runner.start(command(arguments), stop)) {
            boolean whole = process.feed(archive);
            process.output().transferTo(OutputStream.nullOutputStream());
            ProcessEnd end = process.await();
            stop.check();
            if (!end.good()) {
                throw failure(end, FailureCode.RESTORE_FAILED);
            }
            if (!whole) {
                archive.transferTo(OutputStream.nullOutputStream());
            }
            return end;
        } catch (TarException e) {
            throw JobException.corrupt("the backup's tar stream is refused: " + e.getMessage(), e);
        }
    }

    /** Waits until all of the directory's file system is on the disk. */
    public void sync(Path directory, StopSignal stop) throws IOException, InterruptedException {
        run(stop, "sync", "--file-system", directory.toString());
    }

    /** Removes a directory with all that is in it, but nothing on other file systems. */
    public void remove(Path directory, StopSignal stop) throws IOException, InterruptedException {
        run(stop, "rm", "--recursive", "--force", "--one-file-system", "--", directory.toString());
    }

    /** Makes a directory that only its owner can read. */
    public void make(Path directory, StopSignal stop) throws IOException, InterruptedException {
        run(stop, "mkdir", "--mode=0700", "--", directory.toString());
    }

    /** Lists what is in a directory, one line each: type, number of names, size. */
    public RunningProcess list(Path directory, StopSignal stop) throws IOException, InterruptedException {
        List<String> arguments =
                List.of("find", directory.toString(), "-ignore_readdir_race", "-printf", "%y %n %s\\n");
        return runner.start(command(arguments), stop);
    }

    /** Lists the directories below one, and itself, whose inode has changed since a time: paths, each with a zero at its end. */
    public RunningProcess listChangedDirectories(Path directory, Instant since, StopSignal stop)
            throws IOException, InterruptedException {
        List<String> arguments = List.of(
                "find",
                directory.toString(),
                "-ignore_readdir_race",
                "-type",
                "d",
                "-newerct",
                "@%d.%09d".formatted(since.getEpochSecond(), since.getNano()),
                "-printf",
                "%P\\0");
        return runner.start(command(arguments), stop);
    }

    /** How many files can still be made in a directory's file system; empty when it sets no number. */
    public OptionalLong freeInodes(Path directory, StopSignal stop) throws IOException, InterruptedException {
        Command command = command(List.of("stat", "--file-system", "--format=%c %d", directory.toString()));
        ProcessRunner.Outcome outcome = runner.run(command, "", stop);
        String[] fields = outcome.output().strip().split(" ", 2);
        if (!outcome.end().good() || fields.length != 2 || fields[0].equals("0")) {
            return OptionalLong.empty();
        }
        return OptionalLong.of(Long.parseLong(fields[1]));
    }

    private void run(StopSignal stop, String... arguments) throws IOException, InterruptedException {
        ProcessEnd end = runner.run(command(List.of(arguments)), "", stop).end();
        if (!end.good()) {
            throw failure(end, FailureCode.RESTORE_FAILED);
        }
    }

    private Command command(List<String> arguments) {
        return new Command(arguments, Map.of(), IDLE_LIMIT, Command.UNLIMITED, user);
    }

    /** Whether a dump is whole but for files that changed or vanished while they were read. */
    public static boolean filesChanged(ProcessEnd end) {
        return end.exitCode() == CHANGED && !end.timedOut();
    }

    /** What the failure of a program means. */
    public static JobException failure(ProcessEnd end, FailureCode general) {
        String errors = end.errors();
        if (end.timedOut()) {
            return new JobException(FailureCode.TOOL_TIMEOUT, end.description());
        }
        if (end.exitCode() == NOT_FOUND) {
            return new JobException(
                    FailureCode.TOOL_MISSING, end.description(), "install the packages tar, findutils and coreutils");
        }
        if (errors.contains("Permission denied") || errors.contains("Operation not permitted")) {
            return new JobException(
                    FailureCode.SERVICE_DENIED,
                    end.description(),
                    "run the agent as root, or exclude what it may not read (adapter.exclude)");
        }
        boolean full = errors.contains("No space left on device") || errors.contains("Disk quota exceeded");
        if (full && general == FailureCode.RESTORE_FAILED) {
            return new JobException(
                    FailureCode.DISK_FULL,
                    end.description(),
                    "make room, or remove replaced directories (.holdfast-replaced-…) of earlier restores");
        }
        return new JobException(general, end.description());
    }
}
