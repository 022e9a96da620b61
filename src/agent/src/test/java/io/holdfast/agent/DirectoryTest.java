package io.holdfast.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.agent.attempt.CrashPoint;
import io.holdfast.agent.attempt.CrashPoints;
import io.holdfast.agent.config.DirectoryConfig;
import io.holdfast.agent.config.DirectoryConfig.ChangingFiles;
import io.holdfast.agent.standin.StandInManager;
import io.holdfast.protocol.BackupResult;
import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.JobFailure;
import io.holdfast.protocol.RestoreResult;
import io.holdfast.testbed.SmallDisk;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Backups and restores of real directories. Needs root. */
class DirectoryTest {
    @TempDir
    Path directory;

    private Path parent;
    private Path tree;
    private StandInManager manager;

    @BeforeEach
    void start() throws Exception {
        parent = Files.createDirectory(directory.resolve("parent"));
        tree = parent.resolve("data");
        manager = new StandInManager(directory);
    }

    @AfterEach
    void stop() {
        manager.close();
    }

    @Test
    void hardDataComesBackAsItWas() throws Exception {
        HardTree.create(tree);
        String before = HardTree.listing(tree);
        try (RunningAgent agent = agent()) {
            String backup = backup();
            assertThat(manager.result(backup).facts())
                    .containsEntry("hard_links", 3L)
                    .containsEntry("symbolic_links", 6L)
                    .containsEntry("changed_files", 0L);
            assertThat(HardTree.listing(extractedByHand(backup))).isEqualTo(before);
            HardTree.shell("rm -rf \"$1\"; mkdir \"$1\"; echo other > \"$1/other\"", tree);
            manager.orderRestore(backup, 24);
            RestoreResult result = restored();
            assertThat(result.restored()).containsExactly(tree.toString());
            assertThat(result.notes()).isEmpty();
            assertThat(HardTree.listing(tree)).isEqualTo(before);
            assertThat(HardTree.shell("find \"$1/sparse\" -printf %b", tree)).hasSizeLessThan(4);
            assertThat(result.kept()).singleElement().satisfies(kept -> {
                assertThat(kept).matches(".*/\\.holdfast-replaced-2-until-[0-9]{8}T[0-9]{6}Z");
                assertThat(Path.of(kept, "other")).hasContent("other\n");
            });
            assertNothingElseLeft();
            assertThat(agent.buffers().available()).isEqualTo(RunningAgent.BUFFERS);
        }
    }

    @Test
    void directoryThatIsLostComesBack() throws Exception {
        Files.createDirectories(tree.resolve("a"));
        String before = HardTree.listing(tree);
        try (RunningAgent agent = agent()) {
            String backup = backup();
            HardTree.shell("rm -r \"$1\"", tree);
            manager.orderRestore(backup, 24);
            assertThat(restored().kept()).isEmpty();
            assertThat(HardTree.listing(tree)).isEqualTo(before);
            assertThat(agent.buffers().available()).isEqualTo(RunningAgent.BUFFERS);
        }
    }

    @Test
    void excludedFilesAndSocketsAreLeftOut() throws Exception {
        HardTree.shell("""
                mkdir -p "$1/cache/deep" "$1/keep/cache" "$1/logs"
                touch "$1/cache/deep/x" "$1/keep/cache/y" "$1/logs/a.log" "$1/logs/a.txt" "$1/top.log"
                """, tree);
        try (ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
                RunningAgent agent = agent(ChangingFiles.WARN, List.of("cache", "*.log", "logs/*.log"))) {
            socket.bind(UnixDomainSocketAddress.of(tree.resolve("socket")));
            String backup = backup();
            Path other = extractedByHand(backup);
            assertThat(HardTree.shell("cd \"$1\" && find . | sort", other).lines())
                    .containsExactly(".", "./keep", "./keep/cache", "./keep/cache/y", "./logs", "./logs/a.txt");
            assertThat(agent.buffers().available()).isEqualTo(RunningAgent.BUFFERS);
        }
    }

    @Test
    void filesThatChangeAreCountedOrFailTheBackup() throws Exception {
        Files.createDirectories(tree);
        HardTree.shell("cd \"$1\"; for i in $(seq 100); do head -c 1000000 /dev/zero > f$i; done", tree);
        try (RunningAgent agent = agent(ChangingFiles.WARN, List.of())) {
            String backup = whileFilesChange(BackupResult.class);
            assertThat(manager.result(backup).facts().get("changed_files")).isPositive();
            manager.orderRestore(backup, 0);
            restored();
            assertThat(agent.buffers().available()).isEqualTo(RunningAgent.BUFFERS);
        }
        try (RunningAgent agent = agent(ChangingFiles.FAIL, List.of())) {
            whileFilesChange(JobFailure.class);
            assertThat(agent.buffers().available()).isEqualTo(RunningAgent.BUFFERS);
        }
    }

