package io.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.cli.outcome.ExitCode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class DownloadCommandTest {
    private static final String BACKUP = "{\"id\": 7, \"status\": \"done\", \"state\": \"done\"}";
    private static final String PATH = "/instances/pg1/backups/7/download";

    @TempDir
    private Path directory;

    private StandInManager manager;
    private Path to = Path.of("");

    @BeforeEach
    void start() throws IOException {
        manager = new StandInManager(directory);
        to = directory.resolve("to");
    }

    @AfterEach
    void stop() {
        manager.close();
    }

    @Test
    void eachFileIsCheckedAndWhatIsThereIsNotGotAgain() {
        manager.then(200, BACKUP).at(PATH, 200, page(0, 1, "null")).at("/object/0", 200, content(0));

        Run run = download();

        assertThat(run.exitCode()).as(run.errors()).isZero();
        assertThat(to.resolve(path(0))).content().isEqualTo(content(0));
        assertThat(to.resolve("README.txt")).content().isEqualTo("how");
        assertThat(manager.asked.getLast().authorization()).isNull();

        int before = manager.asked.size();
        manager.then(200, BACKUP);
        assertThat(download().exitCode()).isZero();
        assertThat(manager.asked.subList(before, manager.asked.size()))
                .extracting(StandInManager.Asked::path)
                .doesNotContain("/object/0");
    }

    @Test
    void pagesAreFollowedToTheLast() {
        manager.then(200, BACKUP)
                .at(PATH, 200, page(0, 3, "1"))
                .at(PATH + "?page=1", 200, page(3, 5, "2"))
                .at(PATH + "?page=2", 200, page(5, 6, "null"));
        objects(6);

        Run run = download();

        assertThat(run.exitCode()).as(run.errors()).isZero();
        assertThat(run.text()).contains(": 6 files, ");
        for (int i = 0; i < 6; i++) {
            assertThat(to.resolve(path(i))).content().isEqualTo(content(i));
        }
    }

    @Test
    void pageThatDoesNotFollowIsNotFollowed() {
        manager.then(200, BACKUP).at(PATH, 200, page(0, 1, "0")).at("/object/0", 200, content(0));

        Run run = download();

        assertThat(run.exitCode()).isEqualTo(ExitCode.MANAGER_ERROR.number());
        assertThat(run.errors()).contains("UnexpectedResponse: page 0 follows page 0");
    }

    @Test
    void severalFilesAreGotAtOnce() {
        manager.then(200, BACKUP).then(200, page(0, 4, "null"));
        objects(4);
        manager.awaitAtOnce(4);

        Run run = download();

        assertThat(run.exitCode()).as(run.errors()).isZero();
        assertThat(to.resolve(path(3))).content().isEqualTo(content(3));
    }

    @Test
    void addressThatIsNotGoodAnyMoreIsAskedForAgain() {
        manager.then(200, BACKUP).at(PATH, 200, page(0, 2, "null"));
        manager.at("/object/0", 403, "").at("/object/0", 200, content(0)).at("/object/1", 200, content(1));

        Run run = download();

        assertThat(run.exitCode()).as(run.errors()).isZero();
        assertThat(to.resolve(path(0))).content().isEqualTo(content(0));
        assertThat(manager.asked)
                .extracting(StandInManager.Asked::path)
                .filteredOn(PATH::equals)
                .hasSize(2);
    }

    @Test
    void addressThatIsNeverGoodEndsTheDownload() {
        manager.then(200, BACKUP).at(PATH, 200, page(0, 1, "null")).at("/object/0", 403, "");

        Run run = download();

        assertThat(run.exitCode()).isEqualTo(ExitCode.UNREACHABLE.number());
        assertThat(run.errors()).contains(path(0) + " could not be downloaded: the store refuses the address");
    }

    @Test
    void whatIsNotWhatWasMadeIsNoFile() {
        manager.then(200, BACKUP).at(PATH, 200, page(0, 2, "null"));
        manager.at("/object/0", 200, content(0)).at("/object/1", 200, content(1).replace('c', 'C'));

        Run run = download();

        assertThat(run.exitCode()).isEqualTo(ExitCode.FAILED.number());
        assertThat(run.errors()).contains("CORRUPT");
        assertThat(to.resolve(path(1))).doesNotExist();
        assertThat(to.resolve("README.txt")).doesNotExist();
    }

    @Test
    void managerDoesNotWriteOutsideOfTheFolder() {
        manager.then(200, BACKUP)
                .at(PATH, 200, page(0, 1, "null").replace(path(0), "../evil"))
                .at("/object/0", 200, content(0));

        Run run = download();

        assertThat(run.errors()).contains("UnexpectedResponse");
        assertThat(directory.resolve("evil")).doesNotExist();
    }

    @Test
    void jsonSaysWhatWasGot() {
        manager.then(200, BACKUP).at(PATH, 200, page(0, 2, "null"));
        objects(2);

        Run run = Run.with(manager.environment(), "download", "pg1", "7", "--to", to.toString(), "--json");

        assertThat(run.text()).contains("\"instance_id\":\"pg1\"", "\"id\":7", "\"files\":2,\"bytes\":20");
    }

    private Run download() {
        return Run.with(manager.environment(), "download", "pg1", "7", "--to", to.toString());
    }

    private void objects(int count) {
        for (int i = 0; i < count; i++) {
            manager.at("/object/" + i, 200, content(i));
        }
    }

    private static String content(int number) {
        return "content " + String.format("%02d", number);
    }

    private static String path(int number) {
        return "segments/b/000001-" + String.format("%09d", number) + ".zst.age";
    }

    private String page(int from, int to, String next) {
        return IntStream.range(from, to)
                .mapToObj(i -> "{\"path\": \"" + path(i) + "\", \"url\": \"" + manager.address() + "/object/" + i
                        + "\", \"bytes\": " + content(i).length() + ", \"sha256\": \"" + sha256(content(i)) + "\"}")
                .collect(Collectors.joining(
                        ", ",
                        "{\"backup_id\": \"b\", \"how_to_open\": \"how\", \"files\": [",
                        "], \"next_page\": " + next + "}"));
    }

    private static String sha256(String content) {
        try {
            return HexFormat.of()
                    .formatHex(
                            MessageDigest.getInstance("SHA-256").digest(content.getBytes(StandardCharsets.US_ASCII)));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }
}
