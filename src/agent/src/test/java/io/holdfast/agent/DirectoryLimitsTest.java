package io.holdfast.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.agent.adapter.directory.DirectoryAdapter;
import io.holdfast.agent.config.DirectoryConfig;
import io.holdfast.agent.config.DirectoryConfig.ChangingFiles;
import io.holdfast.agent.process.ProcessRunner;
import io.holdfast.agent.standin.StandInStore;
import io.holdfast.protocol.BackupResult;
import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.JobFailure;
import io.holdfast.protocol.RestoreResult;
import io.holdfast.testbed.SmallDisk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a backup of a directory cannot bring back, or not without a word. Needs root. */
class DirectoryLimitsTest extends AdapterFixture {
    private Path tree = Path.of("");
    private boolean dropSetuid;
    private ChangingFiles changing = ChangingFiles.WARN;
    private List<String> exclude = List.of();

    @BeforeEach
    void makeTree() throws IOException {
        tree = Files.createDirectories(directory.resolve("parent/data"));
        dropSetuid = false;
        changing = ChangingFiles.WARN;
        exclude = List.of();
    }

    @Override
    DirectoryConfig config() {
        return new DirectoryConfig(tree, exclude, dropSetuid, changing);
    }

    @Override
    String page() {
        return "directory";
    }

    private JobFailure failedBackup() throws Exception {
        manager.orderBackup();
        Object report = manager.report();
        assertThat(report).as(report.toString()).isInstanceOf(JobFailure.class);
        return (JobFailure) report;
    }

    private RestoreResult restore(String backup) throws Exception {
        manager.orderRestore(backup, 24);
        return restored();
    }

    @Test
    void d1_pathThatNoProgramCanOpenFailsTheBackupInAFewWords() throws Exception {
        // 4,095 bytes with the "./" before it, and then one more.
        String part = "d".repeat(200);
        HardTree.shell("""
                set -e; cd "$1"
                for i in $(seq 20); do mkdir %1$s; cd %1$s; done
                echo x > %2$s
                """.formatted(part, "f".repeat(4095 - 2 - 20 * 201)), tree);
        try (RunningAgent agent = agent()) {
            String backup = backup();
            HardTree.shell("rm -r \"$1\"/*", tree);
            restore(backup);
            assertThat(HardTree.shell("find \"$1\" -type f | wc -l", tree)).isEqualTo("1\n");
            HardTree.shell(
                    "cd \"$1\"; for i in $(seq 20); do cd d*; done; mv f* %s"
                            .formatted("g".repeat(4096 - 2 - 20 * 201)),
                    tree);
            JobFailure failure = failedBackup();
            assertThat(failure.code()).isEqualTo(FailureCode.DUMP_FAILED);
            assertThat(failure.message())
                    .contains("this cannot be restored: the path \"./dddd", "has 4096 bytes", "more than 4095")
                    .hasSizeLessThan(1000);
            assertThat(failure.hint()).contains("adapter.exclude");
            assertNothingLeft(agent);
        }
        HardTree.shell("rm -r \"$1\"/*", tree);
    }

    /**
     * The first file in the order of names is larger than what is on its way while the store takes nothing, so what comes after
     * it is moved before it is read.
     */
    private void slowTree() throws Exception {
        HardTree.shell(
                "cd \"$1\"; mkdir 0 z z/sub; head -c 60000000 /dev/urandom > a; for i in $(seq 200); do echo $i > z/sub/f$i; done",
                tree);
    }

    private String backupWhile(String script) throws Exception {
        int before = manager.store().puts();
        manager.store().failPuts(StandInStore.PutFault.HANGS, RunningAgent.IN_FLIGHT);
        String backup = manager.orderBackup();
        Await.until(() -> manager.store().puts() > before);
        HardTree.shell("cd \"$1\"; " + script, tree);
        manager.store().letUploadsGo();
        return backup;
    }

    @Test
    void d2_folderThatIsMovedToWhereTarHasBeenIsToldByItsPath() throws Exception {
        slowTree();
        try (RunningAgent agent = agent()) {
            String backup = backupWhile("mv z/sub 0/sub");
            assertThat(manager.report()).isInstanceOf(BackupResult.class);
            assertThat(manager.result(backup).facts())
                    .containsEntry("changed_files", 0L)
                    .containsEntry("changed_directories", 3L)
                    .containsEntry("files", 1L);
            assertThat(manager.result(backup).notes())
                    .anySatisfy(note -> assertThat(note)
                            .contains("moved in 3 directories: \"./0\", \"./0/sub\", \"./z\"", "may be missing"));
            assertNothingLeft(agent);
        }
    }

    @Test
    void d2_whoWantsNoChangesGetsAFailureForAMove() throws Exception {
        slowTree();
        changing = ChangingFiles.FAIL;
        try (RunningAgent agent = agent()) {
            backupWhile("mv z/sub 0/sub");
            JobFailure failure = (JobFailure) manager.report();
            assertThat(failure.code()).isEqualTo(FailureCode.DUMP_FAILED);
            assertThat(failure.message()).contains("moved in 3 directories");
            assertThat(failure.hint()).contains("changing_files");
            assertNothingLeft(agent);
        }
    }

