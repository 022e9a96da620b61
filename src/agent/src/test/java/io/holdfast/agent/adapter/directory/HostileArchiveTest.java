package io.holdfast.agent.adapter.directory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.agent.adapter.Restore;
import io.holdfast.agent.adapter.RestoreJournal;
import io.holdfast.agent.adapter.RestoreOrder;
import io.holdfast.agent.adapter.tar.TarBuilder;
import io.holdfast.agent.adapter.tar.TreeCounts;
import io.holdfast.agent.attempt.AnyAttempt;
import io.holdfast.agent.attempt.BackupId;
import io.holdfast.agent.attempt.JobException;
import io.holdfast.agent.attempt.RestoreId;
import io.holdfast.agent.config.DirectoryConfig;
import io.holdfast.agent.process.ProcessRunner;
import io.holdfast.format.manifest.Manifest;
import io.holdfast.format.segment.Cutter;
import io.holdfast.format.segment.SegmentList;
import io.holdfast.format.segment.SegmentSizes;
import io.holdfast.protocol.FailureCode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Tar streams that would do harm, or that are not whole. Nothing outside of the staged directory may ever change. */
class HostileArchiveTest {
    private static final TreeCounts MUCH = new TreeCounts(100, 100, 100, 100, 1_000_000);

    @TempDir
    Path directory;

    private Path live;

    @BeforeEach
    void start() throws Exception {
        live = Files.createDirectories(directory.resolve("parent/data"));
        Files.writeString(live.resolve("old"), "old");
        Files.createDirectory(directory.resolve("parent/outside"));
        Files.writeString(directory.resolve("parent/outside/canary"), "canary");
    }

    private static TarBuilder tree() {
        return new TarBuilder().directory("./");
    }

