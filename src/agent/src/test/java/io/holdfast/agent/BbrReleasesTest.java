package io.holdfast.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.agent.config.BbrConfig;
import io.holdfast.agent.process.Command;
import io.holdfast.protocol.BackupResult;
import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.JobFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Scripts in the shapes that well-known releases give them, which count on one thing or another of {@code bbr}'s. */
class BbrReleasesTest extends AdapterFixture {
    private BbrJobs jobs = new BbrJobs(Path.of(""));
    private Path data = Path.of("");

    @BeforeEach
    void makeFolders() throws IOException {
        jobs = new BbrJobs(directory.resolve("jobs"));
        data = Files.createDirectory(directory.resolve("data"));
    }

    @Override
    BbrConfig config() {
        return new BbrConfig(jobs.folder(), List.of(), Duration.ofMinutes(1), Command.UNLIMITED, Duration.ofSeconds(3));
    }

    @Override
    String page() {
        return "bbr";
    }

    @Override
    Map<String, String> environmentByHand() {
        return Map.of("JOBS", jobs.folder().toString());
    }

    /** A job that backs up and restores one file, by the variable that is given. */
    private void fileJob(String job, String variable) {
        jobs.script(job, "backup", "set -eu; cp %s/%s \"$%s/artifact\"".formatted(data, job, variable));
        jobs.script(job, "restore", "set -eu; cp \"$%s/artifact\" %s/%s".formatted(variable, data, job));
    }

    private void write(String name, String text) throws IOException {
        Files.writeString(data.resolve(name), text);
    }

    private void restoreBringsBack(String... names) throws Exception {
        try (RunningAgent agent = agent()) {
            for (String name : names) {
                write(name, "before");
            }
            String backup = backup();
            for (String name : names) {
                write(name, "after");
            }
            manager.orderRestore(backup, 24);
            restored();
            for (String name : names) {
                assertThat(data.resolve(name)).hasContent("before");
            }
            assertNothingLeft(agent);
        }
    }

    /** The backup-and-restore SDK: its jobs stand on VMs of others, switched off, and want to know who asks. */
    @Test
    void x1_disabledJobThatAsksForTheVersionIsLeftOut() throws Exception {
        fileJob("shop", "BBR_ARTIFACT_DIRECTORY");
        jobs.script("sdk", "metadata", """
                set -eu
                case $BBR_VERSION in [1-9]*.*.*) ;; *) exit 1 ;; esac
                echo 'skip_bbr_scripts: true'
                """);
        jobs.script("sdk", "backup", "exit 1");
        jobs.script("sdk", "restore", "exit 1");
        restoreBringsBack("shop");
    }

    /** Scripts of the first years: the older name, and a folder that they empty before they fill it. */
    @Test
    void x1_scriptOfTheOlderNameEmptiesItsOwnFolderOnly() throws Exception {
        fileJob("old", "ARTIFACT_DIRECTORY");
        jobs.script("old", "backup", """
                : "${ARTIFACT_DIRECTORY:?}"
                find "${ARTIFACT_DIRECTORY}" -mindepth 1 -delete
                cp %s/old "${ARTIFACT_DIRECTORY}artifact"
                """.formatted(data));
        restoreBringsBack("old");
    }

    /** A database's jobs: one beside the server takes the backup, one beside its clients the restore. */
    @Test
    void x2_whatOneJobMakesAnotherOneTakes() throws Exception {
        pair();
        try (RunningAgent agent = agent()) {
            write("database", "before");
            String backup = backup();
            assertThat(manager.result(backup).artifacts())
                    .extracting(BackupResult.Artifact::source)
                    .containsExactly("shop-database");
            write("database", "after");
            manager.orderRestore(backup, 24);
            assertThat(restored().restored()).containsExactly("taker");
            assertThat(data.resolve("database")).hasContent("before");
            assertThat(Objects.requireNonNull(manager.hello()).warnings()).isEmpty();
            assertNothingLeft(agent);
        }
    }

    @Test
    void x2_aFailedRestoreOfSuchAPairIsUndone() throws Exception {
        pair();
        try (RunningAgent agent = agent()) {
            write("database", "before");
            String backup = backup();
            write("database", "after");
            jobs.script("taker", "restore", """
                    grep -q before "$BBR_ARTIFACT_DIRECTORY/artifact" && echo half > %1$s/database && exit 1
                    cp "$BBR_ARTIFACT_DIRECTORY/artifact" %1$s/database
                    """.formatted(data));
            manager.orderRestore(backup, 24);
            assertThat(failedRestore().code()).isEqualTo(FailureCode.RESTORE_FAILED);
            assertThat(data.resolve("database")).hasContent("after");
            assertNothingLeft(agent);
        }
    }

    @Test
    void x2_recoveryByHandGivesEachScriptItsArtifact() throws Exception {
        pair();
        fileJob("plain", "ARTIFACT_DIRECTORY");
        write("database", "before");
        write("plain", "before");
        String backup;
        try (RunningAgent _ = agent()) {
            backup = backup();
        }
        write("database", "after");
        write("plain", "after");
        byHand(backup, "## Recovery by hand");
        assertThat(data.resolve("database")).hasContent("before");
        assertThat(data.resolve("plain")).hasContent("before");
    }

