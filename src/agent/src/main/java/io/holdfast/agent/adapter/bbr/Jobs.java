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
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;

/** Finds jobs with scripts, and the order in which they are locked, by what their {@code metadata} scripts print. */
final class Jobs {
    /** What a job, and an artifact, can be called: it becomes a folder's name. */
    static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]*");

    private static final String METADATA = "metadata";

    /**
     * The version of {@code bbr} whose contract with the scripts this is. They may refuse to answer when it is not told: the
     * disabled jobs of the backup-and-restore SDK do, as older versions do not know {@code skip_bbr_scripts}.
     */
    private static final Map<String, String> VERSION = Map.of("BBR_VERSION", "1.9.0");

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
                            names(metadata.get("restore_should_be_locked_before")),
                            artifact(name, "backup_name", metadata),
                            artifact(name, "restore_name", metadata)));
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
        requireOneMakerEach(jobs);
        return jobs;
    }

    private static String artifact(String job, String key, Map<?, ?> metadata) throws JobException {
        Object value = metadata.get(key);
        if (value == null || value.equals("")) {
            return job;
        }
        if (value instanceof String name && NAME.matcher(name).matches()) {
            return name;
        }
        throw new JobException(
                FailureCode.DUMP_FAILED,
                "job " + job + ": " + key + " in its metadata is not a valid name: " + value,
                "names have letters, digits, dots, dashes and underscores");
    }

    private static void requireOneMakerEach(List<Job> jobs) throws JobException {
        Map<String, Job> makers = new HashMap<>();
        for (Job job : jobs) {
            if (job.has(Step.BACKUP)) {
                Job other = makers.putIfAbsent(job.backupArtifact(), job);
                if (other != null) {
                    throw new JobException(
                            FailureCode.DUMP_FAILED,
                            "the jobs " + other.name() + " and " + job.name() + " both make artifact "
                                    + job.backupArtifact(),
                            "see backup_name in what their scripts bin/bbr/metadata print");
                }
            }
        }
    }

    /** Jobs whose scripts are run without a look at their metadata, which may be out of order by now. */
    static List<Job> named(List<String> names, BbrConfig config) {
        return names.stream()
                .map(name ->
                        new Job(name, scripts(config.jobsDirectory().resolve(name)), Set.of(), Set.of(), name, name))
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
                            "there is no order in which the jobs can be locked "
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
        Command command = new Command(List.of(script.toString()), VERSION, config.lockTimeout(), config.lockTimeout());
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
