package io.holdfast.agent.standin;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Parts and objects as files, behind plain PUT and GET. It can misbehave on request. */
public final class StandInStore {
    /** How the next uploads go wrong. */
    public enum PutFault {
        NONE,
        UNAVAILABLE,
        EXPIRED,
        ERROR_INSIDE_200,
        WRONG_ETAG,
        HANGS,
        /** Takes the request, and nothing of its body. */
        READS_NOTHING
    }

    private final Path directory;
    private volatile PutFault fault = PutFault.NONE;
    private final AtomicInteger faultyPuts = new AtomicInteger();
    private final AtomicInteger brokenGets = new AtomicInteger();
    private final AtomicInteger puts = new AtomicInteger();
    private final AtomicInteger hangingGets = new AtomicInteger();
    private final Semaphore letGo = new Semaphore(0);

    StandInStore(Path directory) {
        this.directory = directory;
    }

    /** The next so many uploads go wrong. */
    public void failPuts(PutFault newFault, int count) {
        fault = newFault;
        faultyPuts.set(count);
    }

    /** The next so many downloads break off in their middle. */
    public void breakGets(int count) {
        brokenGets.set(count);
    }

    /** The next so many downloads hang. */
    public void hangGets(int count) {
        hangingGets.set(count);
    }

    /** Ends one transfer that hangs, without an answer. */
    public void letGo() {
        letGo.release();
    }

    /** Ends all uploads that hang, without an answer; later ones go well. */
    public void letUploadsGo() {
        faultyPuts.set(0);
        letGo.release(letGo.getQueueLength());
    }

    /** Uploads that were asked for, good or bad. */
    public int puts() {
        return puts.get();
    }

    /** Where an object lies. */
    public Path object(String backupId, String artifact, int segment) {
        return directory.resolve(backupId).resolve(artifact + "." + segment);
    }

    /** Puts the parts of an object together. */
    void complete(String backupId, String artifact, int segment, int parts) throws IOException {
        try (OutputStream out = Files.newOutputStream(object(backupId, artifact, segment))) {
            for (int part = 1; part <= parts; part++) {
                Path file = part(backupId, artifact, segment, part);
                Files.copy(file, out);
                Files.delete(file);
            }
        }
    }

    private Path part(String backupId, String artifact, int segment, int part) {
        return directory.resolve(backupId).resolve(artifact + "." + segment + ".part" + part);
    }

    /** {@code PUT /store/<backup>/<artifact>/<segment>/<part>}. */
    void put(HttpExchange exchange, List<String> path) throws IOException {
        puts.incrementAndGet();
        if (fault == PutFault.READS_NOTHING && faultyPuts.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
            hang();
            return;
        }
        byte[] body = exchange.getRequestBody().readAllBytes();
        PutFault now = faultyPuts.getAndUpdate(left -> Math.max(0, left - 1)) > 0 ? fault : PutFault.NONE;
        String etag = '"' + md5(body) + '"';
        switch (now) {
            case UNAVAILABLE -> answer(exchange, 503, "<Error><Code>SlowDown</Code></Error>");
            case EXPIRED -> answer(exchange, 403, "<Error><Code>AccessDenied</Code></Error>");
            case ERROR_INSIDE_200 -> {
                exchange.getResponseHeaders().add("ETag", etag);
                answer(exchange, 200, "<Error><Code>InternalError</Code></Error>");
            }
            case HANGS, READS_NOTHING -> hang();
            case WRONG_ETAG, NONE -> {
                Path file =
                        part(path.get(0), path.get(1), Integer.parseInt(path.get(2)), Integer.parseInt(path.get(3)));
                Files.createDirectories(file.resolveSibling("."));
                Files.write(file, body);
                exchange.getResponseHeaders().add("ETag", now == PutFault.NONE ? etag : '"' + "0".repeat(32) + '"');
                answer(exchange, 200, "");
            }
        }
    }

    /** {@code GET /store/<backup>/<artifact>/<segment>}, with ranges. */
    void get(HttpExchange exchange, List<String> path) throws IOException {
        Path file = object(path.get(0), path.get(1), Integer.parseInt(path.get(2)));
        if (!Files.exists(file)) {
            answer(exchange, 404, "<Error><Code>NoSuchKey</Code></Error>");
            return;
        }
        if (hangingGets.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
            hang();
        }
        String range = exchange.getRequestHeaders().getFirst("Range");
        long start = range == null ? 0 : Long.parseLong(range.replaceAll("\\D", ""));
        long size = Files.size(file);
        boolean breaks = brokenGets.getAndUpdate(left -> Math.max(0, left - 1)) > 0;
        exchange.sendResponseHeaders(start == 0 ? 200 : 206, size - start);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
                InputStream in = Channels.newInputStream(channel.position(start));
                OutputStream out = exchange.getResponseBody()) {
            if (breaks) {
                out.write(in.readNBytes((int) ((size - start) / 2)));
                throw new IOException("breaks off on request");
            }
            in.transferTo(out);
        }
    }

    /** All objects, and parts that were never completed. */
    public List<Path> files() {
        try (var found = Files.walk(directory)) {
            return found.filter(Files::isRegularFile).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void hang() {
        try {
            letGo.tryAcquire(10, TimeUnit.MINUTES);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void answer(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        try (OutputStream out = exchange.getResponseBody()) {
            out.write(bytes);
        }
    }

    private static String md5(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
