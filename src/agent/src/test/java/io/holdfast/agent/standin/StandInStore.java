package io.holdfast.agent.standin;

import com.sun.net.httpserver.HttpExchange;
import io.holdfast.format.segment.SegmentName;
import io.holdfast.protocol.Address;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Objects as files, behind plain PUT and GET at addresses that expire when a test says so. As a real store, it takes an object
 * only with the size and the MD5 that its address is for, and replaces it as a whole. It can misbehave on request.
 */
public final class StandInStore {
    /** How the next uploads go wrong. */
    public enum PutFault {
        NONE,
        UNAVAILABLE,
        EXPIRED,
        FORBIDDEN_METHOD,
        ERROR_INSIDE_200,
        WRONG_ETAG,
        HANGS,
        /** Takes the request, and nothing of its body. */
        READS_NOTHING,
        /** Stores the object, and closes the connection without an answer. */
        ANSWER_LOST
    }

    /** How the next downloads go wrong. */
    public enum GetFault {
        NONE,
        UNAVAILABLE,
        /** In the middle the connection is closed. */
        BREAKS,
        HANGS,
        /** In the middle nothing more comes. */
        STALLS
    }

    private final Path directory;
    private volatile PutFault fault = PutFault.NONE;
    private volatile GetFault getFault = GetFault.NONE;
    private final AtomicInteger faultyPuts = new AtomicInteger();
    private final AtomicInteger faultyGets = new AtomicInteger();
    private final AtomicInteger puts = new AtomicInteger();
    private final AtomicInteger putsAtOnce = new AtomicInteger();
    private final AtomicInteger mostPutsAtOnce = new AtomicInteger();
    private final AtomicInteger gets = new AtomicInteger();
    private final AtomicInteger generation = new AtomicInteger();
    private final Set<SegmentName> refused = ConcurrentHashMap.newKeySet();
    private final Semaphore letGo = new Semaphore(0);

    StandInStore(Path directory) {
        this.directory = directory;
    }

    /** The next so many uploads go wrong. */
    public void failPuts(PutFault newFault, int count) {
        fault = newFault;
        faultyPuts.set(count);
    }

    /** The next so many downloads go wrong. */
    public void failGets(GetFault newFault, int count) {
        getFault = newFault;
        faultyGets.set(count);
    }

    /** No address that was given before is good any more. */
    public void expireAddresses() {
        generation.incrementAndGet();
    }

    /** Uploads of this one are refused for good. */
    void refuse(SegmentName name) {
        refused.add(name);
    }

    /** Ends one transfer that hangs, without an answer. */
    public void letGo() {
        letGo.release();
    }

    /** Ends all transfers that hang, without an answer; later uploads go well. */
    public void letUploadsGo() {
        faultyPuts.set(0);
        letGo.release(letGo.getQueueLength());
    }

    /** Uploads that were asked for, good or bad. */
    public int puts() {
        return puts.get();
    }

    /** The most uploads that there were at the same time. */
    public int mostPutsAtOnce() {
        return mostPutsAtOnce.get();
    }

    /** Downloads that were asked for, good or bad. */
    public int gets() {
        return gets.get();
    }

    /** The instance's folder. */
    public Path directory() {
        return directory;
    }

    Path object(SegmentName name) {
        return directory.resolve(name.path());
    }

    /** Where a backup's list is; its folder is made. */
    Path list(String backupId) throws IOException {
        return Files.createDirectories(directory.resolve("backups").resolve(backupId))
                .resolve("segments.list");
    }

    /** How many bytes an object has; -1 when there is none. */
    long size(SegmentName name) throws IOException {
        return Files.exists(object(name)) ? Files.size(object(name)) : -1;
    }

    Address putAddress(String base, SegmentName name, int bytes, String md5) {
        return new Address(
                base + "/" + name.path() + "?" + generation,
                Map.of("Content-MD5", md5, "Content-Length", Integer.toString(bytes)));
    }

    Address getAddress(String base, String path) {
        return new Address(base + "/" + path + "?" + generation, Map.of());
    }

    private boolean expired(HttpExchange exchange) {
        return Integer.parseInt(exchange.getRequestURI().getQuery()) != generation.get();
    }

