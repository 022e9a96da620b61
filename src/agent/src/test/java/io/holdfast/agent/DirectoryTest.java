package io.holdfast.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.agent.attempt.CrashPoint;
import io.holdfast.agent.attempt.CrashPoints;
import io.holdfast.agent.config.AdapterConfig;
import io.holdfast.agent.config.DirectoryConfig;
import io.holdfast.agent.config.DirectoryConfig.ChangingFiles;
import io.holdfast.protocol.BackupResult;
import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.JobFailure;
import io.holdfast.testbed.SmallDisk;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The contract on real directories, and what only they have. Needs root. */
class DirectoryTest extends AdapterContract {
    private Path parent = Path.of("");
    private Path tree = Path.of("");
    private boolean dropSetuid;

    @BeforeEach
    void makeParent() throws IOException {
        parent = Files.createDirectory(directory.resolve("parent"));
        tree = parent.resolve("data");
    }

    @Override
    AdapterConfig config() {
        return config(ChangingFiles.FAIL, List.of());
    }

    @Override
    @Nullable AdapterConfig withTools(Path folder) {
        return null; // tar is the machine's
    }

    @Override
    String page() {
        return "directory";
    }

    @Override
    void fill() {
        lose();
        run("mkdir \"$1\"");
        try {
            HardTree.create(tree);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    void change() {
        run("""
                cd "$1"; echo other > other; rm -rf links shut; echo changed > plain; chmod 600 setuid
                ln -sfn /elsewhere dangling; mkdir -p empty-dir/more; touch empty
                """);
    }

    @Override
    void lose() {
        run("rm -rf \"$1\"");
    }

    @Override
    String listing() {
        try {
            return Files.exists(tree) ? HardTree.listing(tree) : "";
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    void spoil() {
        run("rm \"$1/plain\"");
    }

    /** It lies beside the live directory. */
    @Override
    void garble(Path staged) throws IOException {
        String restore = String.valueOf(
                        Objects.requireNonNull(staged.getParent()).getFileName())
                .replace("restore-", "");
        Files.move(parent.resolve(".holdfast-staged-" + restore), parent.resolve("carried-off"));
    }

    @Override
    int kept() throws IOException {
        return (int) beside().stream()
                .filter(name -> name.startsWith(".holdfast-replaced-"))
                .count();
    }

    @Override
    void assertNothingLeft(RunningAgent agent) throws Exception {
        super.assertNothingLeft(agent);
        assertThat(beside()).allMatch(name -> name.matches("data|carried-off|\\.holdfast-replaced-.*-until-.*"));
    }

    @Override
    @Test
    void whatWasLostComesBackByHand() throws Exception {
        fill();
        String before = listing();
        String backup;
        try (RunningAgent agent = agent()) {
            backup = backup();
            assertThat(manager.result(backup).facts())
                    .containsEntry("hard_links", 3L)
                    .containsEntry("symbolic_links", 6L)
                    .containsEntry("changed_files", 0L);
            assertNothingLeft(agent);
        }
        byHand(backup, "## Recovery by hand");
        assertThat(HardTree.listing(directory.resolve("out/data"))).isEqualTo(before);
        assertThat(HardTree.shell("find \"$1/sparse\" -printf %b", directory.resolve("out/data")))
                .hasSizeLessThan(4);
    }

    /** What something that starts with the machine would make while the directory is away is no hindrance. */
    @Test
    void dl21_emptyDirectoryThatIsMadeAfterACrashGivesWayToTheOldOne() throws Exception {
        fill();
        String old = listing();
        String backup;
        try (RunningAgent agent = agent()) {
            backup = backup();
            assertNothingLeft(agent);
        }
        try (RunningAgent agent = agent(crash(CrashPoint.LIVE_DATA_CLOSED))) {
            manager.orderRestore(backup, 24);
            agent.awaitCrash();
        }
        assertThat(tree).doesNotExist();
        Files.createDirectory(tree);
        try (RunningAgent agent = agent()) {
            Await.until(() -> journals().isEmpty());
            assertThat(listing()).isEqualTo(old);
            assertNothingLeft(agent);
        }
    }

    @Test
    void dl21_crashInTheMiddleOfARollbackIsFinishedByTheNextStart() throws Exception {
        fill();
        String backup;
        try (RunningAgent agent = agent()) {
            backup = backup();
            assertNothingLeft(agent);
        }
        change();
        String old = listing();
        AtomicInteger closed = new AtomicInteger();
        CrashPoints points = reached -> {
            if (reached == CrashPoint.SWAPPED) {
                spoil();
            }
            if (reached == CrashPoint.LIVE_DATA_CLOSED && closed.incrementAndGet() == 2) {
                crash(reached).reached(reached);
            }
        };
        try (RunningAgent agent = agent(points)) {
            manager.orderRestore(backup, 24);
            agent.awaitCrash();
        }
        try (RunningAgent agent = agent()) {
            assertFailure(FailureCode.VALIDATION_FAILED, "rolled back, everything is as before");
            Await.until(() -> journals().isEmpty());
            assertThat(listing()).isEqualTo(old);
            assertThat(beside()).containsExactly("data");
            assertNothingLeft(agent);
        }
    }

    private void run(String script) {
        try {
            HardTree.shell(script, tree);
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
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
            agent.assertNoThreadsLeft();
        }
    }

    @Test
    void filesThatChangeAreCountedOrFailTheBackup() throws Exception {
        Files.createDirectories(tree);
        HardTree.shell("cd \"$1\"; for i in $(seq 100); do head -c 300000 /dev/zero > f$i; done", tree);
        try (RunningAgent agent = agent(ChangingFiles.WARN, List.of())) {
            String backup = whileFilesChange(BackupResult.class);
            assertThat(manager.result(backup).facts().get("changed_files")).isPositive();
            manager.orderRestore(backup, 0);
            restored();
            agent.assertNoThreadsLeft();
        }
        try (RunningAgent agent = agent(ChangingFiles.FAIL, List.of())) {
            whileFilesChange(JobFailure.class);
            agent.assertNoThreadsLeft();
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

    /** It has a file open, and the directory for its own, from before the restore until after it. */
    @Test
    void programThatWritesDuringARestoreGoesOnWithTheReplacedDirectory() throws Exception {
        fill();
        String restored = listing();
        try (RunningAgent agent = agent()) {
            String backup = backup();
            Process writing = new ProcessBuilder(
                            "bash",
                            "-c",
                            "cd \"$1\"; exec 3> open; while :; do echo more >&3; echo new > new$RANDOM; sleep 0.01; done",
                            "bash",
                            tree.toString())
                    .start();
            try {
                Await.until(() -> Files.exists(tree.resolve("open")) && Files.size(tree.resolve("open")) > 0);
                manager.orderRestore(backup, 24);
                restored();
                assertThat(listing()).isEqualTo(restored);
                Path open = parent.resolve(beside().getFirst()).resolve("open");
                long size = Files.size(open);
                Await.until(() -> Files.size(open) > size);
                assertThat(listing()).as("while it goes on").isEqualTo(restored);
            } finally {
                writing.destroyForcibly().waitFor();
            }
            assertNothingLeft(agent);
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
            agent.assertNoThreadsLeft();
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
                assertFailure(FailureCode.RESTORE_FAILED, "file systems are mounted in " + tree);
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
            agent.assertNoThreadsLeft();
        }
    }

    /** What is restored lies beside the live directory, on its disk. */
    @Override
    @Test
    void dl04_fullDiskLeavesTheLiveDataAsItIs() throws Exception {
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
                agent.assertNoThreadsLeft();
            }
            assertThat(HardTree.listing(tree)).isEqualTo(before);
            assertThat(HardTree.shell("ls -A \"$1/..\"", tree)).isEqualTo("data\n");
        }
    }

    @Test
    void s10_setuidAndSetgidStayAwayWhereTheyAreNotWanted() throws Exception {
        HardTree.create(tree);
        HardTree.shell("cd \"$1\"; cp setuid setgid/both; chmod 6755 setgid/both; chmod 7777 sticky", tree);
        String wanted = listing().replaceAll("(?m)^([fd]) [2467]([0-7]{3}) ", "$1 $2 ");
        String withSticky = wanted.replaceAll("(?m)^d 777 (.*sticky)$", "d 1777 $1");
        dropSetuid = true;
        try (RunningAgent agent = agent()) {
            String backup = backup();
            manager.orderRestore(backup, 24);
            assertThat(restored().notes()).containsExactly("setuid or setgid was taken from 4 files and directories");
            agent.assertNoThreadsLeft();
        }
        assertThat(listing().lines().sorted())
                .containsExactlyElementsOf(withSticky.lines().sorted().toList());
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
            agent.assertNoThreadsLeft();
        }
        Files.createDirectory(parent.resolve(".holdfast-replaced-9-until-x"));
        Files.createDirectory(parent.resolve(".holdfast-replaced-9-until-20019999T999999Z"));
        Files.createDirectory(parent.resolve(".holdfast-replaced-9"));
        Thread.sleep(1100); // names have whole seconds
        try (RunningAgent agent = agent()) {
            Await.until(() -> beside().size() == 5);
            assertThat(beside()).anyMatch(name -> name.startsWith(".holdfast-replaced-2-until-"));
            agent.assertNoThreadsLeft();
        }
    }

    private DirectoryConfig config(ChangingFiles changing, List<String> exclude) {
        return new DirectoryConfig(tree, exclude, dropSetuid, changing);
    }

    private RunningAgent agent(ChangingFiles changing, List<String> exclude) throws IOException {
        return new RunningAgent(manager, config(changing, exclude), directory, CrashPoints.none());
    }

    /** As the adapter's page says, and in the locale of a user. */
    private Path extractedByHand(String backup) throws Exception {
        Path byHand = Files.createDirectory(directory.resolve("by-hand"));
        Files.write(directory.resolve("archive"), manager.plaintext(backup, "files"));
        HardTree.shell("LC_ALL=C.UTF-8 tar -x --numeric-owner --xattrs --acls -C \"$1\" < \"$1/../archive\"", byHand);
        return byHand;
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

    private List<String> beside() throws IOException {
        try (var files = Files.list(parent)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }
}
