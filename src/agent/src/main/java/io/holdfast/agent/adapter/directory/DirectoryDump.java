package io.holdfast.agent.adapter.directory;

import io.holdfast.agent.adapter.CheckedOutput;
import io.holdfast.agent.adapter.Dump;
import io.holdfast.agent.adapter.OutputCheck;
import io.holdfast.agent.attempt.JobException;
import io.holdfast.agent.attempt.StopSignal;
import io.holdfast.agent.config.DirectoryConfig;
import io.holdfast.agent.process.ProcessEnd;
import io.holdfast.protocol.FailureCode;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A dump of a directory: one tar stream. */
final class DirectoryDump implements Dump {
    static final String FILES = "files";
    static final String TYPE = "tar";
    static final String CHANGED_FILES = "changed_files";

    private static final Logger LOG = LoggerFactory.getLogger(DirectoryDump.class);
    private static final int NAMED = 10;
    private static final int LONGEST_SOURCE = 1000;

    private final DirectoryConfig config;
    private final Tar tar;
    private final StopSignal stop;
    private final Map<String, Long> facts = new TreeMap<>();

    DirectoryDump(DirectoryConfig config, Tar tar, StopSignal stop) {
        this.config = config;
        this.tar = tar;
        this.stop = stop;
    }

    @Override
    public @Nullable String engineVersion() {
        return null;
    }

    @Override
    public @Nullable Long estimatedBytes() {
        return null; // to know, the whole tree would have to be walked twice
    }

    @Override
    public Map<String, Long> facts() {
        return facts;
    }

    @Override
    public List<Artifact> artifacts() {
        return List.of(new TarStream());
    }

    private final class TarStream implements Artifact {
        @Override
        public String name() {
            return FILES;
        }

        @Override
        public String type() {
            return TYPE;
        }

        @Override
        public String source() {
            String path = config.path().toString();
            return path.substring(0, Math.min(path.length(), LONGEST_SOURCE));
        }

        @Override
        public InputStream open() throws IOException, InterruptedException {
            return new CheckedOutput(
                    tar.create(config.path(), config.exclude(), stop), new Check(), DirectoryDump.this::judge, stop);
        }
    }

    private void judge(ProcessEnd end) throws JobException {
        facts.put(CHANGED_FILES, 0L);
        if (Tar.filesChanged(end)) {
            String first = end.errors().lines().limit(NAMED).collect(Collectors.joining("; "));
            switch (config.changingFiles()) {
                case WARN -> {
                    LOG.warn("{} files changed or vanished while they were read: {}", end.errorLines(), first);
                    facts.put(CHANGED_FILES, end.errorLines());
                }
                case FAIL ->
                    throw new JobException(
                            FailureCode.DUMP_FAILED,
                            end.errorLines() + " files changed or vanished while they were read: " + first,
                            "exclude them (adapter.exclude), or set adapter.changing_files to warn");
            }
        } else if (!end.good()) {
            throw Tar.failure(end, FailureCode.DUMP_FAILED);
        } else if (!end.errors().isBlank()) {
            LOG.warn("tar said: {}", end.errors().lines().limit(NAMED).collect(Collectors.joining("; ")));
        }
    }

    /** Demands what a restore will demand, so that no backup is good that could not be restored. */
    private final class Check implements OutputCheck {
        private final TarCheck check = new TarCheck(null);

        @Override
        public void accept(byte[] bytes, int offset, int length) throws JobException {
            try {
                check.accept(bytes, offset, length);
            } catch (TarException e) {
                throw failure(e);
            }
        }

        @Override
        public void end() throws JobException {
            try {
                check.end();
            } catch (TarException e) {
                throw failure(e);
            }
            facts.putAll(check.counts().facts());
        }

        private static JobException failure(TarException e) {
            return switch (e.kind()) {
                case MALFORMED -> new JobException(FailureCode.INCOMPLETE_DUMP, String.valueOf(e.getMessage()));
                case REFUSED ->
                    new JobException(
                            FailureCode.DUMP_FAILED,
                            "this cannot be restored: " + e.getMessage(),
                            "exclude it (adapter.exclude)");
            };
        }
    }
}