    private void pair() {
        jobs.script("maker", "metadata", "echo '{backup_name: shop-database}'");
        jobs.script("maker", "backup", "cp %s/database \"$BBR_ARTIFACT_DIRECTORY/artifact\"".formatted(data));
        jobs.script("taker", "metadata", "echo 'restore_name: shop-database'");
        jobs.script("taker", "restore", "cp \"$BBR_ARTIFACT_DIRECTORY/artifact\" %s/database".formatted(data));
    }

    @Test
    void x2_namesThatDoNotFitAreTold() throws Exception {
        pair();
        write("database", "before");
        String backup;
        try (RunningAgent _ = agent()) {
            backup = backup();
            jobs.script("taker", "metadata", "echo 'restore_name: warehouse'");
            manager.orderRestore(backup, 24);
            JobFailure failure = failedRestore();
            assertThat(failure.message()).contains("artifact shop-database, which no job's script");
            assertThat(failure.hint()).contains("restore_name shop-database");
            jobs.script("taker", "metadata", "echo 'restore_name: shop-database'");
            jobs.script("maker", "metadata", "echo '{backup_name: elsewhere}'");
            manager.orderRestore(backup, 24);
            assertThat(failedRestore().message()).contains("no pre-restore copy of what job taker replaces");
        }
        try (RunningAgent _ = agent()) {
            Await.until(
                    () -> !Objects.requireNonNull(manager.hello()).warnings().isEmpty());
            assertThat(Objects.requireNonNull(manager.hello()).warnings())
                    .containsExactlyInAnyOrder(
                            "job maker can be backed up, but not restored",
                            "job taker restores artifact shop-database, which no job here makes");
            jobs.script("taker", "metadata", "echo '{backup_name: elsewhere}'");
            jobs.script("taker", "backup", "true");
            assertBackupFails("the jobs maker and taker both make artifact elsewhere");
            jobs.script("taker", "metadata", "echo '{backup_name: ../../elsewhere}'");
            assertBackupFails("job taker: backup_name in its metadata is not a valid name: ../../elsewhere");
        }
    }

    private void assertBackupFails(String message) throws Exception {
        manager.orderBackup();
        Object report = manager.report();
        assertThat(report).as(report.toString()).isInstanceOf(JobFailure.class);
        assertThat(((JobFailure) report).message()).contains(message);
    }

    /** An external blobstore's job: it marks its copy as complete while it is unlocked, if all jobs' backups were good. */
    @Test
    void unlockingLearnsWhetherTheBackupsWereGood() throws Exception {
        fileJob("blobstore", "BBR_ARTIFACT_DIRECTORY");
        jobs.script(
                "blobstore",
                "post-backup-unlock",
                "echo \"$BBR_AFTER_BACKUP_SCRIPTS_SUCCESSFUL\" >> %s/complete".formatted(data));
        fileJob("shop", "BBR_ARTIFACT_DIRECTORY");
        write("blobstore", "x");
        write("shop", "x");
        try (RunningAgent _ = agent()) {
            backup();
            jobs.script("shop", "backup", "exit 1");
            assertBackupFails("job shop: backup ended with exit code 1");
        }
        assertThat(data.resolve("complete")).hasContent("true\nfalse");
    }

    /** A server beside its data: it is stopped by monit, waited for, and copied with hard links, which no tar may tear apart. */
    @Test
    void lockThatWaitsAndACopyOfHardLinks() throws Exception {
        Path files = Files.createDirectories(data.resolve("files"));
        Path running = Files.createFile(directory.resolve("running"));
        for (String step : List.of("pre-backup-lock", "pre-restore-lock")) {
            jobs.script("nfs", step, """
                    (sleep 0.3; rm %1$s) &
                    for _ in $(seq 100); do [ -e %1$s ] || exit 0; sleep 0.1; done
                    exit 1
                    """.formatted(running));
        }
        for (String step : List.of("post-backup-unlock", "post-restore-unlock")) {
            jobs.script("nfs", step, "touch " + running);
        }
        jobs.script("nfs", "backup", "[ ! -e %s ] && cp -rl %s \"$BBR_ARTIFACT_DIRECTORY\"".formatted(running, files));
        jobs.script(
                "nfs",
                "restore",
                "[ ! -e %1$s ] && rm -rf %2$s && cp -r \"$BBR_ARTIFACT_DIRECTORY\"/files %2$s"
                        .formatted(running, files));
        Files.writeString(files.resolve("one"), "before");
        Files.createLink(files.resolve("two"), files.resolve("one"));
        try (RunningAgent agent = agent()) {
            String backup = backup();
            Files.delete(files.resolve("one"));
            manager.orderRestore(backup, 24);
            restored();
            assertThat(files.resolve("one")).hasContent("before");
            assertThat(files.resolve("two")).hasContent("before");
            assertThat(running).exists();
            assertNothingLeft(agent);
        }
    }
}
