package io.holdfast.agent.standin;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import io.holdfast.format.age.X25519Identity;
import io.holdfast.format.json.Json;
import io.holdfast.format.manifest.Manifest;
import io.holdfast.format.manifest.SignedManifest;
import io.holdfast.format.segment.SegmentList;
import io.holdfast.format.segment.SegmentSecret;
import io.holdfast.protocol.Assignment;
import io.holdfast.protocol.BackupResult;
import io.holdfast.protocol.BorrowedSegments;
import io.holdfast.protocol.Claim;
import io.holdfast.protocol.CutOver;
import io.holdfast.protocol.Heartbeat;
import io.holdfast.protocol.Hello;
import io.holdfast.protocol.JobFailure;
import io.holdfast.protocol.LentSegments;
import io.holdfast.protocol.Phase;
import io.holdfast.protocol.ProtocolVersion;
import io.holdfast.protocol.Refusal;
import io.holdfast.protocol.RestoreResult;
import io.holdfast.protocol.SegmentDownloads;
import io.holdfast.protocol.SegmentUploads;
import io.holdfast.protocol.Snapshots;
import io.holdfast.protocol.tls.PemFiles;
import io.holdfast.protocol.tls.TlsContexts;
import io.holdfast.testbed.Certificates;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Speaks the manager's side of the agent protocol over real HTTPS with client certificates, and keeps everything in
 * memory. It checks nothing but epochs. Tests put orders in and wait for what comes back.
 */
public final class StandInManager implements AutoCloseable {
    public static final String INSTANCE = "11111111-2222-3333-4444-555555555555";

    private final HttpsServer server;
    private final StandInStore store;
    private final Certificates certificates;
    private final X25519Identity identity = X25519Identity.generate(new SecureRandom());
    private final KeyPair signingKeys;
    private final BlockingQueue<Optional<Assignment>> orders = new LinkedBlockingQueue<>();
    private final BlockingQueue<Object> reports = new LinkedBlockingQueue<>();
    private final StandInLending lending = new StandInLending();
    private final Map<String, StandInBackup> backups = new ConcurrentHashMap<>();
    private final Map<Long, Assignment> running = new ConcurrentHashMap<>();
    private final BlockingQueue<Heartbeat> heartbeats = new LinkedBlockingQueue<>();
    private volatile @Nullable Hello hello;
    private volatile List<String> snapshots = List.of();
    private volatile @Nullable String snapshotsFailure;
    private volatile List<String> unneeded = List.of();
    private volatile boolean cancel;
    private volatile boolean fenced;
    private volatile @Nullable Integer protocol = ProtocolVersion.NEWEST;
    private volatile boolean refusesUnknownFields;
    private final AtomicInteger hellos = new AtomicInteger();
    private final AtomicInteger claims = new AtomicInteger();
    private final AtomicInteger busyForAddresses = new AtomicInteger();
    private final Semaphore addressesLetGo = new Semaphore(0);
    private volatile boolean hangsOverAddresses;
    private final List<Integer> uploadCalls = Collections.synchronizedList(new ArrayList<>());
    private final List<Integer> downloadCalls = Collections.synchronizedList(new ArrayList<>());
    private final Map<Long, Long> swapped = new ConcurrentHashMap<>();
    private volatile boolean silent;
    private volatile boolean wrongKeys;
    private final SegmentSecret secret = SegmentSecret.random(new SecureRandom());
    private volatile @Nullable SegmentSecret givenSecret = secret;
    private volatile int leaseSeconds = 30;
    private long jobs;

