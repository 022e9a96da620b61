package io.holdfast.agent.standin;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.github.luben.zstd.ZstdInputStream;
import io.holdfast.format.age.Age;
import io.holdfast.format.age.FileKey;
import io.holdfast.format.age.WrappedFileKey;
import io.holdfast.format.age.X25519Identity;
import io.holdfast.format.manifest.Manifest;
import io.holdfast.format.segment.Cutter;
import io.holdfast.format.segment.Fingerprint;
import io.holdfast.format.segment.Runs;
import io.holdfast.format.segment.SegmentLine;
import io.holdfast.format.segment.SegmentList;
import io.holdfast.format.segment.SegmentListWriter;
import io.holdfast.format.segment.SegmentName;
import io.holdfast.protocol.BackupResult;
import io.holdfast.protocol.SegmentUploads;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/** What a manager knows of one backup: the addresses that it gave, and then the list of its segments. */
final class StandInBackup {
    private final String backupId;
    private final StandInStore store;
    private final Map<Integer, SegmentUploads.Segment> asked = new ConcurrentSkipListMap<>();
    private final Map<String, Map<Long, SegmentLine>> borrowed = new ConcurrentHashMap<>();
    private volatile List<SegmentLine> lines = List.of();
    private volatile @Nullable BackupResult result;
    private volatile @Nullable SegmentList list;
    private volatile List<String> text = List.of();

    StandInBackup(String backupId, StandInStore store) {
        this.backupId = backupId;
        this.store = store;
    }

    /** An address was asked for; one that was asked for before has to be the same segment. */
    void ask(SegmentUploads.Segment segment) {
        SegmentUploads.Segment before = asked.putIfAbsent(segment.number(), segment);
        if (before != null && !before.equals(segment)) {
            throw new IllegalArgumentException(
                    "number " + segment.number() + " was another segment: " + before + ", now " + segment);
        }
    }

    /** A segment that is stored already; one that was told before has to be the same. */
    void borrow(long position, SegmentLine line) {
        SegmentLine before = borrowed.computeIfAbsent(line.artifact(), _ -> new ConcurrentSkipListMap<>())
                .putIfAbsent(position, line);
        if (before != null && !before.equals(line)) {
            throw new IllegalArgumentException("position " + position + " was another line: " + before);
        }
    }

    SegmentName name(int number) {
        return new SegmentName(backupId, 1, number);
    }

    /** Checks that all is there, as a manager does, and writes the list. */
    void complete(BackupResult told) throws IOException {
        List<SegmentLine> all = new ArrayList<>();
        for (BackupResult.Artifact artifact : told.artifacts()) {
            Map<Long, SegmentLine> its = new TreeMap<>(borrowed.getOrDefault(artifact.name(), Map.of()));
            for (SegmentUploads.Segment segment : asked.values()) {
                if (segment.artifact().equals(artifact.name()) && its.put(segment.position(), line(segment)) != null) {
                    throw new IllegalArgumentException("brought, and borrowed or brought twice: " + segment);
                }
            }
            if (its.size() != artifact.segments() || its.keySet().stream().anyMatch(at -> at >= artifact.segments())) {
                throw new IllegalArgumentException(artifact + " has the segments " + its.keySet());
            }
            all.addAll(its.values());
        }
        int counted =
                asked.size() + borrowed.values().stream().mapToInt(Map::size).sum();
        if (all.size() != counted || asked.keySet().stream().anyMatch(number -> number >= asked.size())) {
            throw new IllegalArgumentException("numbers have gaps, or segments no artifact: " + asked.keySet());
        }
        lines = all;
        result = told;
        write(all);
    }

    private SegmentLine line(SegmentUploads.Segment segment) throws IOException {
        if (store.size(name(segment.number())) != segment.bytes()) {
            throw new IllegalArgumentException("not stored as it was announced: " + segment);
        }
        return new SegmentLine(
                segment.artifact(),
                new Fingerprint(segment.fingerprint()),
                segment.bytes(),
                segment.sha256(),
                WrappedFileKey.parse(segment.share(), segment.body()),
                name(segment.number()));
    }

