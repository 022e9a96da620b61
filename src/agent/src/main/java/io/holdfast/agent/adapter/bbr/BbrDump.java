package io.holdfast.agent.adapter.bbr;

import io.holdfast.agent.adapter.Dump;
import io.holdfast.agent.adapter.DumpStream;
import io.holdfast.agent.adapter.RestoreFiles;
import io.holdfast.agent.adapter.tar.TreeArchive;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The artifacts that the jobs have written, each as a tar stream. */
final class BbrDump implements Dump {
    static final String TYPE = "bbr";

    private static final int LONGEST_NAME = 60;

    private final List<Artifact> artifacts = new ArrayList<>();

    /**
     * A dump whose artifacts are there.
     *
     * @param folder what {@link Scripts#backUp} has filled
     */
    BbrDump(List<Job> jobs, Path folder, TreeArchive archive) {
        Set<String> taken = new HashSet<>();
        for (Job job : jobs) {
            if (job.has(Step.BACKUP)) {
                Path artifact = Scripts.artifact(folder, job.backupArtifact());
                artifacts.add(new DumpStream(
                        name(job.backupArtifact(), taken), TYPE, job.backupArtifact(), () -> open(artifact, archive)));
            }
        }
    }

    @Override
    public @Nullable String engineVersion() {
        return null;
    }

    @Override
    public @Nullable Long estimatedBytes() {
        return null;
    }

    @Override
    public List<Artifact> artifacts() {
        return artifacts;
    }

    @Override
    public Map<String, Long> facts() {
        return Map.of("jobs", (long) artifacts.size());
    }

    /** The artifact's name, as a store can take it. */
    private static String name(String artifact, Set<String> taken) {
        String slug = artifact.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9_-]", "-");
        String base = slug.substring(0, Math.min(slug.length(), LONGEST_NAME));
        String name = base;
        for (int i = 2; !taken.add(name); i++) {
            name = base + "-" + i;
        }
        return name;
    }

    private static InputStream open(Path folder, TreeArchive archive) throws IOException, InterruptedException {
        return new FilterInputStream(archive.open(folder)) {
            @Override
            public void close() throws IOException {
                super.close();
                RestoreFiles.makeEmpty(folder); // it is needed no more, and is not encrypted
            }
        };
    }
}
