package io.holdfast.acceptance;

import io.holdfast.format.json.Json;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.function.Predicate;
import javax.net.ssl.SSLContext;
import tools.jackson.databind.JsonNode;

/** An operator's client of the manager's API. */
final class Api {
    private final HttpClient client;
    private final URI base;
    private final String authorization;

    Api(URI base, SSLContext tls, String user, String password) {
        this.client = HttpClient.newBuilder()
                .sslContext(tls)
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(Duration.ofSeconds(10))
                .build();
        this.base = base;
        this.authorization =
                "Basic " + Base64.getEncoder().encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8));
    }

    record Answer(int status, String text) {
        JsonNode json() {
            return Json.mapper().readTree(text);
        }
    }

    Answer get(String path) {
        return send("GET", path, "");
    }

    Answer post(String path) {
        return send("POST", path, "");
    }

    Answer send(String method, String path, String body, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(base.resolve(path))
                .timeout(Duration.ofMinutes(1))
                .header("Authorization", authorization)
                .method(method, HttpRequest.BodyPublishers.ofString(body));
        if (!body.isEmpty() && headers.length == 0) {
            request.header("Content-Type", "application/json");
        }
        if (headers.length > 0) {
            request.headers(headers);
        }
        return send(request.build());
    }

    Answer send(HttpRequest request) {
        try {
            HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
            return new Answer(response.statusCode(), response.body());
        } catch (IOException e) {
            return new Answer(0, String.valueOf(e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    URI base() {
        return base;
    }

    /** Starts a backup. Returns its number. */
    long startBackup(String instance) {
        Answer answer = post("/instances/" + instance + "/backups");
        if (answer.status() != 201) {
            throw new AssertionError("no backup: " + answer);
        }
        return answer.json().get("id").longValue();
    }

    /** Starts a backup that brings all of its segments. Returns its number. */
    long startFreshBackup(String instance) {
        Answer answer = send("POST", "/instances/" + instance + "/backups", "{\"fresh\": true}");
        if (answer.status() != 201) {
            throw new AssertionError("no backup: " + answer);
        }
        return answer.json().get("id").longValue();
    }

    /** Starts a restore. Returns its number. */
    long startRestore(String instance, long backup) {
        Answer answer = post("/instances/" + instance + "/backups/" + backup + "/restore");
        if (answer.status() != 202) {
            throw new AssertionError("no restore: " + answer);
        }
        return answer.json().get("id").longValue();
    }

    JsonNode backup(String instance, long number) {
        return get("/instances/" + instance + "/backups/" + number).json();
    }

    JsonNode restore(String instance, long number) {
        return get("/instances/" + instance + "/restores/" + number).json();
    }

    /** Waits until a backup has ended. */
    JsonNode awaitBackup(String instance, long number) {
        return await("/instances/" + instance + "/backups/" + number, Api::hasEnded);
    }

    /** Waits until a restore has ended. */
    JsonNode awaitRestore(String instance, long number) {
        return await("/instances/" + instance + "/restores/" + number, Api::hasEnded);
    }

    private static boolean hasEnded(JsonNode job) {
        String status = job.path("status").asString("");
        return status.equals("done") || status.equals("failed");
    }

    /** Looks again and again until an answer is as wanted. */
    JsonNode await(String path, Predicate<JsonNode> wanted) {
        JsonNode[] last = new JsonNode[1];
        Eventually.within(Duration.ofMinutes(2), () -> path + " is " + last[0], () -> {
            Answer answer = get(path);
            if (answer.status() != 200) {
                return false;
            }
            last[0] = answer.json();
            return wanted.test(last[0]);
        });
        return last[0];
    }
}
