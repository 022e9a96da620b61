package io.holdfast.acceptance;

import io.holdfast.format.age.X25519Recipient;
import io.holdfast.format.json.Json;
import io.holdfast.format.segment.Fingerprints;
import io.holdfast.format.segment.SealedSegment;
import io.holdfast.format.segment.SegmentSealer;
import io.holdfast.format.segment.SegmentSecret;
import io.holdfast.format.segment.SegmentSizes;
import io.holdfast.protocol.BackupResult;
import io.holdfast.protocol.ProtocolVersion;
import io.holdfast.protocol.SegmentUploads;
import io.holdfast.protocol.tls.TlsContexts;
import io.holdfast.testbed.Certificates;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** Talks to the manager as an agent does, but says what a test wants. No process, no data service. */
final class AgentClient {
    static final String MEMORY =
            "{\"resident_bytes\":1,\"resident_with_children_bytes\":1,\"heap_bytes\":1,\"direct_bytes\":1}";
    private static final String SESSION = "session-of-a-test";

    private final Api api;

    AgentClient(Landscape landscape, String instance) {
        this(landscape, landscape.certificates().agent(instance, 0));
    }

    AgentClient(Landscape landscape, Certificates.Issued identity) {
        try {
            this.api = new Api(
                    landscape.agentsUri(),
                    TlsContexts.mutual(
                            landscape.certificates().caFile(), identity.certificateFile(), identity.privateKeyFile()),
                    "nobody",
                    "nothing");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String hello() {
        return "{\"session\":\"" + SESSION + "\",\"service\":\"postgresql\",\"version\":\"1\",\"host\":\"here\","
                + "\"server_version\":\"17.1\",\"tools\":[],\"warnings\":[],\"protocol\":" + ProtocolVersion.NEWEST
                + ",\"capabilities\":[\"backup\",\"restore\",\"format_2\",\"skip_broken\"]}";
    }

    static String claim(int waitSeconds) {
        return "{\"session\":\"" + SESSION + "\",\"wait_seconds\":" + waitSeconds + ",\"memory\":" + MEMORY + "}";
    }

    static String heartbeat(int epoch) {
        return "{\"epoch\":" + epoch + ",\"phase\":\"dumping\",\"detail\":null,\"bytes_in\":1,\"bytes_out\":1,"
                + "\"estimated_bytes\":null,\"memory\":" + MEMORY + "}";
    }

    /** Asks for the address of a segment, whose content need not be one: nobody opens it. */
    static String upload(int epoch, int number, byte[] content) {
        return upload(epoch, number, "0f".repeat(32), content, "A".repeat(43), "A".repeat(43));
    }

    private static String upload(int epoch, int number, String fingerprint, byte[] content, String share, String body) {
        SegmentUploads.Segment segment = new SegmentUploads.Segment(
                number,
                "app",
                number,
                fingerprint,
                content.length,
                HexFormat.of().formatHex(digest("SHA-256", content)),
                Base64.getEncoder().encodeToString(digest("MD5", content)),
                share,
                body);
        return Json.mapper().writeValueAsString(new SegmentUploads(epoch, List.of(segment)));
    }

    Api.Answer post(String path, String body) {
        return api.send("POST", path, body);
    }

    Api.Answer send(String method, String path, String body, String... headers) {
        return api.send(method, path, body, headers);
    }

    /** Says hello, waits for a job, and returns it. */
    JsonNode claimJob() {
        good(post("/agent/v1/hello", hello()));
        Api.Answer claimed = good(post("/agent/v1/claim", claim(20)));
        if (claimed.status() != 200) {
            throw new AssertionError("no job came: " + claimed);
        }
        return claimed.json();
    }

    /** An address to upload a segment to: the one after that of {@link #uploadBackup}. */
    String allowedUpload(JsonNode job, byte[] content) {
        return address(job, upload(job.get("epoch").intValue(), 1, content))
                .get("url")
                .asString();
    }

    private JsonNode address(JsonNode job, String upload) {
        return good(post(path(job, "uploads"), upload)).json().get("addresses").get(0);
    }

    /** Does a backup job with one small artifact, up to its report, which it returns. */
    String uploadBackup(JsonNode job) {
        byte[] plaintext = "a row".getBytes(StandardCharsets.UTF_8);
        SegmentSizes sizes = new SegmentSizes(SegmentSizes.SMALLEST_MEAN);
        SegmentSecret secret = SegmentSecret.of(
                Base64.getDecoder().decode(job.get("segment_secret").asString()));
        SealedSegment sealed = new SealedSegment(sizes);
        try (SegmentSealer sealer = new SegmentSealer(recipients(job), 1, new SecureRandom())) {
            sealer.seal(plaintext, plaintext.length, sealed);
        }
        byte[] content = Arrays.copyOf(sealed.buffer(), sealed.bytes());
        int epoch = job.get("epoch").intValue();
        JsonNode address = address(
                job,
                upload(
                        epoch,
                        0,
                        new Fingerprints(secret).of(plaintext, plaintext.length).hex(),
                        content,
                        sealed.key().share(),
                        sealed.key().body()));
        HttpRequest.Builder put = HttpRequest.newBuilder(
                        URI.create(address.get("url").asString()))
                .PUT(HttpRequest.BodyPublishers.ofByteArray(content));
        address.get("headers").properties().stream()
                .filter(header -> !header.getKey().equalsIgnoreCase("Content-Length"))
                .forEach(header -> put.header(header.getKey(), header.getValue().asString()));
        good(api.send(put.build()));
        return Json.mapper()
                .writeValueAsString(new BackupResult(
                        epoch,
                        "17.1",
                        List.of(new BackupResult.Artifact("app", "stream", "app", plaintext.length, sizes.mean(), 1)),
                        Map.of(),
                        List.of()));
    }

    private static List<X25519Recipient> recipients(JsonNode job) {
        List<X25519Recipient> recipients = new ArrayList<>();
        for (JsonNode recipient : job.get("recipients").values()) {
            try {
                recipients.add(X25519Recipient.parse(recipient.asString()));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return recipients;
    }

    static String path(JsonNode job, String call) {
        return "/agent/v1/jobs/" + job.get("job_id").longValue() + "/" + call;
    }

    private static Api.Answer good(Api.Answer answer) {
        if (answer.status() / 100 != 2) {
            throw new AssertionError("not accepted: " + answer);
        }
        return answer;
    }

    private static byte[] digest(String algorithm, byte[] content) {
        try {
            return MessageDigest.getInstance(algorithm).digest(content);
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }
}
