package io.holdfast.agent.adapter.tar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.holdfast.agent.attempt.JobException;
import io.holdfast.agent.attempt.StopSignal;
import io.holdfast.agent.process.ProcessRunner;
import io.holdfast.agent.process.UnixUser;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An agent that runs as root works in a folder of somebody who puts links there: they lead it nowhere. */
class TreeArchiveTest {
    private static final UnixUser DAEMON = new UnixUser(1, 1);

    @TempDir
    Path directory = Path.of("");

    private Path theirs;
    private Path roots;
    private TreeArchive archive;

    @BeforeEach
    void setUp() throws IOException {
        assumeThat(UnixUser.self().isRoot())
                .as("only root can work as somebody else")
                .isTrue();
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        theirs = Files.createDirectory(directory.resolve("theirs"));
        Files.setAttribute(theirs, "unix:uid", DAEMON.uid());
        Files.setAttribute(theirs, "unix:gid", DAEMON.gid());
        roots = Files.createDirectory(
                directory.resolve("roots"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Files.writeString(roots.resolve("secret"), "of root");
        archive = TreeArchive.by(DAEMON, new ProcessRunner(), new StopSignal());
    }

    @Test
    void whatIsExtractedBelongsToThem() throws Exception {
        Path from = theirs.resolve("from");
        archive.makeEmpty(from);
        Files.writeString(from.resolve("file"), "content");
        byte[] tar;
        try (var in = archive.open(from)) {
            tar = in.readAllBytes();
        }
        Path to = theirs.resolve("to");
        archive.makeEmpty(to);
        archive.extract(new ByteArrayInputStream(tar), to);
        assertThat(to.resolve("file")).hasContent("content");
        assertThat(UnixUser.ownerOf(to.resolve("file"))).isEqualTo(DAEMON);
        assertThat(UnixUser.ownerOf(to)).isEqualTo(DAEMON);

        Path link = Files.createSymbolicLink(theirs.resolve("link"), roots);
        assertThatThrownBy(() -> archive.extract(new ByteArrayInputStream(tar), link))
                .isInstanceOf(JobException.class);
        assertThat(roots.resolve("file")).doesNotExist();
        assertThat(UnixUser.ownerOf(roots)).isEqualTo(UnixUser.self());
    }

    @Test
    void s10_nothingThatIsExtractedHasSetuidOrSetgid() throws Exception {
        Path from = Files.createDirectory(roots.resolve("from"));
        for (String name : new String[] {"run", "folder"}) {
            Path made = name.equals("run")
                    ? Files.createFile(from.resolve(name))
                    : Files.createDirectory(from.resolve(name));
            Files.setAttribute(made, "unix:mode", 07755);
        }
        TreeArchive own = new TreeArchive(new ProcessRunner(), new StopSignal());
        byte[] tar;
        try (var in = own.open(from)) {
            tar = in.readAllBytes();
        }
        Path to = roots.resolve("to");
        own.makeEmpty(to);
        own.extract(new ByteArrayInputStream(tar), to);
        assertThat((int) Files.getAttribute(to.resolve("run"), "unix:mode") & 07777)
                .isEqualTo(01755);
        assertThat((int) Files.getAttribute(to.resolve("folder"), "unix:mode") & 07777)
                .isEqualTo(01755);
    }

    @Test
    void linkIsNeitherReadThroughNorRemovedThrough() throws Exception {
        Path link = Files.createSymbolicLink(theirs.resolve("link"), roots);
        assertThatThrownBy(() -> {
                    try (var in = archive.open(link)) {
                        in.readAllBytes();
                    }
                })
                .isInstanceOf(JobException.class);
        Path inside = Files.createSymbolicLink(
                Files.createDirectory(theirs.resolve("folder")).resolve("link"), roots);
        Files.setAttribute(theirs.resolve("folder"), "unix:uid", DAEMON.uid());
        archive.remove(theirs.resolve("folder"));
        assertThat(inside).doesNotExist();
        archive.makeEmpty(link);
        assertThat(Files.isSymbolicLink(link)).isFalse();
        assertThat(roots.resolve("secret")).hasContent("of root");
        assertThat(UnixUser.ownerOf(roots)).isEqualTo(UnixUser.self());
    }
}