    private static boolean takesOne(AtomicInteger left) {
        return left.getAndUpdate(now -> Math.max(0, now - 1)) > 0;
    }

    void put(HttpExchange exchange, String path) throws IOException {
        puts.incrementAndGet();
        mostPutsAtOnce.accumulateAndGet(putsAtOnce.incrementAndGet(), Math::max);
        try {
            putNow(exchange, SegmentName.ofPath(path));
        } finally {
            putsAtOnce.decrementAndGet();
        }
    }

    private void putNow(HttpExchange exchange, SegmentName name) throws IOException {
        if (fault == PutFault.READS_NOTHING && takesOne(faultyPuts)) {
            hang();
            return;
        }
        byte[] body = exchange.getRequestBody().readAllBytes();
        PutFault now = takesOne(faultyPuts) ? fault : PutFault.NONE;
        byte[] md5 = md5(body);
        String etag = '"' + HexFormat.of().formatHex(md5) + '"';
        if (refused.contains(name)) {
            answer(exchange, 405, "<Error><Code>MethodNotAllowed</Code></Error>");
        } else if (expired(exchange)) {
            answer(exchange, 403, "<Error><Code>AccessDenied</Code></Error>");
        } else if (!Base64.getEncoder()
                .encodeToString(md5)
                .equals(exchange.getRequestHeaders().getFirst("Content-MD5"))) {
            answer(exchange, 400, "<Error><Code>BadDigest</Code></Error>");
        } else {
            switch (now) {
                case UNAVAILABLE -> answer(exchange, 503, "<Error><Code>SlowDown</Code></Error>");
                case EXPIRED -> answer(exchange, 403, "<Error><Code>AccessDenied</Code></Error>");
                case FORBIDDEN_METHOD -> answer(exchange, 405, "<Error><Code>MethodNotAllowed</Code></Error>");
                case ERROR_INSIDE_200 -> {
                    exchange.getResponseHeaders().add("ETag", etag);
                    answer(exchange, 200, "<Error><Code>InternalError</Code></Error>");
                }
                case HANGS, READS_NOTHING -> hang();
                case ANSWER_LOST -> store(name, body);
                case WRONG_ETAG, NONE -> {
                    store(name, body);
                    exchange.getResponseHeaders().add("ETag", now == PutFault.NONE ? etag : '"' + "0".repeat(32) + '"');
                    answer(exchange, 200, "");
                }
            }
        }
    }

    private void store(SegmentName name, byte[] body) throws IOException {
        Path object = object(name);
        Files.createDirectories(object.resolveSibling("."));
        Path partial = Files.createTempFile(object.resolveSibling("."), "put", "");
        Files.write(partial, body);
        Files.move(partial, object, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    void get(HttpExchange exchange, String path) throws IOException {
        gets.incrementAndGet();
        Path file = object(SegmentName.ofPath(path));
        if (expired(exchange)) {
            answer(exchange, 403, "<Error><Code>AccessDenied</Code></Error>");
            return;
        }
        if (!Files.exists(file)) {
            answer(exchange, 404, "<Error><Code>NoSuchKey</Code></Error>");
            return;
        }
        byte[] body = Files.readAllBytes(file);
        switch (takesOne(faultyGets) ? getFault : GetFault.NONE) {
            case UNAVAILABLE -> answer(exchange, 503, "<Error><Code>SlowDown</Code></Error>");
            case HANGS -> hang();
            case BREAKS -> {
                sendHalf(exchange, body);
                throw new IOException("breaks off on request");
            }
            case STALLS -> {
                sendHalf(exchange, body);
                hang();
            }
            case NONE -> {
                exchange.sendResponseHeaders(200, body.length);
                try (OutputStream out = exchange.getResponseBody()) {
                    out.write(body);
                }
            }
        }
    }

    private static void sendHalf(HttpExchange exchange, byte[] body) throws IOException {
        exchange.sendResponseHeaders(200, body.length);
        exchange.getResponseBody().write(body, 0, body.length / 2);
        exchange.getResponseBody().flush();
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

    private static byte[] md5(byte[] bytes) {
        try {
            return MessageDigest.getInstance("MD5").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
