package io.holdfast.agent.adapter.directory;

import io.holdfast.agent.adapter.CheckedOutput;
import io.holdfast.agent.adapter.Dump;
import io.holdfast.agent.adapter.DumpStream;
import io.holdfast.agent.adapter.OutputCheck;
import io.holdfast.agent.adapter.tar.Tar;
import io.holdfast.agent.adapter.tar.TarCheck;
import io.holdfast.agent.adapter.tar.TarException;
import io.holdfast.agent.attempt.JobException;
import io.holdfast.agent.attempt.StopSignal;
import io.holdfast.agent.config.DirectoryConfig;
import io.holdfast.agent.process.ProcessEnd;
import io.holdfast.protocol.FailureCode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
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
    static final String CHANGED_DIRECTORIES = "changed_directories";

    private static final Logger LOG = LoggerFactory.getLogger(DirectoryDump.class);
    private static final int NAMED = 10;
    private static final int LONGEST_SOURCE = 1000;

    private final DirectoryConfig config;
    private final Tar tar;
    private final StopSignal stop;
    private final Map<String, Long> facts = new TreeMap<>();
    private final List<String> notes = new ArrayList<>();

    DirectoryDump(DirectoryConfig config, Tar tar, StopSignal stop) {
        this.config = config;
        this.tar = tar;
        this.stop = stop;
    }

    /** What a directory is called in a manifest. */
    static String source(Path directory) {
        String path = directory.toString();
        return path.substring(0, Math.min(path.length(), LONGEST_SOURCE));
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
    public List<String> notes() {
        return notes;
    }

    @Override
    public List<Artifact> artifacts() {
        return List.of(new DumpStream(FILES, TYPE, source(config.path()), this::open));
    }

    private InputStream open() throws IOException, InterruptedException {
        Instant begin = Instant.now();
        return new CheckedOutput(
                tar.create(config.path(), config.exclude(), stop), new Check(begin), this::judge, stop);
    }

    private void judge(ProcessEnd end) throws JobException {
        facts.put(CHANGED_FILES, 0L);
        if (Tar.filesChanged(end)) {
            changed(
                    end.errorLines() + " files or directories changed or vanished while they were read: "
                            + end.errors().lines().limit(NAMED).collect(Collectors.joining("; ")),
                    "");
            facts.put(CHANGED_FILES, end.errorLines());
        } else if (!end.good()) {
            throw Tar.failure(end, FailureCode.DUMP_FAILED);
        } else if (!end.errors().isBlank()) {
            LOG.warn("tar said: {}", end.errors().lines().limit(NAMED).collect(Collectors.joining("; ")));
        }
    }

    private void changed(String what, String soThat) throws JobException {
        switch (config.changingFiles()) {
            case WARN -> {
                LOG.warn("{}", what);
                notes.add(what + soThat);
            }
            case FAIL ->
                throw new JobException(
                        FailureCode.DUMP_FAILED,
                        what,
                        "exclude them (adapter.exclude), or set adapter.changing_files to warn");
        }
    }

    private void lookForMoves(Instant begin) throws JobException {
        try {
            Changes changes = Changes.since(begin, config.path(), new Excluded(config.exclude()), tar, stop);
            facts.put(CHANGED_DIRECTORIES, changes.number());
            if (changes.any()) {
                changed(
                        changes.description(),
                        "; what was moved from one to another may be missing from the backup, or be in it twice");
            }
        } catch (JobException e) {
            throw e;
        } catch (IOException e) {
            throw new JobException(FailureCode.DUMP_FAILED, "the directory cannot be searched: " + e, null, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new JobException(FailureCode.DUMP_FAILED, "interrupted while the directory was searched", null, e);
        }
    }

    /** Demands what a restore will demand, so that no backup is good that could not be restored. */
    private final class Check implements OutputCheck {
        private final TarCheck check = new TarCheck(null);
        private final Instant begin;

        Check(Instant begin) {
            this.begin = begin;
        }

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
            notes.addAll(check.attributes().notRestored(true));
            lookForMoves(begin);
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