    private void write(List<SegmentLine> all) throws IOException {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        SegmentListWriter writer = new SegmentListWriter(
                file,
                all.stream().mapToInt(line -> line.artifact().length()).max().orElseThrow(),
                all.stream().mapToInt(line -> line.name().path().length()).max().orElseThrow());
        for (SegmentLine line : all) {
            writer.write(line);
        }
        list = writer.end();
        Files.write(store.list(backupId), file.toByteArray());
        text = file.toString(US_ASCII).lines().limit(all.size()).toList();
    }

    BackupResult result() {
        BackupResult told = result;
        if (told == null) {
            throw new IllegalStateException("backup " + backupId + " is not complete");
        }
        return told;
    }

    /** A line of the list as it is there. */
    String text(long line) {
        return text.get((int) line);
    }

    FileKey key(long line, X25519Identity identity) throws IOException {
        return identity.open(lines.get((int) line).key());
    }

    /** Where one of an artifact's segments is stored. */
    Path object(String artifact, int position) {
        return store.object(of(artifact).get(position).name());
    }

    /** The list. */
    List<SegmentLine> lines() {
        return lines;
    }

    /** How many segments were brought. */
    int brought() {
        return asked.size();
    }

    private List<SegmentLine> of(String artifact) {
        return lines.stream().filter(line -> line.artifact().equals(artifact)).toList();
    }

    /** The size of an artifact's objects. */
    long storedBytes(String artifact) {
        return of(artifact).stream().mapToLong(SegmentLine::bytes).sum();
    }

    byte[] plaintext(String artifact, X25519Identity identity) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (SegmentLine line : of(artifact)) {
            try (InputStream in = Age.decrypt(Files.newInputStream(store.object(line.name())), List.of(identity));
                    InputStream plain = new ZstdInputStream(in).setContinuous(true)) {
                plain.transferTo(all);
            }
        }
        return all.toByteArray();
    }

    /** What a manifest says of the artifacts. */
    List<Manifest.Artifact> artifacts() {
        return result().artifacts().stream()
                .map(artifact -> new Manifest.Artifact(
                        artifact.name(),
                        artifact.type(),
                        artifact.source(),
                        artifact.plaintextBytes(),
                        storedBytes(artifact.name()),
                        artifact.meanBytes(),
                        artifact.segments()))
                .toList();
    }

    /** What a manifest says of the segments. */
    Manifest.Segments segments() {
        SegmentList written = list;
        if (written == null) {
            throw new IllegalStateException("backup " + backupId + " is not complete");
        }
        return new Manifest.Segments(Cutter.NAME, written, broughtByAttempt());
    }

    private List<Manifest.Brought> broughtByAttempt() {
        Map<String, Map<Integer, Integer>> sizes = new TreeMap<>();
        for (SegmentLine line : lines) {
            sizes.computeIfAbsent(line.name().backupId(), _ -> new TreeMap<>())
                    .put(line.name().number(), line.bytes());
        }
        return sizes.entrySet().stream()
                .map(each -> new Manifest.Brought(
                        each.getKey(),
                        1,
                        Instant.now(),
                        runs(each.getValue().keySet()).toString(),
                        each.getValue().values().stream()
                                .mapToLong(size -> size)
                                .sum()))
                .toList();
    }

    private static Runs runs(Iterable<Integer> rising) {
        List<Runs.Run> runs = new ArrayList<>();
        for (int number : rising) {
            if (!runs.isEmpty() && runs.getLast().last() == number - 1) {
                runs.add(new Runs.Run(runs.removeLast().first(), number));
            } else {
                runs.add(new Runs.Run(number, number));
            }
        }
        return new Runs(runs);
    }
}
