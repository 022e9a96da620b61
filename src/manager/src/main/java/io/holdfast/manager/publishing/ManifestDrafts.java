package io.holdfast.manager.publishing;

import io.holdfast.format.manifest.Manifest;
import io.holdfast.format.manifest.SignedManifest;
import io.holdfast.format.segment.Bringer;
import io.holdfast.format.segment.Cutter;
import io.holdfast.format.segment.Runs;
import io.holdfast.format.segment.SegmentList;
import io.holdfast.manager.backup.Backup;
import io.holdfast.manager.backup.Backups;
import io.holdfast.manager.instance.Instance;
import io.holdfast.manager.jobs.Job;
import io.holdfast.manager.jobs.Jobs;
import io.holdfast.manager.keys.KeyRing;
import io.holdfast.manager.keys.KeyVersion;
import io.holdfast.manager.keys.SigningKey;
import io.holdfast.protocol.BackupResult;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/** Makes the manifests of backups whose segments are proven. */
final class ManifestDrafts {
    /** The most runs of segments that a manifest names, so that it stays a small object. */
    private static final int MOST_RUNS = 100_000;

    private static final int PAGE = 1000;

    private final Jobs jobs;
    private final Backups backups;
    private final AttemptSegments segments;
    private final InstantSource clock;
    private final KeyRing keys;
    private final SigningKey signing;

    ManifestDrafts(BackupCommit.Listed listed, KeyRing keys, SigningKey signing) {
        this.jobs = listed.jobs();
        this.backups = listed.backups();
        this.segments = listed.segments();
        this.clock = listed.clock();
        this.keys = keys;
        this.signing = signing;
    }

    /**
     * A signed manifest's text.
     *
     * @param list the list that it authenticates
     * @param bytes the size of what the attempt has brought itself
     * @throws SegmentProof.Mismatch when what was borrowed is in too many pieces
     * @throws IllegalArgumentException when no manifest can say what the agent has reported
     */
    String sign(Job job, Instance instance, Backup backup, BackupResult result, SegmentList list, long bytes)
            throws SegmentProof.Mismatch {
        int keyVersion = Objects.requireNonNull(backup.keyVersion());
        KeyVersion key = keys.version(instance, keyVersion);
        Instant now = clock.instant();
        Manifest manifest = new Manifest(
                Manifest.FORMAT,
                instance.folder(),
                backup.backupId(),
                backups.sequence(backup.id()),
                Objects.requireNonNull(job.startedAt()),
                now,
                instance.service(),
                result.engineVersion(),
                new Manifest.Life(instance.life(), instance.storedRevision(), instance.custody()),
                keyVersion,
                keys.recipients(key),
                artifacts(result, stored(job)),
                new Manifest.Segments(Cutter.NAME, list, brought(job, backup, now, bytes)),
                result.facts(),
                jobs.madeBy(job.id(), job.epoch()).orElse(null),
                result.notes());
        return new String(SignedManifest.sign(manifest, signing.pair()), StandardCharsets.UTF_8);
    }

    private Map<String, Long> stored(Job job) {
        return segments.table.artifacts(job.id(), job.epoch()).stream()
                .collect(Collectors.toMap(AttemptSegmentTable.Artifact::artifact, AttemptSegmentTable.Artifact::bytes));
    }

    /** What the attempt has brought itself, and what is borrowed, by the attempts that have brought that. */
    private List<Manifest.Brought> brought(Job job, Backup backup, Instant now, long bytes)
            throws SegmentProof.Mismatch {
        List<Manifest.Brought> all = new ArrayList<>();
        long own = segments.table.total(job.id(), job.epoch()).segments();
        if (own > 0) {
            Runs numbers = Runs.below(Math.toIntExact(own));
            all.add(new Manifest.Brought(backup.backupId(), job.epoch(), now, numbers.toString(), bytes));
        }
        Map<Bringer, Instant> made = madeAt(backup);
        int runs = 0;
        for (String folder : segments.borrowed.folders(job.id(), job.epoch()).stream()
                .sorted()
                .toList()) {
            for (Used used : used(job, folder)) {
                runs += used.runs.count();
                if (runs > MOST_RUNS) {
                    throw new SegmentProof.Mismatch("the borrowed segments are in too many pieces for a manifest");
                }
                all.add(new Manifest.Brought(
                        folder,
                        used.attempt,
                        folder.equals(backup.backupId())
                                ? now
                                : Objects.requireNonNull(made.get(new Bringer(folder, used.attempt))),
                        used.runs.build().toString(),
                        used.bytes));
            }
        }
        return all;
    }

    private Map<Bringer, Instant> madeAt(Backup backup) {
        return backups
                .lender(backup.id())
                .flatMap(backups::parsedManifest)
                .map(each -> each.segments().brought())
                .orElse(List.of())
                .stream()
                .collect(Collectors.toMap(Manifest.Brought::bringer, Manifest.Brought::madeAt));
    }

    /** What is used of an attempt. */
    private static final class Used {
        private final int attempt;
        private final Runs.Builder runs = new Runs.Builder();
        private long bytes;

        Used(int attempt) {
            this.attempt = attempt;
        }

        void add(int number, int size) {
            bytes += size;
            runs.add(number);
        }
    }

    private List<Used> used(Job job, String folder) {
        List<Used> all = new ArrayList<>();
        int attempt = 0;
        int number = -1;
        List<BorrowedTable.Borrowing> page;
        do {
            page = segments.borrowed.behind(job.id(), job.epoch(), folder, attempt, number, PAGE);
            for (BorrowedTable.Borrowing each : page) {
                if (each.fromAttempt() != attempt) {
                    all.add(new Used(each.fromAttempt()));
                }
                attempt = each.fromAttempt();
                number = each.number();
                all.getLast().add(number, each.bytes());
            }
        } while (page.size() == PAGE);
        return all;
    }

    /** What a manifest says of the artifacts that an agent has reported. */
    static List<Manifest.Artifact> artifacts(BackupResult result, Map<String, Long> stored) {
        return result.artifacts().stream()
                .map(artifact -> new Manifest.Artifact(
                        artifact.name(),
                        artifact.type(),
                        artifact.source(),
                        artifact.plaintextBytes(),
                        stored.getOrDefault(artifact.name(), artifact.segments()),
                        artifact.meanBytes(),
                        artifact.segments()))
                .toList();
    }
}
