package io.holdfast.manager.store.directory;

import io.holdfast.manager.store.ObjectKeys;
import io.holdfast.manager.store.Store.OpenUpload;
import io.holdfast.manager.store.Store.Part;
import io.holdfast.manager.store.StoreException;
import io.holdfast.manager.store.StoreException.Kind;
import io.holdfast.manager.store.directory.SignedAddresses.PartGrant;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The open uploads: a folder for each, with a file {@code key}, a file {@code data} in which every part has its place,
 * and a small record for each part that arrived whole.
 *
 * <p>Because all parts but the last have one size, a part's place is known before its neighbours arrive, and completing
 * is a rename instead of a copy. A part is first received aside and checked, so that a bad one never touches
 * {@code data}.
 */
final class Uploads {
    private static final Pattern ID = Pattern.compile("[0-9a-f]{32}");
    private static final String KEY_FILE = "key";
    private static final String DATA_FILE = "data";
    private static final String RECORD_PREFIX = "part-";
    private static final int LOCKS = 64;

    private final Path folder;
    private final DurableFiles files;
    private final long partBytes;
    private final SecureRandom random = new SecureRandom();

    /** One lock for some uploads each: a late part must not be written into what was completed meanwhile. */
    private final List<Object> locks =
            IntStream.range(0, LOCKS).mapToObj(i -> new Object()).toList();

    Uploads(Path folder, DurableFiles files, long partBytes) throws IOException {
        this.folder = folder;
        this.files = files;
        this.partBytes = partBytes;
        Files.createDirectories(folder);
    }

    String create(String key) throws IOException {
        byte[] id = new byte[16];
        random.nextBytes(id);
        String uploadId = HexFormat.of().formatHex(id);
        Path fresh = Files.createDirectory(files.newPath());
        files.write(fresh.resolve(KEY_FILE), key.getBytes(StandardCharsets.US_ASCII));
        Files.createFile(fresh.resolve(DATA_FILE));
        files.force(fresh);
        Files.move(fresh, folder.resolve(uploadId), StandardCopyOption.ATOMIC_MOVE);
        files.force(folder);
        return uploadId;
    }

    /**
     * Receives one part.
     *
     * @return its MD5 in hex
     */
    String receive(PartGrant grant, InputStream body) throws IOException {
        require(grant.key(), grant.uploadId());
        Path arriving = files.newPath();
        try {
            String md5 = PartBody.receive(body, arriving, grant.size(), grant.md5());
            synchronized (lock(grant.uploadId())) {
                Path upload = require(grant.key(), grant.uploadId());
                place(arriving, upload.resolve(DATA_FILE), (grant.part() - 1) * partBytes);
                Path record = files.newPath();
                files.write(record, (md5 + " " + grant.size()).getBytes(StandardCharsets.US_ASCII));
                Files.move(record, upload.resolve(recordName(grant.part())), StandardCopyOption.ATOMIC_MOVE);
                files.force(upload);
            }
            return md5;
        } finally {
            Files.deleteIfExists(arriving);
        }
    }

    /** Makes the object of its parts. Says {@code UPLOAD_GONE} when there is nothing to make it of. */
    void complete(String key, String uploadId, List<Part> parts, Path target) throws IOException {
        synchronized (lock(uploadId)) {
            Path upload = require(key, uploadId);
            Path data = upload.resolve(DATA_FILE);
            if (!Files.exists(data)) {
                // A crash came between renaming the data and clearing up.
                files.deleteFolder(upload);
                throw gone(key);
            }
            long size = check(upload, parts);
            try (FileChannel channel = FileChannel.open(data, StandardOpenOption.WRITE)) {
                channel.truncate(size);
                channel.force(true);
            }
            files.publish(data, target);
            files.deleteFolder(upload);
        }
    }

    void abort(String key, String uploadId) throws IOException {
        synchronized (lock(uploadId)) {
            try {
                files.deleteFolder(require(key, uploadId));
            } catch (StoreException e) {
                if (e.kind() != Kind.UPLOAD_GONE) {
                    throw e;
                }
            }
        }
    }

