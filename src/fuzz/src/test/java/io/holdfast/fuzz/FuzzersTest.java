package io.holdfast.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Runs each fuzzer for {@code -Dfuzz.seconds=}, 3 (the ones that call a manager 20) unless said otherwise, in a process with little memory. */
@Execution(ExecutionMode.CONCURRENT)
class FuzzersTest {
    private static final String SECONDS = System.getProperty("fuzz.seconds", "3");
    private static final int LEAST_OF_CALLS = 20;

    /** From so many seconds on the second compiler pays. */
    private static final int WORTH_COMPILING = 60;

    private static final Path FOLDER = Path.of("target/fuzz").toAbsolutePath();
    /**
     * Jazzer's own detectors, which take sockets and files that a manager opens for findings, and slow down what they watch.
     */
    private static final String DETECTORS = Stream.of(
                    "BigDecimal",
                    "ClojureLangHooks",
                    "Deserialization",
                    "ExpressionLanguageInjection",
                    "FilePathTraversal",
                    "LdapInjection",
                    "NamingContextLookup",
                    "OsCommandInjection",
                    "ReflectiveCall",
                    "RegexInjection",
                    "RegexRoadblocks",
                    "ScriptEngineInjection",
                    "ServerSideRequestForgery",
                    "SqlInjection",
                    "TemplateInjection",
                    "UnsafeSanitizer",
                    "XPathInjection",
                    "XmlParserSsrfGuidance")
            .map(name -> "com.code_intelligence.jazzer.sanitizers." + name)
            .collect(Collectors.joining(":"));

    private static final Pattern COVERED = Pattern.compile("(INITED|DONE) +cov: (\\d+)");
    private static final Pattern SEEDS = Pattern.compile("#(\\d+)\\s+INITED");
    private static final Pattern RUNS = Pattern.compile("Done (\\d+) runs");

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "PLANTED")
    void nothingUndocumentedIsThrown(Targets which) throws Exception {
        Outcome outcome = fuzz(which, seconds(which));
        assertThat(outcome.exitCode()).as(outcome::finding).isZero();
        List<Integer> covered = outcome.covered();
        // Not the seeds alone: new ways through our code were found, or they all were known to the seeds.
        assertThat(covered).as(outcome.log()).hasSize(2);
        assertThat(covered.getLast()).as(outcome.log()).isGreaterThanOrEqualTo(covered.getFirst());
        assertThat(outcome.runs()).as(outcome.log()).isGreaterThan(outcome.seeds());
    }

    /** Calls of a manager take their time, its seeds alone some seconds on a loaded machine. */
    private static String seconds(Targets which) {
        return which.name().endsWith("_API")
                ? String.valueOf(Math.max(LEAST_OF_CALLS, Integer.parseInt(SECONDS)))
                : SECONDS;
    }

    /** That the above means something: a fault that nobody would hit by chance is found, by what its way there covers. */
    @Test
    void faultThatOnlyGuidanceFindsIsFound() throws Exception {
        Outcome outcome = fuzz(Targets.PLANTED, "120");
        assertThat(outcome.exitCode()).as(outcome.log()).isNotZero();
        assertThat(outcome.log()).contains("the planted fault");
    }

    private record Outcome(int exitCode, String log) {
        List<Integer> covered() {
            return COVERED.matcher(log)
                    .results()
                    .map(found -> Integer.valueOf(found.group(2)))
                    .toList();
        }

        long runs() {
            return RUNS.matcher(log)
                    .results()
                    .map(MatchResult::group)
                    .mapToLong(done -> Long.parseLong(done.replaceAll("[^0-9]", "")))
                    .findFirst()
                    .orElse(0);
        }

        /** How many inputs it was given to begin with. */
        long seeds() {
            return SEEDS.matcher(log)
                    .results()
                    .map(found -> Long.valueOf(found.group(1)))
                    .findFirst()
                    .orElseThrow();
        }

        /** What of the log is about the fault, and its input. */
        String finding() {
            int start = Math.max(0, log.indexOf("== Java Exception"));
            return log.substring(start);
        }
    }

    private static Outcome fuzz(Targets target, String seconds) throws IOException, InterruptedException {
        deleteOld(FOLDER.resolve(target.name()));
        Path folder = Files.createDirectories(FOLDER.resolve(target.name()));
        Path corpus = Files.createDirectories(folder.resolve("corpus"));
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-XX:TieredStopAtLevel=" + (Integer.parseInt(SECONDS) < WORTH_COMPILING ? 1 : 4),
                "-XX:+UseSerialGC",
                "-Xmx400m",
                "-Xss1m",
                "-XX:+EnableDynamicAgentLoading",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                "com.code_intelligence.jazzer.Jazzer",
                "--target_class=" + Fuzzed.class.getName(),
                "--target_args=" + target + " " + corpus,
                "--instrumentation_includes=io.holdfast.**",
                "--instrumentation_excludes=io.holdfast.fuzz.Api**:io.holdfast.fuzz.Fuzzed:io.holdfast.testbed.**",
                "--custom_hook_includes=io.holdfast.**",
                "--disabled_hooks=" + DETECTORS,
                "--reproducer_path=" + folder,
                "-max_total_time=" + seconds,
                "-timeout=60",
                "-artifact_prefix=" + folder + "/",
                corpus.toString()));
        Path log = folder.resolve("log");
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        try {
            int exitCode = process.waitFor();
            return new Outcome(exitCode, Files.readString(log));
        } finally {
            process.destroyForcibly();
        }
    }

    private static void deleteOld(Path folder) throws IOException {
        if (Files.exists(folder)) {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }
}