    static Stream<Arguments> hostile() {
        return Stream.of(
                Arguments.of("absolute", tree().file("/tmp/holdfast-evil", "x").ended()),
                Arguments.of("up", tree().file("./../outside/evil", "x").ended()),
                Arguments.of(
                        "up in the middle",
                        tree().directory("./a/")
                                .file("./a/../../outside/e", "x")
                                .ended()),
                Arguments.of("up at the end", tree().directory("./../").ended()),
                Arguments.of("no ./", tree().file("evil", "x").ended()),
                Arguments.of("empty name", tree().file("", "x").ended()),
                Arguments.of(
                        "double slash",
                        tree().directory("./a/").file("./a//b", "x").ended()),
                Arguments.of("dot", tree().file("./.", "x").ended()),
                Arguments.of(
                        "through a link",
                        tree().link('2', "./a", "../outside")
                                .file("./a/evil", "x")
                                .ended()),
                Arguments.of(
                        "directory over a link",
                        tree().link('2', "./a", "../outside")
                                .directory("./a/")
                                .file("./a/evil", "x")
                                .ended()),
                Arguments.of(
                        "link over a directory",
                        tree().directory("./a/")
                                .link('2', "./a", "../outside")
                                .file("./a/evil", "x")
                                .ended()),
                Arguments.of(
                        "file over a link",
                        tree().link('2', "./a", "../outside/canary")
                                .file("./a", "x")
                                .ended()),
                Arguments.of(
                        "root is a link",
                        new TarBuilder().link('2', "./", "../outside").ended()),
                Arguments.of(
                        "root comes late",
                        new TarBuilder().file("./a", "x").directory("./").ended()),
                Arguments.of(
                        "hard link leads up",
                        tree().link('1', "./a", "./../outside/canary").ended()),
                Arguments.of(
                        "hard link is absolute",
                        tree().link('1', "./a", "/etc/passwd").ended()),
                Arguments.of(
                        "hard link by extended header",
                        tree().extended("linkpath=../outside/canary")
                                .link('1', "./a", "./b")
                                .ended()),
                Arguments.of("device", tree().header('3', "./a", "", 0).ended()),
                Arguments.of("block device", tree().header('4', "./a", "", 0).ended()),
                Arguments.of("pipe", tree().header('6', "./a", "", 0).ended()),
                Arguments.of("contiguous file", tree().header('7', "./a", "", 0).ended()),
                Arguments.of(
                        "long name of GNU",
                        tree().header('L', "././@LongLink", "", 12)
                                .data("/etc/passwd\0")
                                .ended()),
                Arguments.of(
                        "sparse file of GNU", tree().header('S', "./a", "", 0).ended()),
                Arguments.of(
                        "global header",
                        tree().header('g', "./a", "", 17)
                                .data("17 path=/tmp/evil\n")
                                .ended()),
                Arguments.of(
                        "path by extended header",
                        tree().extended("path=../outside/e").file("./a", "x").ended()),
                Arguments.of(
                        "zero in a path",
                        tree().extended("path=./a\0b").file("./a", "x").ended()),
                Arguments.of(
                        "twice the same key",
                        tree().extended("path=./a", "path=./b").file("./a", "x").ended()),
                Arguments.of(
                        "sparse name leads up",
                        tree().extended(
                                        "GNU.sparse.major=1",
                                        "GNU.sparse.minor=0",
                                        "GNU.sparse.realsize=1",
                                        "GNU.sparse.name=../outside/e")
                                .file("./a", "0\n")
                                .ended()),
                Arguments.of(
                        "other sparse form",
                        tree().extended("GNU.sparse.map=0,1", "GNU.sparse.size=1")
                                .file("./a", "x")
                                .ended()),
                Arguments.of(
                        "attributes of the system",
                        tree().extended("SCHILY.xattr.system.posix_acl_access=x")
                                .file("./a", "x")
                                .ended()),
                Arguments.of(
                        "unknown key",
                        tree().extended("hdrcharset=BINARY").file("./a", "x").ended()),
                Arguments.of(
                        "two extended headers",
                        tree().extended("path=./a")
                                .extended("path=./b")
                                .file("./a", "x")
                                .ended()),
                Arguments.of(
                        "huge extended header",
                        tree().header('x', "./a", "", 1 << 30).ended()),
                Arguments.of(
                        "extended header at the end",
                        tree().extended("path=./a").ended()),
                Arguments.of(
                        "extended header out of bounds",
                        tree().header('x', "./x", "", 9)
                                .data("99 path=x")
                                .file("./a", "x")
                                .ended()),
                Arguments.of(
                        "more than the manifest says",
                        tree().file("./a", "x".repeat(1_000_001)).ended()),
                Arguments.of(
                        "content of a directory",
                        tree().header('5', "./a/", "", 5).data("12345").ended()),
                Arguments.of(
                        "content of a link",
                        tree().header('1', "./a", "./b", 5).data("12345").ended()),
                Arguments.of(
                        "data after the end",
                        tree().zeroBlock().zeroBlock().file("./a", "x").ended()),
                Arguments.of("cut", tree().file("./a", "x").bytes()),
                Arguments.of(
                        "cut in a header", Arrays.copyOf(tree().file("./a", "x").bytes(), 700)),
                Arguments.of("empty", new byte[0]),
                Arguments.of("no tar at all", "hello".repeat(1000).getBytes(StandardCharsets.UTF_8)),
                Arguments.of("wrong checksum", flipped(tree().file("./a", "x").ended())));
    }