    /** Files are made, changed and removed in the topmost directory, again and again, as long as the backup runs. */
    private String whileFilesChange(Class<?> report) throws Exception {
        Process changing = new ProcessBuilder(
                        "bash",
                        "-c",
                        "cd \"$1\"; while :; do for i in $(seq 100); do echo more >> f$i; done; rm -f g*; touch g$RANDOM; done",
                        "bash",
                        tree.toString())
                .start();
        try {
            String backup = manager.orderBackup();
            Object reported = manager.report();
            assertThat(reported).isInstanceOf(report);
            if (reported instanceof JobFailure failure) {
                assertThat(failure.code()).isEqualTo(FailureCode.DUMP_FAILED);
                assertThat(failure.message()).contains("changed or vanished").contains("./f");
                assertThat(failure.hint()).contains("changing_files");
            }
            return backup;
        } finally {
            changing.destroyForcibly().waitFor();
        }
    }

    @Test
    void dl01_fileThatCannotBeReadFailsTheBackup() throws Exception {
        HardTree.shell("mkdir \"$1\"; touch \"$1/a\" \"$1/blocked\"", tree);
        // A file of the kernel's that not even root may open for reading.
        HardTree.shell("mount --bind /sys/bus/platform/drivers_probe \"$1/blocked\"", tree);
        try (RunningAgent agent = agent()) {
            manager.orderBackup();
            JobFailure failure = (JobFailure) manager.report();
            assertThat(failure.code()).isEqualTo(FailureCode.SERVICE_DENIED);
            assertThat(failure.message()).contains("./blocked: Cannot open: Permission denied");
            assertThat(agent.buffers().available()).isEqualTo(RunningAgent.BUFFERS);
        } finally {
            HardTree.shell("umount \"$1/blocked\"", tree);
        }
    }

    @Test
    void whatCannotBeBackedUpOrReplacedIsTold() throws Exception {
        try (RunningAgent agent = agent()) {
            manager.orderBackup();
            assertFailure(FailureCode.SERVICE_UNREACHABLE, "there is no directory");
            HardTree.shell("mkdir \"$1\"; mkfifo \"$1/pipe\"", tree);
            manager.orderBackup();
            assertFailure(FailureCode.DUMP_FAILED, "\"./pipe\" is a named pipe");
            HardTree.shell("rm \"$1/pipe\"; mkdir \"$1/below\"", tree);
            String backup = backup();
            try (SmallDisk disk = SmallDisk.mount(tree.resolve("below"), 1_000_000)) {
                manager.orderRestore(backup, 24);
                assertFailure(FailureCode.RESTORE_FAILED, "file systems mounted in " + tree);
                assertThat(disk.path()).isDirectory();
            }
            HardTree.shell("mount --bind \"$1\" \"$1\"", tree);
            try {
                manager.orderRestore(backup, 24);
                assertFailure(FailureCode.RESTORE_FAILED, tree + " is a mount point");
            } finally {
                HardTree.shell("umount \"$1\"", tree);
            }
            HardTree.shell("mv \"$1\" \"$1.real\"; ln -s data.real \"$1\"", tree);
            manager.orderRestore(backup, 24);
            assertFailure(FailureCode.RESTORE_FAILED, "is a symbolic link");
            assertThat(agent.buffers().available()).isEqualTo(RunningAgent.BUFFERS);
        }
    }

    /** Points at which the live directory is still the old one after a restart; at all others it is the restored one. */
    private static final Set<CrashPoint> OLD = EnumSet.of(
            CrashPoint.JOB_CLAIMED,
            CrashPoint.STAGING_BEGUN,
            CrashPoint.STAGED,
            CrashPoint.SWAPPING_WRITTEN,
            CrashPoint.LIVE_DATA_CLOSED);

    private static final Set<CrashPoint> NEW =
            EnumSet.of(CrashPoint.SWAPPED, CrashPoint.VALIDATED, CrashPoint.COMMITTED, CrashPoint.RESTORE_REPORTED);

