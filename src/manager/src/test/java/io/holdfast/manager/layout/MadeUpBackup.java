package io.holdfast.manager.layout;

import io.holdfast.format.age.AgeException;
import io.holdfast.format.age.WrappedFileKey;
import io.holdfast.format.age.X25519Identity;
import io.holdfast.format.manifest.Manifest;
import io.holdfast.format.manifest.SignedManifest;
import io.holdfast.format.segment.Bringer;
import io.holdfast.format.segment.Cutter;
import io.holdfast.format.segment.Fingerprint;
import io.holdfast.format.segment.Runs;
import io.holdfast.format.segment.SegmentLine;
import io.holdfast.format.segment.SegmentList;
import io.holdfast.format.segment.SegmentListWriter;
import io.holdfast.format.segment.SegmentName;
import io.holdfast.format.segment.SegmentSizes;
import io.holdfast.manager.store.Store;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * A backup of one artifact that has segments of one byte, which nothing opens.
 *
 * @param segment where its own segment is
 * @param list the file that lists it
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record MadeUpBackup(SegmentName segment, byte[] list, Manifest.Artifact artifact, Manifest.Segments segments) {
    private static final String RECIPIENT =
            X25519Identity.generate(new SecureRandom()).recipient().toString();

    /** One with a segment of its own, and some of other backups. */
    public static MadeUpBackup of(String backupId, SegmentName... borrowed) {
        SegmentName name = new SegmentName(backupId, 1, 0);
        List<SegmentName> all = new ArrayList<>(List.of(name));
        all.addAll(Arrays.asList(borrowed));
        int longest = all.stream().mapToInt(each -> each.path().length()).max().orElseThrow();
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        SegmentListWriter writer = new SegmentListWriter(file, "app".length(), longest);
        try {
            for (SegmentName each : all) {
                writer.write(new SegmentLine(
                        "app",
                        new Fingerprint("0".repeat(64)),
                        1,
                        "0".repeat(64),
                        WrappedFileKey.parse("A".repeat(43), "A".repeat(43)),
                        each));
            }
            SegmentList list = writer.end();
            return new MadeUpBackup(
                    name,
                    file.toByteArray(),
                    new Manifest.Artifact(
                            "app", "stream", "app", all.size(), all.size(), SegmentSizes.SMALLEST_MEAN, all.size()),
                    new Manifest.Segments(Cutter.NAME, list, brought(all)));
        } catch (AgeException e) {
            throw new IllegalStateException(e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Manifest.Brought> brought(List<SegmentName> all) {
        Map<Bringer, SortedSet<Integer>> byAttempt = new LinkedHashMap<>();
        all.forEach(each ->
                byAttempt.computeIfAbsent(each.bringer(), _ -> new TreeSet<>()).add(each.number()));
        List<Manifest.Brought> brought = new ArrayList<>();
        byAttempt.forEach((attempt, numbers) -> {
            Runs.Builder runs = new Runs.Builder();
            numbers.forEach(runs::add);
            brought.add(new Manifest.Brought(
                    attempt.backupId(),
                    attempt.attempt(),
                    Instant.EPOCH,
                    runs.build().toString(),
                    numbers.size()));
        });
        return brought;
    }

    /** The manifest of it. */
    public Manifest manifest(String instanceId) {
        return new Manifest(
                Manifest.FORMAT,
                instanceId,
                segment.backupId(),
                1,
                Instant.EPOCH,
                Instant.EPOCH.plusSeconds(1),
                "postgresql",
                "18",
                Manifest.Life.UNRECORDED,
                1,
                List.of(RECIPIENT),
                List.of(artifact),
                segments,
                Map.of());
    }

    /** The signed manifest of it. */
    public byte[] manifest(String instanceId, KeyPair signer) {
        return SignedManifest.sign(manifest(instanceId), signer);
    }

    /** Stores all of it but what it has of others. */
    public void store(Store store, String instanceId, KeyPair signer) {
        store.put(StoreLayout.segment(instanceId, segment), new byte[1]);
        store.put(StoreLayout.list(instanceId, segment.backupId()), list);
        store.put(StoreLayout.manifest(instanceId, segment.backupId()), manifest(instanceId, signer));
    }
}
