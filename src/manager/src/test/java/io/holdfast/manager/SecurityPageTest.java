package io.holdfast.manager;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The table of docs/security.md that says by which test each control is shown: every row names some, and they exist. */
class SecurityPageTest {
    private static final Path ROOT = Path.of(System.getProperty("holdfast.root", "../.."));
    private static final Pattern ROW =
            Pattern.compile("\\| (?<item>[0-9][^|]*) \\| (?<control>[^|]+) \\| (?<tests>[^|]*) \\|");
    private static final Pattern NAMED = Pattern.compile("`(?<class>[A-Z]\\w*Test)#(?<member>\\w+)`");
    private static final Pattern TEST = Pattern.compile("@(?:Test|ParameterizedTest|ArchTest)\\b");

    private static String page() throws IOException {
        String page = Files.readString(ROOT.resolve("docs/security.md"));
        return page.substring(page.indexOf("## OWASP ASVS"));
    }

    private static List<MatchResult> rows() throws IOException {
        return page().lines()
                .map(ROW::matcher)
                .filter(row -> row.matches())
                .map(row -> row.toMatchResult())
                .toList();
    }

    /** The sources of all tests, by the class's name. */
    private static Map<String, Path> sources() throws IOException {
        try (Stream<Path> files = Files.walk(ROOT.resolve("src"))) {
            return files.filter(file -> file.toString().contains("/src/test/java/")
                            && file.toString().endsWith("Test.java"))
                    .collect(Collectors.toMap(
                            file -> file.getFileName().toString().replace(".java", ""), file -> file, (a, b) -> a));
        }
    }

    @Test
    void everyRowNamesTestsThatExist() throws IOException {
        Map<String, Path> sources = sources();
        List<String> mistakes = new ArrayList<>();
        List<MatchResult> rows = rows();
        assertThat(rows).hasSizeGreaterThan(40);
        for (MatchResult row : rows) {
            List<MatchResult> named =
                    NAMED.matcher(row.group("tests")).results().toList();
            if (named.isEmpty() || named.size() != row.group("tests").split(",", -1).length) {
                mistakes.add(row.group("item") + ": " + row.group("tests"));
            }
            for (MatchResult test : named) {
                Path source = sources.get(test.group("class"));
                if (source == null || !hasMember(source, test.group("member"))) {
                    mistakes.add(row.group("item") + ": there is no " + test.group());
                }
            }
        }
        assertThat(mistakes).isEmpty();
    }

    @Test
    void everyLineOfTheTableIsRead() throws IOException {
        long lines = page().lines().filter(line -> line.matches("\\| [0-9].*")).count();
        assertThat(rows()).hasSize(Math.toIntExact(lines));
    }

    @Test
    void whatDoesNotExistIsNotFound() throws IOException {
        Path own = Objects.requireNonNull(sources().get("SecurityPageTest"));
        assertThat(hasMember(own, "whatDoesNotExistIsNotFound")).isTrue();
        assertThat(hasMember(own, "noTest")).isFalse();
        assertThat(hasMember(own, "whatDoesNotExist")).isFalse();
    }

    /** Of a method or a rule of ArchUnit: what is before it up to an empty line has its annotations in it. */
    private static boolean hasMember(Path source, String member) throws IOException {
        String text = Files.readString(source);
        return Pattern.compile("(?:void|ArchRule) " + Pattern.quote(member) + "\\b")
                .matcher(text)
                .results()
                .map(found -> text.substring(text.lastIndexOf("\n\n", found.start()) + 1, found.start()))
                .anyMatch(before -> TEST.matcher(before).find());
    }

    /** Nobody runs it. */
    @SuppressWarnings("unused")
    private static void noTest() {}
}