    @Test
    void d2_whatIsExcludedMayChange() throws Exception {
        slowTree();
        HardTree.shell("cd \"$1\"; mkdir -p cache/deep keep/cache", tree);
        changing = ChangingFiles.FAIL;
        exclude = List.of("cache", "k*/c?ch[a-f]");
        try (RunningAgent agent = agent()) {
            String backup = backupWhile("mkdir cache/deep/more; mkdir keep/cache/more");
            assertThat(manager.report()).isInstanceOf(BackupResult.class);
            assertThat(manager.result(backup).facts()).containsEntry("changed_directories", 0L);
            assertThat(manager.result(backup).notes()).isEmpty();
            assertNothingLeft(agent);
        }
    }

    @Test
    void d3_rightsOfProgramsAndAttributesOfRootComeBack() throws Exception {
        attributes();
        String before = shownAttributes();
        assertThat(before).contains("cap_net_bind_service", "trusted.holdfast", "user.note");
        try (RunningAgent agent = agent()) {
            String backup = backup();
            assertThat(manager.result(backup).notes())
                    .containsExactly("a restore does not bring back the attributes security.holdfast of 1 file");
            HardTree.shell("rm -r \"$1\"/*", tree);
            assertThat(restore(backup).notes())
                    .containsExactly("a restore does not bring back the attributes security.holdfast of 1 file");
            assertThat(shownAttributes()).isEqualTo(before);
            assertNothingLeft(agent);
        }
    }

    @Test
    void d3_rightsOfProgramsStayAwayWhereTheyAreNotWanted() throws Exception {
        attributes();
        dropSetuid = true;
        try (RunningAgent agent = agent()) {
            String backup = backup();
            assertThat(restore(backup).notes())
                    .containsExactly("a restore does not bring back the attributes security.capability of 1 file,"
                            + " security.holdfast of 1 file, trusted.holdfast of 1 file");
            assertThat(shownAttributes()).doesNotContain("cap_net", "trusted.").contains("user.note");
            assertNothingLeft(agent);
        }
    }

    private void attributes() throws Exception {
        HardTree.shell("""
                set -e; cd "$1"; mkdir folder; cp /bin/true program
                setcap cap_net_bind_service=+ep program
                setfattr -n user.note -v hello program
                setfattr -n trusted.holdfast -v root folder
                setfattr -n security.holdfast -v label folder
                """, tree);
    }

    private String shownAttributes() throws Exception {
        return HardTree.shell("cd \"$1\"; getcap -r .; getfattr -R -h -d -m '^(user|trusted)[.]' .", tree);
    }

    @Test
    void d4_replacedDirectoryThatCannotBeRemovedIsToldAndKeepsNoOther() throws Exception {
        Path stuck = tree.resolveSibling(".holdfast-replaced-1-until-20200101T000000Z");
        Path next = tree.resolveSibling(".holdfast-replaced-2-until-20200101T000000Z");
        Files.createDirectories(next.resolve("x"));
        Files.createDirectories(stuck);
        try (SmallDisk disk = SmallDisk.mount(stuck.resolve("mounted"), 1_000_000);
                RunningAgent agent = agent()) {
            Await.until(() -> !Files.exists(next));
            assertThat(stuck).exists();
            assertThat(inspect())
                    .containsExactly(stuck + " could not be removed after its rollback time: see the agent's log");
            assertThat(disk.path()).isDirectory();
            assertNothingLeft(agent);
        }
        Files.delete(stuck);
        assertThat(inspect()).isEmpty();
    }

    private List<String> inspect() throws InterruptedException {
        return new DirectoryAdapter(config(), new ProcessRunner()).inspect().warnings();
    }

    @Test
    void d5_whatIsMountedInsideIsToldAtOnce() throws Exception {
        try (SmallDisk _ = SmallDisk.mount(tree.resolve("inside"), 1_000_000)) {
            assertThat(inspect())
                    .singleElement()
                    .asString()
                    .contains("file systems are mounted in " + tree, "unmounted for a restore", tree + "/inside");
        }
    }

    @Test
    void d5_restoreToAnotherPathIsNoted() throws Exception {
        Files.writeString(tree.resolve("file"), "before");
        Path old = tree;
        String backup;
        try (RunningAgent _ = agent()) {
            backup = backup();
        }
        tree = Files.createDirectory(directory.resolve("parent/moved"));
        try (RunningAgent agent = agent()) {
            assertThat(restore(backup).notes())
                    .containsExactly("the backup is of " + old + ", and was restored to " + tree);
            assertThat(tree.resolve("file")).hasContent("before");
            assertNothingLeft(agent);
        }
    }

    @Test
    void d5_tooFewInodesAreToldBeforeAnythingIsWritten() throws Exception {
        Path small = Files.createDirectory(directory.resolve("small"));
        HardTree.shell("mount -t tmpfs -o size=50m,nr_inodes=60 holdfast-test \"$1\"", small);
        try {
            tree = Files.createDirectory(small.resolve("data"));
            HardTree.shell("cd \"$1\"; for i in $(seq 40); do : > f$i; done", tree);
            try (RunningAgent agent = agent()) {
                String backup = backup();
                manager.orderRestore(backup, 24);
                JobFailure failure = failedRestore();
                assertThat(failure.code()).isEqualTo(FailureCode.DISK_FULL);
                assertThat(failure.message()).contains("inodes left, and the restore needs 41");
                assertNothingLeft(agent);
            }
        } finally {
            HardTree.shell("umount \"$1\"", small);
        }
    }
}
