package io.holdfast.agent.adapter.bbr;

import io.holdfast.agent.attempt.JobException;
import io.holdfast.agent.attempt.StopSignal;
import io.holdfast.agent.config.BbrConfig;
import io.holdfast.agent.process.Command;
import io.holdfast.agent.process.ProcessRunner;
import io.holdfast.protocol.FailureCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;

/** Finds jobs with scripts, and the order in which they are locked, by what their {@code metadata} scripts print. */
final class Jobs {
    private static final String METADATA = "metadata";

    private Jobs() {}

    /** The chosen jobs, by name. */
    static List<Job> find(BbrConfig config, ProcessRunner runner, StopSignal stop)
            throws IOException, InterruptedException {
        List<Job> jobs = new ArrayList<>();
        for (Path folder : folders(config.jobsDirectory())) {
            String name = folder.getFileName().toString();
            Path scripts = scripts(folder);
            if (Files.isDirectory(scripts)
                    && (config.jobs().isEmpty() || config.jobs().contains(name))) {
                Map<?, ?> metadata = metadata(scripts.resolve(METADATA), config, runner, stop);
                if (!Boolean.TRUE.equals(metadata.get("skip_bbr_scripts"))) {
                    jobs.add(new Job(
                            name,
                            scripts,
                            names(metadata.get("backup_should_be_locked_before")),
                            names(metadata.get("restore_should_be_locked_before"))));
                }
            }
        }
        List<String> missing = new ArrayList<>(config.jobs());
        jobs.stream().filter(job -> job.has(Step.BACKUP)).forEach(job -> missing.remove(job.name()));
        if (!missing.isEmpty() || jobs.stream().noneMatch(job -> job.has(Step.BACKUP))) {
            throw new JobException(
                    FailureCode.TOOL_MISSING,
                    missing.isEmpty()
                            ? "no job in " + config.jobsDirectory() + " has a script bin/bbr/backup"
                            : "the jobs " + missing + " in " + config.jobsDirectory()
                                    + " have no script bin/bbr/backup",
                    "check adapter.jobs, and that the jobs have backups enabled in their properties");
        }
        return jobs;
    }

    /** Jobs whose scripts are run without a look at their metadata, which may be out of order by now. */
    static List<Job> named(List<String> names, BbrConfig config) {
        return names.stream()
                .map(name -> new Job(name, scripts(config.jobsDirectory().resolve(name)), Set.of(), Set.of()))
                .toList();
    }

    private static Path scripts(Path job) {
        return job.resolve("bin/bbr");
    }

    /**
     * The jobs in the order in which they are locked.
     *
     * @param before the names of the jobs before which a job is locked; names of jobs that are elsewhere do not matter
     */
    static List<Job> inOrder(List<Job> jobs, Function<Job, Set<String>> before) throws JobException {
        List<Job> left = new ArrayList<>(jobs);
        List<Job> order = new ArrayList<>();
        while (!left.isEmpty()) {
            Job next = left.stream()
                    .filter(job -> left.stream()
                            .noneMatch(other ->
                                    !other.equals(job) && before.apply(other).contains(job.name())))
                    .findFirst()
                    .orElseThrow(() -> new JobException(
                            FailureCode.DUMP_FAILED,
                            "there is no order in which to lock the jobs "
                                    + left.stream().map(Job::name).toList() + ": each comes before another",
                            "see what their scripts bin/bbr/metadata print"));
            left.remove(next);
            order.add(next);
        }
        return order;
    }

    private static List<Path> folders(Path jobsDirectory) throws IOException {
        if (!Files.isDirectory(jobsDirectory)) {
            return List.of();
        }
        try (Stream<Path> all = Files.list(jobsDirectory)) {
            return all.sorted().toList();
        }
    }

    private static Map<?, ?> metadata(Path script, BbrConfig config, ProcessRunner runner, StopSignal stop)
            throws IOException, InterruptedException {
        if (!Files.isExecutable(script)) {
            return Map.of();
        }
        Command command = new Command(List.of(script.toString()), Map.of(), config.lockTimeout(), config.lockTimeout());
        ProcessRunner.Outcome outcome = runner.run(command, "", stop);
        if (!outcome.end().good()) {
            throw new JobException(
                    FailureCode.DUMP_FAILED, script + ": " + outcome.end().description());
        }
        try {
            Object read = new Yaml(new SafeConstructor(new LoaderOptions())).load(outcome.output());
            if (read == null || read instanceof Map<?, ?>) {
                return read == null ? Map.of() : (Map<?, ?>) read;
            }
        } catch (YAMLException e) {
            throw new JobException(FailureCode.DUMP_FAILED, script + " prints no YAML", null, e);
        }
        throw new JobException(FailureCode.DUMP_FAILED, script + " does not print what a metadata script has to");
    }

    private static Set<String> names(@Nullable Object entries) {
        Set<String> names = new HashSet<>();
        if (entries instanceof List<?> list) {
            for (Object entry : list) {
                if (entry instanceof Map<?, ?> map && map.get("job_name") instanceof String name) {
                    names.add(name);
                }
            }
        }
        return names;
    }
}