    private static byte[] flipped(byte[] bytes) {
        bytes[512 + 3] ^= 1;
        return bytes;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("hostile")
    void dl20_hostileArchiveIsRefusedAndLiveDataUntouched(String name, byte[] archive) throws Exception {
        String before = listing();
        Restore restore = restore(1);
        restore.preflight(order(archive, MUCH));
        assertThatThrownBy(() -> restore.stage(order(archive, MUCH)))
                .as(name)
                .isInstanceOf(JobException.class)
                .extracting(e -> ((JobException) e).code())
                .isEqualTo(FailureCode.CORRUPT);
        restore.discard();
        assertThat(listing()).isEqualTo(before);
        assertThat(Path.of("/tmp/holdfast-evil")).doesNotExist();
    }

    /** Hard links through a link that leads outside are left to tar, which makes such links last. */
    @Test
    void dl20_hardLinkThroughALinkMakesNothingOutsideReachable() throws Exception {
        byte[] archive = tree().link('2', "./a", "../outside")
                .link('1', "./b", "./a/canary")
                .ended();
        String before = listing();
        Restore restore = restore(1);
        assertThatThrownBy(() -> restore.stage(order(archive, new TreeCounts(0, 1, 1, 1, 0))))
                .isInstanceOf(JobException.class);
        restore.discard();
        assertThat(listing()).isEqualTo(before);
    }

    @Test
    void dl02_archiveWithLessThanTheManifestSaysIsRefused() throws Exception {
        byte[] archive = tree().file("./a", "x").ended();
        assertThatThrownBy(() -> restore(1).stage(order(archive, new TreeCounts(2, 0, 0, 1, 2))))
                .isInstanceOf(JobException.class)
                .hasMessageContaining("1 files and links instead of 2, 1 bytes instead of 2");
        restore(1).stage(order(archive, new TreeCounts(1, 0, 0, 1, 1)));
        assertThat(directory.resolve("parent/.holdfast-staged-1/a")).hasContent("x");
    }

    @Test
    void accessControlListsAndAttributesComeAndGo() throws Exception {
        String list = "SCHILY.acl.access=user::rw-\nuser:1234:rwx\ngroup::r--\nmask::rwx\nother::r--\n";
        byte[] archive = tree().extended(list, "SCHILY.xattr.user.x=1\n2")
                .file("./a", "x")
                .ended();
        restore(1).stage(order(archive, new TreeCounts(1, 0, 0, 1, 1)));
        Path staged = directory.resolve("parent/.holdfast-staged-1");
        try (InputStream dump = adapter(staged)
                .dump(new BackupId("backup"), AnyAttempt.begin())
                .artifacts()
                .getFirst()
                .open()) {
            assertThat(new String(dump.readAllBytes(), StandardCharsets.ISO_8859_1))
                    .contains(list)
                    .contains("SCHILY.xattr.user.x=1\n2\n");
        }
    }

    @Test
    void dl01_dumpThatCouldNotBeRestoredFails() throws Exception {
        assertThat(new ProcessBuilder("mknod", live.resolve("device").toString(), "c", "1", "3")
                        .start()
                        .waitFor())
                .isZero();
        try (InputStream dump = adapter(live)
                .dump(new BackupId("backup"), AnyAttempt.begin())
                .artifacts()
                .getFirst()
                .open()) {
            assertThatThrownBy(dump::readAllBytes)
                    .isInstanceOf(JobException.class)
                    .hasMessageContaining("\"./device\" is a device");
        }
    }

    @Test
    void replacedDirectoryOfAnotherRestoreIsNeverOverwritten() throws Exception {
        Files.createDirectory(directory.resolve("parent/.holdfast-replaced-1"));
        assertThatThrownBy(() -> restore(1).preflight(order(tree().ended(), MUCH)))
                .isInstanceOf(JobException.class)
                .hasMessageContaining("is in the way");
    }

    private Restore restore(long id) throws IOException {
        return adapter(live)
                .restore(
                        RestoreJournal.create(directory.resolve("journals"), AnyAttempt.id(), new RestoreId(id)),
                        AnyAttempt.begin());
    }

    private static DirectoryAdapter adapter(Path path) {
        return new DirectoryAdapter(
                new DirectoryConfig(path, List.of(), false, DirectoryConfig.ChangingFiles.FAIL), new ProcessRunner());
    }

    private static RestoreOrder order(byte[] archive, TreeCounts counts) {
        Manifest manifest = new Manifest(
                Manifest.FORMAT,
                "instance",
                "backup",
                1,
                Instant.EPOCH,
                Instant.EPOCH,
                "directory",
                null,
                Manifest.Life.UNRECORDED,
                1,
                List.of("age1qqqqqqqqqqqqqqqqqqqq"),
                List.of(new Manifest.Artifact(
                        "files", "tar", "/data", archive.length, 1, SegmentSizes.SMALLEST_MEAN, 1)),
                new Manifest.Segments(
                        Cutter.NAME,
                        new SegmentList(1, 300, 306, "0".repeat(64)),
                        List.of(new Manifest.Brought("backup", 1, Instant.EPOCH, "0", 1))),
                Map.copyOf(counts.facts()));
        return new RestoreOrder(manifest, 24, false, artifact -> new ByteArrayInputStream(archive));
    }

    /** Names, inodes, numbers of links and contents of all but the journals. */
    private String listing() throws Exception {
        Process process = new ProcessBuilder(
                        "bash",
                        "-c",
                        "cd \"$1/parent\"; find . -printf '%y %m %n %i %s %p\\n' | sort; cat data/* outside/*",
                        "bash",
                        directory.toString())
                .start();
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
}