    public StandInManager(Path directory) throws IOException {
        this.certificates = new Certificates(directory.resolve("certificates"));
        this.store = new StandInStore(Files.createDirectories(directory.resolve("store")));
        try {
            this.signingKeys = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
            this.server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 100);
            this.server.setHttpsConfigurator(configurator());
        } catch (GeneralSecurityException e) {
            throw new IOException(e);
        }
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::handle);
        server.start();
    }

    public URI url() {
        return URI.create("https://127.0.0.1:" + server.getAddress().getPort());
    }

    public Certificates certificates() {
        return certificates;
    }

    public StandInStore store() {
        return store;
    }

    public StandInLending lending() {
        return lending;
    }

    public @Nullable Hello hello() {
        return hello;
    }

    /** What the agent said last about backups in the service's own repository. */
    public List<String> snapshots() {
        return snapshots;
    }

    /** Why the agent could not look there the last time. */
    public @Nullable String snapshotsFailure() {
        return snapshotsFailure;
    }

    /** What it is told to remove of them from now on. */
    public void unneeded(String... backups) {
        unneeded = List.of(backups);
    }

    /** The lease of orders from now on. */
    public void lease(int seconds) {
        leaseSeconds = seconds;
    }

    /** From now on heartbeats are answered with this. */
    public void cancel(boolean newCancel) {
        cancel = newCancel;
    }

    /** From now on everything about jobs is refused as fenced. */
    public void fence(boolean newFenced) {
        fenced = newFenced;
    }

    /** From now on it says that it speaks this protocol; nothing when that is null. */
    public void speak(@Nullable Integer newProtocol) {
        protocol = newProtocol;
    }

    /** From now on it refuses to be told a protocol, as managers of the first one do. */
    public void refuseUnknownFields(boolean newRefuses) {
        refusesUnknownFields = newRefuses;
    }

    /** How often an agent has said hello. */
    public int hellos() {
        return hellos.get();
    }

    /** From now on heartbeats fail with 503. */
    public void silence(boolean newSilent) {
        silent = newSilent;
    }

    /** The next so many calls for addresses are refused with 503. */
    public void haveNoTimeForAddresses(int calls) {
        busyForAddresses.set(calls);
    }

    /** From now on calls for addresses get no answer until they are let go. */
    public void hangOverAddresses() {
        hangsOverAddresses = true;
    }

    /** Answers all calls for addresses that hang; later ones do not. */
    public void letAddressesGo() {
        hangsOverAddresses = false;
        addressesLetGo.release(1000);
    }

    /** How many segments each call for addresses to store at had. */
    public List<Integer> uploadCalls() {
        return List.copyOf(uploadCalls);
    }

    /** How many segments each call for addresses to read from had. */
    public List<Integer> downloadCalls() {
        return List.copyOf(downloadCalls);
    }

    /** From now on two lines of the list have each other's place. */
    public void swapLines(long one, long other) {
        swapped.put(one, other);
        swapped.put(other, one);
    }

    /** From now on the agent is told another secret for the fingerprints; none when that is null. */
    public void giveSecret(@Nullable SegmentSecret newSecret) {
        givenSecret = newSecret;
    }

    /** From now on the keys are wrong. */
    public void giveWrongKeys() {
        wrongKeys = true;
    }

    /** Orders a backup. */
    public String orderBackup() {
        return orderBackup(null);
    }

    /** Orders a backup that may borrow from a finished one; from none when that is null. */
    public synchronized String orderBackup(@Nullable String lender) {
        long job = ++jobs;
        String backupId = "backup-" + job;
        orders.add(Optional.of(new Assignment.Backup(
                job,
                1,
                leaseSeconds,
                backupId,
                List.of(identity.recipient().toString()),
                Base64.getEncoder().encodeToString(secret.bytes()),
                lender == null ? null : lending.lender(lender, stored(lender)))));
        backups.put(backupId, new StandInBackup(backupId, store));
        return backupId;
    }

    /** Orders a restore of a finished backup. */
    public synchronized long orderRestore(String backupId, int rollbackHours) {
        return orderRestore(manifest(backupId), rollbackHours);
    }

    /** Orders a restore of a finished backup that leaves out what cannot come back. */
    public synchronized long orderRestoreThatSkips(String backupId) {
        return orderRestore(manifest(backupId), 24, true);
    }

    /** Orders a restore by a manifest that a test has made. */
    public synchronized long orderRestore(Manifest manifest, int rollbackHours) {
        return orderRestore(manifest, rollbackHours, null);
    }

    private long orderRestore(Manifest manifest, int rollbackHours, @Nullable Boolean skipBroken) {
        long job = ++jobs;
        String signed = new String(SignedManifest.sign(manifest, signingKeys), StandardCharsets.UTF_8);
        orders.add(Optional.of(new Assignment.Restore(
                job, 1, leaseSeconds, job, manifest.backupId(), signed, rollbackHours, skipBroken)));
        return job;
    }

    /** How many questions for a job have come. */
    public int claims() {
        return claims.get();
    }

    /** Answers a question for a job at once: there is none. */
    public void answerClaim() {
        orders.add(Optional.empty());
    }

    /** The key that opens the backups, as {@code age} takes it. */
    public String key() {
        return identity.encoded();
    }

    /** The manifest that a manager would write. */
    public Manifest manifest(String backupId) {
        BackupResult result = result(backupId);
        return new Manifest(
                Manifest.FORMAT,
                INSTANCE,
                backupId,
                1,
                Instant.now(),
                Instant.now(),
                Objects.requireNonNull(hello).service(),
                result.engineVersion(),
                Manifest.Life.UNRECORDED,
                1,
                List.of(identity.recipient().toString()),
                stored(backupId).artifacts(),
                stored(backupId).segments(),
                result.facts(),
                null,
                result.notes());
    }

    public BackupResult result(String backupId) {
        return stored(backupId).result();
    }

    /** Where a segment of a finished backup is stored. */
    public Path object(String backupId, String artifact, int position) {
        return stored(backupId).object(artifact, position);
    }

    /** How many segments were brought for a backup. */
    public int brought(String backupId) {
        return stored(backupId).brought();
    }

    /** The size of all objects of an artifact. */
    public long storedBytes(String backupId, String artifact) {
        return stored(backupId).storedBytes(artifact);
    }

    /** From now on the store refuses this segment of a backup that is ordered or runs. */
    public void refuseSegment(String backupId, int number) {
        store.refuse(stored(backupId).name(number));
    }

    private StandInBackup stored(String backupId) {
        StandInBackup backup = backups.get(backupId);
        if (backup == null) {
            throw new IllegalStateException("no such backup: " + backupId);
        }
        return backup;
    }

    /** The next report about the end of a job: a {@link BackupResult}, {@link RestoreResult} or {@link JobFailure}. */
    public Object report() throws InterruptedException {
        Object report = reports.poll(120, TimeUnit.SECONDS);
        if (report == null) {
            throw new IllegalStateException("no report came");
        }
        return report;
    }

    /** Whether no report came for some time. */
    public boolean silentFor(int seconds) throws InterruptedException {
        return reports.poll(seconds, TimeUnit.SECONDS) == null;
    }

    /** All heartbeats that have come and that nobody has looked at. */
    public List<Heartbeat> heartbeats() {
        List<Heartbeat> all = new ArrayList<>();
        heartbeats.drainTo(all);
        return all;
    }

    /** The next heartbeat in a phase. */
    public Heartbeat heartbeatIn(Phase phase) throws InterruptedException {
        while (true) {
            Heartbeat heartbeat = heartbeats.poll(60, TimeUnit.SECONDS);
            if (heartbeat == null) {
                throw new IllegalStateException("no heartbeat came in phase " + phase + "; reported: " + reports);
            }
            if (heartbeat.phase() == phase) {
                return heartbeat;
            }
        }
    }

    /** An artifact's plaintext. */
    public byte[] plaintext(String backupId, String artifact) throws IOException {
        return stored(backupId).plaintext(artifact, identity);
    }

    @Override
    public void close() {
        server.stop(0);
    }

    private void handle(HttpExchange exchange) throws IOException {
        List<String> path = Arrays.stream(exchange.getRequestURI().getPath().split("/"))
                .filter(part -> !part.isEmpty())
                .toList();
        try (exchange) {
            if (path.getFirst().equals("store")) {
                String object = String.join("/", path.subList(1, path.size()));
                if (exchange.getRequestMethod().equals("PUT")) {
                    store.put(exchange, object);
                } else {
                    store.get(exchange, object);
                }
            } else {
                byte[] body = exchange.getRequestBody().readAllBytes();
                agent(exchange, path.subList(2, path.size()), body);
            }
        } catch (IllegalArgumentException e) {
            answer(exchange, 400, new Refusal("BadRequest", String.valueOf(e.getMessage()), null));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void agent(HttpExchange exchange, List<String> path, byte[] body) throws IOException, InterruptedException {
        switch (path.getFirst()) {
            case "hello" -> {
                Hello said = read(body, Hello.class);
                hellos.incrementAndGet();
                if (refusesUnknownFields && said.protocol() != null) {
                    answer(exchange, 400, new Refusal("BadRequest", "unknown field 'protocol'", null));
                } else {
                    hello = said;
                    answer(exchange, 200, new Hello.Welcome(INSTANCE, 1, 2, protocol));
                }
            }
            case "snapshots" -> {
                Snapshots told = read(body, Snapshots.class);
                snapshots = told.backups();
                snapshotsFailure = told.failure();
                answer(exchange, 200, new Snapshots.Answer(unneeded));
            }
            case "claim" -> {
                claims.incrementAndGet();
                Optional<Assignment> order = orders.poll(read(body, Claim.class).waitSeconds(), TimeUnit.SECONDS);
                if (order == null || order.isEmpty()) {
                    exchange.sendResponseHeaders(204, -1);
                } else {
                    running.put(order.get().jobId(), order.get());
                    answer(exchange, 200, order.get());
                }
            }
            default -> job(exchange, Long.parseLong(path.get(1)), path.get(2), body);
        }
    }

    private void job(HttpExchange exchange, long job, String call, byte[] body)
            throws IOException, InterruptedException {
        Assignment order = running.get(job);
        if (fenced || order == null) {
            answer(exchange, 409, new Refusal(Refusal.FENCED, "not yours any more", null));
            return;
        }
        OptionalInt failure = lending.failure(call);
        if (failure.isPresent()) {
            String code = failure.getAsInt() == 409 ? Refusal.FENCED : "Failing";
            answer(exchange, failure.getAsInt(), new Refusal(code, "on request", null));
            return;
        }
        switch (call) {
            case "heartbeat" -> {
                if (silent) {
                    answer(exchange, 503, new Refusal("Unavailable", "silent on request", null));
                } else {
                    heartbeats.add(read(body, Heartbeat.class));
                    answer(exchange, 200, new Heartbeat.Ack(cancel, leaseSeconds));
                }
            }
            case "cut-over" -> {
                read(body, CutOver.class);
                answer(exchange, 200, new CutOver.Answer(cancel ? CutOver.Leave.CANCELLED : CutOver.Leave.GRANTED));
            }
            case "uploads" -> {
                SegmentUploads wish = read(body, SegmentUploads.class);
                uploadCalls.add(wish.segments().size());
                if (hasTime(exchange)) {
                    wish.segments().forEach(stored(backupId(order))::ask);
                    answer(exchange, 200, uploads(backupId(order), wish));
                }
            }
            case "lent" -> {
                LentSegments wish = lending.asked(read(body, LentSegments.class));
                if (hasTime(exchange)) {
                    answer(exchange, 200, lending.lent(lender(order), wish));
                }
            }
            case "borrowed" -> {
                BorrowedSegments told = lending.told(read(body, BorrowedSegments.class));
                if (hasTime(exchange)) {
                    lending.borrowed(stored(backupId(order)), lender(order), told);
                    answer(exchange, 200, Map.of());
                }
            }
            case "downloads" -> {
                SegmentDownloads wish = read(body, SegmentDownloads.class);
                downloadCalls.add(wish.count());
                if (hasTime(exchange)) {
                    answer(exchange, 200, downloads(stored(backupId(order)), wish));
                }
            }
            case "resume" -> {
                Assignment.Restore old = (Assignment.Restore) order;
                Assignment next = new Assignment.Restore(
                        old.jobId(),
                        old.epoch() + 1,
                        leaseSeconds,
                        old.restoreId(),
                        old.backupId(),
                        old.manifest(),
                        old.rollbackHours(),
                        old.skipBroken());
                running.put(job, next);
                answer(exchange, 200, next);
            }
            case "backup-complete" -> {
                BackupResult result = read(body, BackupResult.class);
                stored(backupId(order)).complete(result);
                end(exchange, job, result);
            }
            case "restore-complete" -> end(exchange, job, read(body, RestoreResult.class));
            case "fail" -> end(exchange, job, read(body, JobFailure.class));
            default -> answer(exchange, 404, new Refusal("NotFound", call, null));
        }
    }

    private void end(HttpExchange exchange, long job, Object report) throws IOException {
        running.remove(job);
        exchange.sendResponseHeaders(204, -1);
        reports.add(report);
    }

    private boolean hasTime(HttpExchange exchange) throws IOException, InterruptedException {
        if (hangsOverAddresses) {
            addressesLetGo.acquire();
        }
        if (busyForAddresses.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
            answer(exchange, 503, new Refusal("Busy", "no time on request", null));
            return false;
        }
        return true;
    }

    private SegmentUploads.Answer uploads(String backupId, SegmentUploads wish) {
        return new SegmentUploads.Answer(wish.segments().stream()
                .map(segment -> store.putAddress(
                        url() + "/store", stored(backupId).name(segment.number()), segment.bytes(), segment.md5()))
                .toList());
    }

    private SegmentDownloads.Answer downloads(StandInBackup backup, SegmentDownloads wish) throws IOException {
        List<SegmentDownloads.Segment> segments = new ArrayList<>();
        for (long asked = wish.first(); asked < wish.first() + wish.count(); asked++) {
            long line = swapped.getOrDefault(asked, asked);
            byte[] key = wrongKeys ? new byte[16] : backup.key(line, identity).bytes();
            String text = backup.text(line);
            segments.add(new SegmentDownloads.Segment(
                    text,
                    Base64.getEncoder().encodeToString(key),
                    store.getAddress(
                            url() + "/store", SegmentList.parse(text).name().path())));
        }
        SegmentSecret given = givenSecret;
        return new SegmentDownloads.Answer(
                given == null ? null : Base64.getEncoder().encodeToString(given.bytes()), segments);
    }

    private StandInBackup lender(Assignment order) {
        return stored(
                Objects.requireNonNull(((Assignment.Backup) order).lender()).backupId());
    }

    private static String backupId(Assignment order) {
        return switch (order) {
            case Assignment.Backup backup -> backup.backupId();
            case Assignment.Restore restore -> restore.backupId();
        };
    }

    private static <T> T read(byte[] body, Class<T> type) {
        return Json.mapper().readValue(body, type);
    }

    private static void answer(HttpExchange exchange, int status, Object body) throws IOException {
        // Written as its sealed type, so that the kind is in it.
        byte[] bytes = body instanceof Assignment
                ? Json.mapper().writerFor(Assignment.class).writeValueAsBytes(body)
                : Json.mapper().writeValueAsBytes(body);
        exchange.sendResponseHeaders(status, bytes.length);
        try (OutputStream out = exchange.getResponseBody()) {
            out.write(bytes);
        }
    }

    private HttpsConfigurator configurator() throws IOException, GeneralSecurityException {
        Certificates.Issued issued = certificates.server("manager");
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(PemFiles.keyStore(issued.certificateFile(), issued.privateKeyFile()), new char[0]);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), new TrustManager[] {TlsContexts.trusting(certificates.caFile())}, null);
        return new HttpsConfigurator(context) {
            @Override
            public void configure(HttpsParameters parameters) {
                SSLParameters ssl = context.getDefaultSSLParameters();
                ssl.setWantClientAuth(true);
                parameters.setSSLParameters(ssl);
            }
        };
    }
}
