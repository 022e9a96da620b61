package io.holdfast.agent.adapter.directory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.holdfast.agent.attempt.AnyAttempt;
import io.holdfast.agent.attempt.BackupId;
import io.holdfast.agent.attempt.JobException;
import io.holdfast.agent.config.DirectoryConfig;
import io.holdfast.agent.process.ProcessRunner;
import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.Hello;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Programs that say that they are another tar than the one that is needed. */
class TarVersionTest {
    @TempDir
    Path tools;

    private DirectoryAdapter adapter;

    @BeforeEach
    void makeAdapter() throws IOException {
        Files.createSymbolicLink(tools.resolve("setpriv"), Path.of("/usr/bin/setpriv"));
        adapter = new DirectoryAdapter(
                new DirectoryConfig(tools, List.of(), false, DirectoryConfig.ChangingFiles.FAIL),
                new ProcessRunner(tools.toString()));
    }

    @Test
    void missingTarIsTold() throws Exception {
        assertRefused(FailureCode.TOOL_MISSING, "GNU tar is missing");
    }

    @Test
    void tarThatIsTooOldOrNotOfGnuIsTold() throws Exception {
        tarSays("tar (GNU tar) 1.27.1");
        assertRefused(FailureCode.TOOL_VERSION, "GNU tar is version 1.27.1, and 1.28 is the oldest supported version");
        tarSays("bsdtar 3.6.2 - libarchive 3.6.2");
        assertRefused(FailureCode.TOOL_VERSION, "tar is not GNU tar: it says bsdtar 3.6.2");
    }

    @Test
    void oldestTarThatWillDoIsTaken() throws Exception {
        tarSays("tar (GNU tar) 1.28");
        assertThat(adapter.inspect().tools()).extracting(Hello.Tool::version).containsExactly("1.28");
        adapter.dump(new BackupId("b"), AnyAttempt.begin());
    }

    private void tarSays(String version) throws IOException {
        Path tar = Files.writeString(tools.resolve("tar"), "#!/bin/sh\necho '" + version + "'\n");
        Files.setPosixFilePermissions(tar, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private void assertRefused(FailureCode code, String message) throws Exception {
        assertThat(adapter.inspect().warnings()).anyMatch(warning -> warning.contains(message));
        assertThat(catchThrowableOfType(JobException.class, () -> adapter.dump(new BackupId("b"), AnyAttempt.begin())))
                .hasMessageContaining(message)
                .extracting(JobException::code, JobException::hint)
                .containsExactly(code, "install the package tar: GNU tar 1.28 or newer");
    }
}
