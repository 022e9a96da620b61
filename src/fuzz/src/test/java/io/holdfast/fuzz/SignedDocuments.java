package io.holdfast.fuzz;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.holdfast.format.age.X25519Identity;
import io.holdfast.format.instance.Custody;
import io.holdfast.format.instance.InstanceRecord;
import io.holdfast.format.instance.SignedInstanceRecord;
import io.holdfast.format.json.Json;
import io.holdfast.format.manifest.Manifest;
import io.holdfast.format.manifest.SignedManifest;
import io.holdfast.format.segment.Cutter;
import io.holdfast.format.segment.SegmentList;
import io.holdfast.format.segment.SegmentName;
import io.holdfast.format.segment.SegmentSizes;
import io.holdfast.format.signed.SignedFile;
import io.holdfast.format.signed.SignedFileException;
import java.io.ByteArrayOutputStream;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Documents with the manager's signature. An input's first byte says whether the rest is a whole file, or what a manager has
 * signed: nothing else would come behind the check of the signature.
 */
final class SignedDocuments<T extends Record> implements Target {
    private static final byte FILE = 'f';
    private static final byte CONTENT = 'c';
    private static final int LARGE = 4 * 1024 * 1024;
    private static final int FOR_EACH_BYTE = 600;

    private final String name;
    private final Class<T> type;
    private final List<T> real;
    private final Form<T> form;
    private final KeyPair keys;

    /** How a kind of document is written and read. */
    private interface Form<T> {
        T read(byte[] file, KeyPair keys) throws SignedFileException;

        byte[] write(T document, KeyPair keys);
    }

