package io.holdfast.format.manifest;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.holdfast.format.instance.Custody;
import io.holdfast.format.segment.Bringer;
import io.holdfast.format.segment.Cutter;
import io.holdfast.format.segment.Runs;
import io.holdfast.format.segment.SegmentLine;
import io.holdfast.format.segment.SegmentList;
import io.holdfast.format.segment.SegmentName;
import io.holdfast.format.segment.SegmentSizes;
import java.time.Instant;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a backup consists of. Fields that this version does not know are passed over: a later one may add some.
 *
 * @param format {@link #FORMAT}
 * @param instanceId the instance that was backed up
 * @param backupId this backup
 * @param sequence number of the backup within its instance, rising; tells which of two is newer, whatever clocks say
 * @param service name of the adapter, such as {@code postgresql}
 * @param engineVersion version of the data service, if it has one
 * @param life which life of the instance it is of, and what was recorded of that
 * @param keyVersion version of the instance's key that it is encrypted to, from 1
 * @param recipients all recipients that it is encrypted to, {@code age1…}
 * @param artifacts what was dumped, in the order to restore in
 * @param segments the pieces that the artifacts are stored as
 * @param facts counts to check a restore by, such as rows per table; the names are the adapter's
 * @param madeBy which agent made it; null in manifests of managers that did not note it, and of their own copies
 * @param notes what people should know of it, in sentences: what it does not keep, what a restore of it will not be able to
 *     do; not in the file when there are none
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record Manifest(
        String format,
        String instanceId,
        String backupId,
        long sequence,
        Instant startedAt,
        Instant finishedAt,
        String service,
        @Nullable String engineVersion,
        Life life,
        int keyVersion,
        List<String> recipients,
        List<Artifact> artifacts,
        Segments segments,
        Map<String, Long> facts,
        @Nullable MadeBy madeBy,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) List<String> notes) {
    /** The only format there is. */
    public static final String FORMAT = "holdfast/2";

    /** Most artifacts in one backup. */
    public static final int MOST_ARTIFACTS = 10_000;

    private static final int MOST_BROUGHT = 100_000;
    private static final int MOST_RECIPIENTS = 500;
    private static final int MOST_FACTS = 100_000;
    private static final int MOST_NOTES = 200;
    private static final int LONGEST_TEXT = 1024;
    private static final Pattern ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,127}");
    private static final Pattern ARTIFACT = Pattern.compile("[a-z0-9][a-z0-9_-]{0,62}");
    private static final Pattern RECIPIENT = Pattern.compile("age1[a-z0-9]{10,2000}");
    private static final Pattern SERIAL = Pattern.compile("[0-9a-f]{1,40}");
    private static final Pattern SHA_256 = Pattern.compile("[0-9a-f]{64}");

    /** Checks the shape of everything, with {@link IllegalArgumentException}. */
    public Manifest {
        require(FORMAT.equals(format), "format must be " + FORMAT);
        require(matches(ID, instanceId), "instance_id is not an id");
        require(matches(ID, backupId), "backup_id is not an id");
        require(sequence >= 0, "sequence is negative");
        require(startedAt != null && finishedAt != null, "started_at or finished_at is missing");
        require(!finishedAt.isBefore(startedAt), "finished_at is before started_at");
        require(matches(ID, service), "service is not a name");
        require(engineVersion == null || engineVersion.length() <= LONGEST_TEXT, "engine_version is too long");
        require(life != null, "life is missing");
        require(keyVersion >= 1, "key_version is below 1");
        require(
                recipients != null && !recipients.isEmpty() && recipients.size() <= MOST_RECIPIENTS,
                "recipients: 1 to " + MOST_RECIPIENTS + " are needed");
        require(
                recipients.stream().allMatch(recipient -> matches(RECIPIENT, recipient)),
                "recipients: one is not age1…");
        require(
                artifacts != null && !artifacts.isEmpty() && artifacts.size() <= MOST_ARTIFACTS,
                "artifacts: 1 to " + MOST_ARTIFACTS + " are needed");
        require(facts != null && facts.size() <= MOST_FACTS, "facts are missing or too many");
        require(segments != null, "segments are missing");
        Set<String> names = new HashSet<>();
        long unlisted = segments.list().lines();
        for (Artifact artifact : artifacts) {
            require(artifact != null && names.add(artifact.name()), "artifacts: one is null, or a name is there twice");
            require(artifact.segments() <= unlisted, "the artifacts have more segments than the list has lines");
            unlisted -= artifact.segments();
        }
        require(unlisted == 0, "the artifacts have fewer segments than the list has lines");
        facts.forEach((name, count) -> require(
                name != null && name.length() <= LONGEST_TEXT && count != null && count >= 0,
                "facts: a name is too long or a count negative"));
        notes = notes == null ? List.of() : List.copyOf(notes);
        require(notes.size() <= MOST_NOTES, "notes: more than " + MOST_NOTES);
        require(notes.stream().allMatch(note -> note.length() <= LONGEST_TEXT), "notes: one is too long");
        recipients = List.copyOf(recipients);
        artifacts = List.copyOf(artifacts);
        // Sorted, so that the same manifest always gives the same bytes.
        SortedMap<String, Long> sorted = new TreeMap<>(facts);
        facts = Collections.unmodifiableSortedMap(sorted);
    }

    /** One that nobody is noted of, and nothing. */
    public Manifest(
            String format,
            String instanceId,
            String backupId,
            long sequence,
            Instant startedAt,
            Instant finishedAt,
            String service,
            @Nullable String engineVersion,
            Life life,
            int keyVersion,
            List<String> recipients,
            List<Artifact> artifacts,
            Segments segments,
            Map<String, Long> facts) {
        this(
                format,
                instanceId,
                backupId,
                sequence,
                startedAt,
                finishedAt,
                service,
                engineVersion,
                life,
                keyVersion,
                recipients,
                artifacts,
                segments,
                facts,
                null,
                List.of());
    }

    /**
     * Who made a backup.
     *
     * @param agent its index among the instance's agents, from its certificate
     * @param host the name of its machine, as it says
     * @param certificateSerial of the certificate that it has shown, in lower-case hexadecimal
     * @param certificateSha256 of that certificate's bytes (DER), in lower-case hexadecimal
     */
    public record MadeBy(int agent, String host, String certificateSerial, String certificateSha256) {
        /** Checks the shape of everything, with {@link IllegalArgumentException}. */
        public MadeBy {
            require(agent >= 0, "made_by: agent is negative");
            require(host != null && host.length() <= LONGEST_TEXT, "made_by: host is missing or too long");
            require(matches(SERIAL, certificateSerial), "made_by: certificate_serial is not hexadecimal");
            require(
                    matches(SHA_256, certificateSha256),
                    "made_by: certificate_sha256 is not 64 lower-case hexadecimal digits");
        }
    }

    /**
     * What the instance's signed record said when the backup was made: a record that says less is an older one.
     *
     * @param number which life of the instance it is, from 1
     * @param revision the revision of the record that the store had; 0 where there is none
     * @param custody who kept the instance's keys
     */
    public record Life(int number, long revision, Custody custody) {
        /** Of what has no record, such as the manager's own state. */
        public static final Life UNRECORDED = new Life(1, 0, Custody.MANAGED);

        /** Checks the shape of everything, with {@link IllegalArgumentException}. */
        public Life {
            require(number >= 1, "a life's number is below 1");
            require(revision >= 0, "a life's revision is negative");
            require(custody != null, "a life's custody is missing");
        }
    }

    /** Whether it uses a segment. */
    public boolean uses(SegmentName segment) {
        return segments.brought().stream()
                .filter(each -> each.bringer().equals(segment.bringer()))
                .anyMatch(each -> each.runs().contains(segment.number()));
    }

    /** The size of all objects that the backup uses, in bytes: those that it shares with others are counted too. */
    public long storedBytes() {
        return segments.brought().stream().mapToLong(Brought::bytes).sum();
    }

    /** The size of the objects that attempts at this backup have brought themselves, in bytes. */
    public long addedBytes() {
        return segments.brought().stream()
                .filter(each -> each.backupId().equals(backupId))
                .mapToLong(Brought::bytes)
                .sum();
    }

    /** Since when all that it uses is stored: when the oldest attempt ended that has brought something of it. */
    public Instant restsSince() {
        return segments.brought().stream()
                .map(Brought::madeAt)
                .min(Comparator.naturalOrder())
                .orElseThrow();
    }

    /**
     * One stream of the backup.
     *
     * @param name what the list calls it, unique within the backup: {@code [a-z0-9][a-z0-9_-]{0,62}}
     * @param type what the adapter takes it for, such as {@code pg_dump}
     * @param source what it is a copy of, such as a database's name; free text
     * @param plaintextBytes size before compression
     * @param storedBytes the size of the objects that its lines of the list name, each as often as it is named
     * @param meanBytes the mean size that it was cut to, see {@link SegmentSizes}
     * @param segments how many lines of the list are its own, at least one
     */
    public record Artifact(
            String name,
            String type,
            String source,
            long plaintextBytes,
            long storedBytes,
            int meanBytes,
            long segments) {
        /** Checks the shape of everything, with {@link IllegalArgumentException}. */
        public Artifact {
            require(matches(ARTIFACT, name), "an artifact's name does not match " + ARTIFACT);
            require(matches(ID, type), "an artifact's type is not a name");
            require(source != null && source.length() <= LONGEST_TEXT, "an artifact's source is missing or too long");
            require(plaintextBytes >= 0, "an artifact's plaintext_bytes is negative");
            long most = new SegmentSizes(meanBytes).most();
            require(segments >= 1, "an artifact must have a segment");
            require(
                    storedBytes >= segments && Math.ceilDiv(storedBytes, (long) SegmentLine.MOST_BYTES) <= segments,
                    "an artifact's stored_bytes are fewer or more than so many segments have");
            require(
                    Math.ceilDiv(plaintextBytes, most) <= segments,
                    "an artifact has fewer segments than its size takes");
        }

        /** How large its segments are. */
        public SegmentSizes sizes() {
            return new SegmentSizes(meanBytes);
        }
    }

    /**
     * The pieces that the artifacts are stored as.
     *
     * @param cutter how the artifacts were cut, {@link Cutter#NAME}
     * @param list which pieces these are, in the order of the restore
     * @param brought who stored the objects that the list names; at least one
     */
    public record Segments(String cutter, SegmentList list, List<Brought> brought) {
        /** Checks the shape of everything, with {@link IllegalArgumentException}. */
        public Segments {
            require(Cutter.NAME.equals(cutter), "cutter must be " + Cutter.NAME);
            require(list != null, "the list of the segments is missing");
            require(
                    brought != null && !brought.isEmpty() && brought.size() <= MOST_BROUGHT,
                    "brought: 1 to " + MOST_BROUGHT + " are needed");
            Set<Bringer> bringers = new HashSet<>();
            long objects = 0;
            for (Brought each : brought) {
                require(
                        each != null && bringers.add(each.bringer()),
                        "brought: one is null, or an attempt is there twice");
                objects += each.runs().count();
            }
            require(objects <= list.lines(), "more segments were brought than are listed");
            brought = List.copyOf(brought);
        }
    }

    /**
     * What one attempt has stored of what this backup uses.
     *
     * @param backupId the backup that it was an attempt at
     * @param attempt its number, from 1
     * @param madeAt when it ended, by the clock of the manager's database
     * @param numbers which of the attempt's segments are used, see {@link Runs}
     * @param bytes the size of these objects together
     */
    public record Brought(String backupId, int attempt, Instant madeAt, String numbers, long bytes) {
        /** Checks the shape of everything, with {@link IllegalArgumentException}. */
        public Brought {
            require(matches(ID, backupId), "brought: backup_id is not an id");
            require(attempt >= 1 && attempt <= SegmentName.MOST_ATTEMPTS, "brought: attempt is out of bounds");
            require(madeAt != null, "brought: made_at is missing");
            require(numbers != null, "brought: numbers are missing");
            long count = Runs.parse(numbers).count();
            require(
                    bytes >= count && bytes <= count * SegmentLine.MOST_BYTES,
                    "brought: so many segments cannot have so few or so many bytes");
        }

        /** The attempt. */
        public Bringer bringer() {
            return new Bringer(backupId, attempt);
        }

        /** The numbers. */
        public Runs runs() {
            return Runs.parse(numbers);
        }
    }

    private static boolean matches(Pattern pattern, @Nullable String text) {
        return text != null && pattern.matcher(text).matches();
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalArgumentException(otherwise);
        }
    }
}
