package io.holdfast.acceptance;

import io.holdfast.format.age.X25519Recipient;
import io.holdfast.format.artifact.ArtifactSummary;
import io.holdfast.format.artifact.ArtifactWriter;
import io.holdfast.format.artifact.Settings;
import io.holdfast.protocol.tls.TlsContexts;
import io.holdfast.testbed.Certificates;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
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
                + "\"server_version\":\"17.1\",\"tools\":[],\"warnings\":[]}";
    }

    static String claim(int waitSeconds) {
        return "{\"session\":\"" + SESSION + "\",\"wait_seconds\":" + waitSeconds + ",\"memory\":" + MEMORY + "}";
    }

    static String heartbeat(int epoch) {
        return "{\"epoch\":" + epoch + ",\"phase\":\"dumping\",\"detail\":null,\"bytes_in\":1,\"bytes_out\":1,"
                + "\"estimated_bytes\":null,\"memory\":" + MEMORY + "}";
    }

    static String part(int epoch, byte[] content) {
        return "{\"epoch\":" + epoch + ",\"artifact\":\"app\",\"segment\":0,\"part\":1,\"size\":" + content.length
                + ",\"md5\":\"" + Base64.getEncoder().encodeToString(md5(content)) + "\"}";
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

    /** An address to upload a part to. */
    String allowedPart(JsonNode job, byte[] content) {
        return good(post(path(job, "parts"), part(job.get("epoch").intValue(), content)))
                .json()
                .get("url")
                .asString();
    }

    /** Does a backup job with one small artifact, up to its report, which it returns. */
    String uploadBackup(JsonNode job) {
        ByteArrayOutputStream sealed = new ByteArrayOutputStream();
        ArtifactSummary written;
        try {
            List<X25519Recipient> recipients = new ArrayList<>();
            for (JsonNode recipient : job.get("recipients").values()) {
                recipients.add(X25519Recipient.parse(recipient.asString()));
            }
            written = new ArtifactWriter(recipients, new Settings(1, 1, 1 << 24), new SecureRandom())
                    .write(new ByteArrayInputStream("a row".getBytes(StandardCharsets.UTF_8)), segment -> sealed);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
        byte[] content = sealed.toByteArray();
        JsonNode address = good(post(path(job, "parts"), part(job.get("epoch").intValue(), content)))
                .json();
        HttpRequest.Builder put = HttpRequest.newBuilder(
                        URI.create(address.get("url").asString()))
                .PUT(HttpRequest.BodyPublishers.ofByteArray(content));
        address.get("headers").properties().stream()
                .filter(header -> !header.getKey().equalsIgnoreCase("Content-Length"))
                .forEach(header -> put.header(header.getKey(), header.getValue().asString()));
        good(api.send(put.build()));
        return "{\"epoch\":" + job.get("epoch").intValue() + ",\"engine_version\":\"17.1\",\"artifacts\":[{"
                + "\"name\":\"app\",\"type\":\"stream\",\"source\":\"app\",\"plaintext_bytes\":"
                + written.plaintextBytes() + ",\"segments\":[{\"bytes\":" + content.length + ",\"sha256\":\""
                + written.segments().getFirst().sha256() + "\",\"parts\":1}]}],\"facts\":{}}";
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

    private static byte[] md5(byte[] content) {
        try {
            return MessageDigest.getInstance("MD5").digest(content);
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }
}
