package io.holdfast.protocol.phrases;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class PhrasesTest {
    private static final Path ROOT = Path.of("../..");

    /** Those that are written here and are text; files without an ending are scripts and the specs of jobs. */
    private static final Pattern READ = Pattern.compile("[^.]+|.+\\.(?:java|jte|md|yaml|yml|erb|sh|rb)");

    private static final Phrases SAMPLE = Phrases.read("""
            # a comment
            [everywhere]
            heard of => seen
            [not in comments of Java]
            read back => verified
            """);

    private static List<Path> files() throws IOException {
        List<Path> tops = new ArrayList<>(
                Stream.of("README.md", "CONTRIBUTING.md", "docs", "manifests", "scripts", "jobs", "src/bosh")
                        .map(ROOT::resolve)
                        .toList());
        try (DirectoryStream<Path> modules = Files.newDirectoryStream(ROOT.resolve("src"))) {
            modules.forEach(module -> tops.add(module.resolve("src/main")));
        }
        List<Path> files = new ArrayList<>();
        for (Path top : tops) {
            if (Files.exists(top)) {
                try (Stream<Path> below = Files.walk(top)) {
                    below.filter(Files::isRegularFile)
                            .filter(file ->
                                    READ.matcher(file.getFileName().toString()).matches())
                            .forEach(files::add);
                }
            }
        }
        return files;
    }

    @Test
    void nothingHasAPhraseOfTheList() throws IOException {
        Phrases phrases = Phrases.read(Files.readString(ROOT.resolve("docs/phrases.txt")));
        List<String> findings = new ArrayList<>();
        for (Path file : files()) {
            findings.addAll(phrases.findings(ROOT.relativize(file).toString(), Files.readString(file)));
        }
        assertThat(findings).isEmpty();
    }

    @Test
    void allKindsOfFilesAreRead() throws IOException {
        assertThat(files())
                .hasSizeGreaterThan(700)
                .contains(
                        ROOT.resolve("README.md"),
                        ROOT.resolve("docs/adapters/bbr.md"),
                        ROOT.resolve("scripts/test"),
                        ROOT.resolve("jobs/backup-agent/spec"),
                        ROOT.resolve("src/manager/src/main/jte/instance.jte"),
                        ROOT.resolve("src/protocol/src/main/java/io/holdfast/protocol/Phase.java"));
    }

    @Test
    void aPhraseIsFoundWithItsLineAndWhatToSayInstead() {
        assertThat(SAMPLE.findings("docs/x.md", "one\nwas Heard\nof twice\n"))
                .containsExactly("docs/x.md:2: 'heard of', say instead: seen");
        assertThat(SAMPLE.findings("scripts/x", "# an agent that was heard\n# of\n"))
                .containsExactly("scripts/x:1: 'heard of', say instead: seen");
    }

    @Test
    void literalsAndCommentsOfJavaAreRead() {
        String source = """
                class X {
                    /** Not heard
                     * of. Read back. */
                    String a = "was read "
                            + "back";
                }
                """;
        assertThat(SAMPLE.findings("X.java", source))
                .containsExactly(
                        "X.java:2: 'heard of', say instead: seen", "X.java:4: 'read back', say instead: verified");
    }

    @Test
    void namesAndPartsOfWordsDoNotCount() {
        assertThat(SAMPLE.findings("x.md", "`heard of` and\n```\nread back\n```\nheard of-others, unheard of"))
                .isEmpty();
        assertThat(SAMPLE.findings("X.java", "/** {@code heard of} */ int heard; // of\n char c = '\"'; int of;"))
                .isEmpty();
    }

    @Test
    void aLineThatIsNoPhraseIsRefused() {
        assertThatThrownBy(() -> Phrases.read("heard of")).hasMessageContaining("not PHRASE => BETTER: heard of");
        assertThatThrownBy(() -> Phrases.read("[somewhere]")).hasMessageContaining("[somewhere]");
    }
}