    @Test
    void dl21_crashAtAnyPointLeavesTheOldOrTheNewDirectory() throws Exception {
        HardTree.shell("mkdir -p \"$1/a\"; echo good > \"$1/a/file\"", tree);
        String good = HardTree.listing(tree);
        String backup;
        try (RunningAgent agent = agent()) {
            backup = backup();
            assertThat(agent.buffers().available()).isEqualTo(RunningAgent.BUFFERS);
        }
        EnumSet<CrashPoint> points = EnumSet.copyOf(OLD);
        points.addAll(NEW);
        for (CrashPoint point : points) {
            HardTree.shell("rm -rf \"$1\"; mkdir \"$1\"; echo old > \"$1/old\"", tree);
            String old = HardTree.listing(tree);
            manager.orderRestore(backup, 24);
            crash(reached -> {
                if (reached == point) {
                    throw new Crash();
                }
            });
            if (point == CrashPoint.LIVE_DATA_CLOSED) {
                assertThat(tree).doesNotExist();
                Files.createDirectory(tree); // as something that starts with the machine would
            }
            try (RunningAgent agent = agent()) {
                await(() -> journals().isEmpty());
                assertThat(HardTree.listing(tree)).as(point.name()).isEqualTo(OLD.contains(point) ? old : good);
                assertThat(agent.buffers().available()).isEqualTo(RunningAgent.BUFFERS);
            }
            assertNothingElseLeft();
        }
    }

    @Test
    void dl21_restoreThatFailsItsValidationIsRolledBackAlsoAfterACrash() throws Exception {
        HardTree.shell("mkdir -p \"$1/a\"; echo good > \"$1/a/file\"", tree);
        String backup;
        try (RunningAgent agent = agent()) {
            backup = backup();
            assertThat(agent.buffers().available()).isEqualTo(RunningAgent.BUFFERS);
        }
        HardTree.shell("echo old > \"$1/old\"", tree);
        String old = HardTree.listing(tree);
        for (CrashPoint point : List.of(CrashPoint.ROLLING_BACK, CrashPoint.LIVE_DATA_CLOSED, CrashPoint.ROLLED_BACK)) {
            AtomicInteger closed = new AtomicInteger();
            manager.orderRestore(backup, 24);
            crash(reached -> {
                if (reached == CrashPoint.SWAPPED) {
                    spoil();
                }
                boolean first = reached == CrashPoint.LIVE_DATA_CLOSED && closed.incrementAndGet() == 1;
                if (reached == point && !first) {
                    throw new Crash();
                }
            });
            try (RunningAgent agent = agent()) {
                assertFailure(FailureCode.VALIDATION_FAILED, "rolled back, all is as before");
                await(() -> journals().isEmpty());
                assertThat(HardTree.listing(tree)).as(point.name()).isEqualTo(old);
                assertThat(agent.buffers().available()).isEqualTo(RunningAgent.BUFFERS);
            }
            assertThat(beside()).containsExactly("data");
        }
    }

    @Test
    void dl04_fullDiskLeavesTheLiveDirectoryAsItIs() throws Exception {
        try (SmallDisk disk = SmallDisk.mount(directory.resolve("small"), 10_000_000)) {
            tree = disk.path().resolve("data");
            // Takes three times as much room on the disk as in a tar stream.
            HardTree.shell(
                    "mkdir \"$1\"; cd \"$1\"; for i in $(seq 1500); do echo > f$i; done; touch -d 2020-01-01 f*", tree);
            String before = HardTree.listing(tree);
            try (RunningAgent agent = agent()) {
                String backup = backup();
                manager.orderRestore(backup, 24);
                assertFailure(FailureCode.DISK_FULL, "No space left on device");
                HardTree.shell("head -c 4000000 /dev/zero > \"$1/../ballast\" || true", tree);
                manager.orderRestore(backup, 24);
                assertFailure(FailureCode.DISK_FULL, "bytes left, and the restore needs about");
                Files.delete(disk.path().resolve("ballast"));
                assertThat(agent.buffers().available()).isEqualTo(RunningAgent.BUFFERS);
            }
            assertThat(HardTree.listing(tree)).isEqualTo(before);
            assertThat(HardTree.shell("ls -A \"$1/..\"", tree)).isEqualTo("data\n");
        }
    }

    @Test
    void cancelWhileDumpingAndWhileStagingLeavesNothing() throws Exception {
        HardTree.shell("mkdir \"$1\"; head -c 300000000 /dev/urandom > \"$1/random\"", tree);
        String before = HardTree.listing(tree);
        try (RunningAgent agent = agent()) {
            String backup = backup();
            manager.orderBackup();
            manager.heartbeatIn("dumping");
            manager.cancel(true);
            assertThat(((JobFailure) manager.report()).code()).isEqualTo(FailureCode.CANCELLED);
            manager.cancel(false);
            manager.orderRestore(backup, 24);
            manager.heartbeatIn("staging");
            manager.cancel(true);
            assertFailure(FailureCode.CANCELLED, "");
            assertThat(HardTree.shell("pgrep -af -- \"tar.*$1\" | grep -v pgrep | grep -v bash || true", tree))
                    .isEmpty();
            assertThat(agent.buffers().available()).isEqualTo(RunningAgent.BUFFERS);
        }
        assertThat(HardTree.listing(tree)).isEqualTo(before);
        assertThat(beside()).containsExactly("data");
        assertThat(journals()).isEmpty();
    }