    List<OpenUpload> open(String prefix) throws IOException {
        List<OpenUpload> open = new ArrayList<>();
        try (Stream<Path> uploads = Files.list(folder)) {
            for (Path upload : uploads.toList()) {
                String uploadId = upload.getFileName().toString();
                try {
                    String key = Files.readString(upload.resolve(KEY_FILE), StandardCharsets.US_ASCII);
                    if (ID.matcher(uploadId).matches() && key.startsWith(prefix) && ObjectKeys.isKey(key)) {
                        open.add(new OpenUpload(
                                key,
                                uploadId,
                                Files.getLastModifiedTime(upload.resolve(KEY_FILE))
                                        .toInstant()));
                    }
                } catch (NoSuchFileException e) {
                    // Completed or aborted while we looked: not open any more.
                }
            }
        }
        return open;
    }

    /** The parts that arrived whole, by number. */
    List<Part> parts(String key, String uploadId) throws IOException {
        List<Part> parts = new ArrayList<>();
        try (Stream<Path> records = Files.list(require(key, uploadId))) {
            for (Path record : records.sorted().toList()) {
                String name = record.getFileName().toString();
                if (name.startsWith(RECORD_PREFIX)) {
                    String[] md5AndSize =
                            Files.readString(record, StandardCharsets.US_ASCII).split(" ", 2);
                    parts.add(new Part(
                            Integer.parseInt(name.substring(RECORD_PREFIX.length())),
                            Long.parseLong(md5AndSize[1]),
                            md5AndSize[0]));
                }
            }
        } catch (NoSuchFileException e) {
            // Completed or aborted while we looked.
            throw gone(key);
        }
        return parts;
    }

    private Path require(String key, String uploadId) throws IOException {
        Path upload = folder.resolve(ID.matcher(uploadId).matches() ? uploadId : "no-upload");
        try {
            if (Files.readString(upload.resolve(KEY_FILE), StandardCharsets.US_ASCII)
                    .equals(key)) {
                return upload;
            }
        } catch (NoSuchFileException e) {
            // Said below, as for an upload of another key.
        }
        throw gone(key);
    }

    /** Compares the parts with what arrived, and gives their size together. */
    private long check(Path upload, List<Part> parts) throws IOException {
        if (parts.isEmpty()) {
            throw refused("an upload has at least one part");
        }
        long size = 0;
        for (int i = 0; i < parts.size(); i++) {
            Part part = parts.get(i);
            if (part.number() != i + 1) {
                throw refused("the parts are not numbered one by one from 1");
            }
            if (i < parts.size() - 1 && part.size() != partBytes) {
                throw refused("part " + part.number() + " has not " + partBytes + " bytes, as all but the last must");
            }
            Path record = upload.resolve(recordName(part.number()));
            String expected = part.etag().replace("\"", "") + " " + part.size();
            if (!Files.exists(record)
                    || !Files.readString(record, StandardCharsets.US_ASCII).equals(expected)) {
                throw refused("part " + part.number() + " did not arrive so");
            }
            size += part.size();
        }
        return size;
    }

    private static void place(Path arrived, Path data, long offset) throws IOException {
        try (FileChannel from = FileChannel.open(arrived, StandardOpenOption.READ);
                FileChannel to = FileChannel.open(data, StandardOpenOption.WRITE)) {
            long size = from.size();
            for (long done = 0; done < size; ) {
                done += to.transferFrom(from.position(done), offset + done, size - done);
            }
            to.force(true);
        }
    }

    private static String recordName(int part) {
        return RECORD_PREFIX + String.format("%05d", part);
    }

    private Object lock(String uploadId) {
        return locks.get(Math.floorMod(uploadId.hashCode(), LOCKS));
    }

    private static StoreException gone(String key) {
        return new StoreException(Kind.UPLOAD_GONE, "there is no such upload of " + key, null);
    }

    private static StoreException refused(String message) {
        return new StoreException(Kind.REFUSED, message, null);
    }
}
