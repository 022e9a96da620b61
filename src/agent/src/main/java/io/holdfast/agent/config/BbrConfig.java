package io.holdfast.agent.config;

import io.holdfast.protocol.settings.SettingsReader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * Which BOSH jobs are backed up by their own scripts.
 *
 * @param jobsDirectory where the jobs lie
 * @param jobs the names of the jobs; empty for all that have scripts
 * @param idleTimeout how long {@code tar} may neither take nor give a byte
 * @param toolTimeout how long one job's backup or restore script may run
 * @param lockTimeout how long each script that locks or unlocks may run
 */
public record BbrConfig(
        Path jobsDirectory, List<String> jobs, Duration idleTimeout, Duration toolTimeout, Duration lockTimeout)
        implements AdapterConfig {
    private static final String JOBS_DIRECTORY = "/var/vcap/jobs";

    public BbrConfig {
        jobs = List.copyOf(jobs);
    }

    /** Reads the settings and notes all mistakes in them. */
    static BbrConfig read(SettingsReader settings) {
        String directory = settings.optionalText("jobs_directory");
        if (directory != null && !directory.startsWith("/")) {
            settings.mistake("jobs_directory", "must be an absolute path");
        }
        List<String> jobs = settings.texts("jobs");
        if (jobs.stream().anyMatch(job -> !job.matches("[A-Za-z0-9][A-Za-z0-9._-]*"))) {
            settings.mistake("jobs", "must have names of BOSH jobs in it");
        }
        return new BbrConfig(
                Path.of(directory == null ? JOBS_DIRECTORY : directory),
                jobs,
                Limits.idleTimeout(settings),
                Limits.toolTimeout(settings),
                Duration.ofSeconds(settings.integer("lock_timeout_seconds", 300, 1, Integer.MAX_VALUE)));
    }
}