    @Test
    void replacedDirectoriesAreRemovedWhenTheirTimeIsOver() throws Exception {
        HardTree.create(tree);
        try (RunningAgent agent = agent()) {
            String backup = backup();
            manager.orderRestore(backup, 24);
            restored();
            manager.orderRestore(backup, 0);
            restored();
            assertThat(beside()).hasSize(3);
            assertThat(agent.buffers().available()).isEqualTo(RunningAgent.BUFFERS);
        }
        Files.createDirectory(parent.resolve(".holdfast-replaced-9-until-x"));
        Files.createDirectory(parent.resolve(".holdfast-replaced-9-until-20019999T999999Z"));
        Files.createDirectory(parent.resolve(".holdfast-replaced-9"));
        Thread.sleep(1100); // names have whole seconds
        try (RunningAgent agent = agent()) {
            await(() -> beside().size() == 5);
            assertThat(beside()).anyMatch(name -> name.startsWith(".holdfast-replaced-2-until-"));
            assertThat(agent.buffers().available()).isEqualTo(RunningAgent.BUFFERS);
        }
    }

    private static final class Crash extends Error {
        private static final long serialVersionUID = 1L;
    }

    private void crash(CrashPoints points) throws Exception {
        try (RunningAgent agent = new RunningAgent(manager, config(ChangingFiles.FAIL, List.of()), directory, points)) {
            agent.awaitCrash();
        }
    }

    private void spoil() {
        try {
            Files.delete(tree.resolve("a/file"));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private DirectoryConfig config(ChangingFiles changing, List<String> exclude) {
        return new DirectoryConfig(tree, exclude, changing);
    }

    private RunningAgent agent() throws IOException {
        return agent(ChangingFiles.FAIL, List.of());
    }

    private RunningAgent agent(ChangingFiles changing, List<String> exclude) throws IOException {
        return new RunningAgent(manager, config(changing, exclude), directory, CrashPoints.none());
    }

    private String backup() throws Exception {
        String backup = manager.orderBackup();
        Object report = manager.report();
        assertThat(report).as(report.toString()).isInstanceOf(BackupResult.class);
        return backup;
    }

    /** As the adapter's page says, and in the locale of a user. */
    private Path extractedByHand(String backup) throws Exception {
        Path byHand = Files.createDirectory(directory.resolve("by-hand"));
        Files.write(directory.resolve("archive"), manager.plaintext(backup, "files"));
        HardTree.shell("LC_ALL=C.UTF-8 tar -x --numeric-owner --xattrs --acls -C \"$1\" < \"$1/../archive\"", byHand);
        return byHand;
    }

    private RestoreResult restored() throws Exception {
        Object report = manager.report();
        assertThat(report).as(report.toString()).isInstanceOf(RestoreResult.class);
        return (RestoreResult) report;
    }

    private void assertFailure(FailureCode code, String message) throws Exception {
        Object report = manager.report();
        assertThat(report).as(report.toString()).isInstanceOf(JobFailure.class);
        JobFailure failure = (JobFailure) report;
        assertThat(failure.code()).as(failure.message()).isEqualTo(code);
        assertThat(failure.message()).contains(message);
        if (failure.liveData() != null) {
            assertThat(failure.liveData()).isEqualTo(JobFailure.LiveData.UNTOUCHED);
        }
    }

    private void assertNothingElseLeft() throws Exception {
        assertThat(beside()).allMatch(name -> name.equals("data") || name.matches("\\.holdfast-replaced-.*-until-.*"));
        assertThat(journals()).isEmpty();
    }

    private List<String> beside() throws IOException {
        try (var files = Files.list(parent)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    private List<Path> journals() throws IOException {
        Path folder = directory.resolve("restores");
        if (!Files.exists(folder)) {
            return List.of();
        }
        try (var files = Files.list(folder)) {
            return files.toList();
        }
    }

    private interface Condition {
        boolean holds() throws Exception;
    }

    private static void await(Condition condition) throws Exception {
        long end = System.nanoTime() + 60_000_000_000L;
        while (!condition.holds()) {
            assertThat(System.nanoTime()).isLessThan(end);
            Thread.sleep(50);
        }
    }
}