    private SignedDocuments(String name, Class<T> type, List<T> real, Form<T> form) {
        this.name = name;
        this.type = type;
        this.real = real;
        this.form = form;
        try {
            this.keys = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    static Target manifests() {
        return new SignedDocuments<>(
                "manifest", Manifest.class, List.of(largeManifest(), smallManifest()), new Form<>() {
                    @Override
                    public Manifest read(byte[] file, KeyPair keys) throws SignedFileException {
                        SignedManifest signed = SignedManifest.parse(file);
                        signed.requireSignedBy(List.of(keys.getPublic()));
                        return signed.manifest();
                    }

                    @Override
                    public byte[] write(Manifest document, KeyPair keys) {
                        return SignedManifest.sign(document, keys);
                    }
                });
    }

    static Target instanceRecords() {
        return new SignedDocuments<>(
                "instance", InstanceRecord.class, List.of(record(null), record("broker")), new Form<>() {
                    @Override
                    public InstanceRecord read(byte[] file, KeyPair keys) throws SignedFileException {
                        return SignedInstanceRecord.read(file, "shop-1", List.of(keys.getPublic()));
                    }

                    @Override
                    public byte[] write(InstanceRecord document, KeyPair keys) {
                        return SignedInstanceRecord.sign(document, keys);
                    }
                });
    }

    @Override
    public List<byte[]> seeds() {
        return real.stream()
                .flatMap(each -> Stream.of(
                        with(FILE, form.write(each, keys)),
                        with(CONTENT, Json.mapper().writeValueAsBytes(each)),
                        with(CONTENT, escaped(Json.mapper().writeValueAsString(each)))))
                .toList();
    }

    @Override
    public boolean read(byte[] input) throws Exception {
        if (input.length == 0) {
            return false;
        }
        byte[] rest = Arrays.copyOfRange(input, 1, input.length);
        try {
            if (input[0] == CONTENT) {
                requireSame(unsigned(rest), found -> unsigned(Json.mapper().writeValueAsBytes(found)), this::content);
            } else {
                requireSame(rest, found -> form.write(found, keys), file -> form.read(file, keys));
            }
            return true;
        } catch (SignedFileException e) {
            return false;
        }
    }

    private interface Reader<T> {
        T read(byte[] file) throws SignedFileException;
    }

    /** What is read and written again is the same document, and the same bytes from then on. */
    private void requireSame(byte[] file, Function<T, byte[]> writer, Reader<T> reader) throws SignedFileException {
        T found = reader.read(file);
        byte[] written = writer.apply(found);
        T again;
        try {
            again = reader.read(written);
        } catch (SignedFileException e) {
            throw new AssertionError("it cannot be read again: " + new String(written, UTF_8), e);
        }
        if (!again.equals(found) || !Arrays.equals(writer.apply(again), written)) {
            throw new AssertionError("written again it is another one: " + new String(written, UTF_8));
        }
    }

    private T content(byte[] file) throws SignedFileException {
        return SignedFile.parse(name, file, SignedManifest.LARGEST).read(type);
    }

    @Override
    public long mostBytes(int length) {
        return LARGE + (long) FOR_EACH_BYTE * length;
    }

    /** The same text with escapes for what is not ASCII, which can be broken in other ways. */
    private static byte[] escaped(String json) {
        StringBuilder text = new StringBuilder();
        json.chars().forEach(each -> text.append(each < 128 ? Character.toString(each) : "\\u%04x".formatted(each)));
        return text.toString().getBytes(US_ASCII);
    }

    /** A file with this content and the form of a signature: making real ones would take most of the time. */
    private byte[] unsigned(byte[] content) {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        file.writeBytes(("{\"" + name + "\":").getBytes(US_ASCII));
        file.writeBytes(content);
        file.writeBytes(
                (",\"signature\":{\"key\":\"" + "0f".repeat(32) + "\",\"value\":\"" + "A".repeat(86) + "==\"}}\n")
                        .getBytes(US_ASCII));
        return file.toByteArray();
    }

    private static byte[] with(byte kind, byte[] rest) {
        byte[] whole = new byte[rest.length + 1];
        whole[0] = kind;
        System.arraycopy(rest, 0, whole, 1, rest.length);
        return whole;
    }

    private static String recipient(int number) {
        byte[] secret = new byte[32];
        Arrays.fill(secret, (byte) number);
        return X25519Identity.of(secret).recipient().toString();
    }

    private static Manifest smallManifest() {
        return new Manifest(
                Manifest.FORMAT,
                "i",
                "b",
                0,
                Instant.EPOCH,
                Instant.EPOCH,
                "directory",
                null,
                Manifest.Life.UNRECORDED,
                1,
                List.of(recipient(1)),
                List.of(new Manifest.Artifact("files", "tar", "", 0, 1, SegmentSizes.SMALLEST_MEAN, 1)),
                segments(1, List.of(new Manifest.Brought("b", 1, Instant.EPOCH, "0", 1))),
                Map.of());
    }

    private static Manifest largeManifest() {
        return new Manifest(
                Manifest.FORMAT,
                "3f0c6a1e-instance",
                "20261122T230000Z-1",
                17,
                Instant.parse("2026-11-22T23:00:00.123Z"),
                Instant.parse("2026-11-22T23:10:00.000000001Z"),
                "postgresql",
                "15.8",
                new Manifest.Life(2, 9, Custody.USER),
                4,
                List.of(recipient(2), recipient(3)),
                List.of(
                        new Manifest.Artifact("globals", "globals", "globals", 812, 300, SegmentSizes.SMALLEST_MEAN, 1),
                        new Manifest.Artifact(
                                "db-0001",
                                "pg_dump",
                                "na\"me \uD83D\uDC18",
                                123_456_789,
                                1_234_567,
                                SegmentSizes.LARGEST_MEAN,
                                60)),
                segments(
                        61,
                        List.of(
                                new Manifest.Brought("20261122T230000Z-1", 1, Instant.EPOCH, "0-17,19", 1_234_567),
                                new Manifest.Brought(
                                        "20261121T230000Z-0",
                                        SegmentName.MOST_ATTEMPTS,
                                        Instant.parse("2026-11-21T23:10:00.000001Z"),
                                        "3,5-6,999999998-999999999",
                                        812))),
                Map.of("rows", 12L, "\u00e9.tables", Long.MAX_VALUE),
                new Manifest.MadeBy(1, "vm-7.example", "0a1b", "5d".repeat(32)),
                List.of("the index \"by\u00e9\" has to be made by hand", "line\nline"));
    }

    private static Manifest.Segments segments(long lines, List<Manifest.Brought> brought) {
        int lineBytes = 300;
        return new Manifest.Segments(
                Cutter.NAME,
                new SegmentList(
                        lines, lineBytes, lines * lineBytes + ("end " + lines + "\n").length(), "0f".repeat(32)),
                brought);
    }

    private static InstanceRecord record(@Nullable String owner) {
        return new InstanceRecord(
                InstanceRecord.FORMAT,
                "shop-1",
                7,
                2,
                "postgresql",
                owner == null ? null : owner + " \uD83D\uDC18",
                Instant.parse("2026-11-22T23:00:00.123Z"),
                owner == null ? null : Instant.parse("2026-11-23T01:02:03.000001Z"),
                owner != null,
                owner == null ? Custody.MANAGED : Custody.USER,
                3,
                List.of(key(1), key(2)));
    }

    private static InstanceRecord.Key key(int version) {
        return new InstanceRecord.Key(
                version,
                recipient(version),
                Instant.EPOCH,
                Base64.getEncoder().encodeToString(new byte[40]),
                version == 1 ? null : Base64.getEncoder().encodeToString(new byte[41]),
                version == 1 ? null : Base64.getEncoder().encodeToString(new byte[42]),
                version == 2);
    }
}
