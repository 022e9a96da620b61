package io.holdfast.manager.api;

import io.holdfast.format.json.Json;
import io.holdfast.manager.access.Callers;
import io.holdfast.manager.access.GuardedRoutes;
import io.holdfast.manager.access.Idempotency;
import io.holdfast.manager.access.Permissions;
import io.holdfast.manager.access.PlainPages;
import io.holdfast.manager.access.Rights;
import io.holdfast.manager.config.LoginConfig;
import io.holdfast.manager.config.ManagerConfig.User;
import io.holdfast.manager.http.Body;
import io.holdfast.manager.http.HttpError;
import io.holdfast.manager.http.Reply;
import io.holdfast.manager.http.Request;
import io.holdfast.manager.http.Router;
import io.holdfast.manager.identity.Attempts;
import io.holdfast.manager.identity.Logins;
import io.holdfast.manager.instance.Instances;
import io.holdfast.manager.sql.Database;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** Routes without their listener, and an operator who calls them. */
public final class TestRoutes {
    private final Router router = new Router();
    private final GuardedRoutes operators;

    public TestRoutes(Database database) {
        operators = new GuardedRoutes(
                router,
                new Callers(
                        List.of(new User("admin", "a long password")),
                        List.of(),
                        null,
                        new Attempts(Clock.systemUTC()),
                        new Logins(
                                database,
                                new LoginConfig(Duration.ofMinutes(30), Duration.ofHours(12), null),
                                null,
                                new SecureRandom(),
                                Clock.systemUTC()),
                        new Rights(new Instances(database), Permissions.NOBODYS)),
                new Idempotency(database),
                new PlainPages());
    }

    /** Where the routes under test are added. */
    public GuardedRoutes operators() {
        return operators;
    }

    public record Answer(int status, JsonNode json) {
        static Answer of(Reply reply) throws IOException {
            return new Answer(
                    reply.status(), Json.mapper().readTree(reply.body().readAllBytes()));
        }
    }

    /** An answer, also one that says no. */
    public Answer send(String method, String path, String body, String... header) throws Exception {
        try {
            return Answer.of(reply(method, path, "", body, header));
        } catch (HttpError e) {
            JsonNode told = Json.mapper().createObjectNode().put("description", String.valueOf(e.getMessage()));
            return new Answer(e.code().status(), told);
        }
    }

    /**
     * A reply.
     *
     * @throws HttpError when the answer is no
     */
    public Reply reply(String method, String path, String query, String body, String... header) throws Exception {
        String credentials =
                Base64.getEncoder().encodeToString("admin:a long password".getBytes(StandardCharsets.UTF_8));
        Map<String, String> headers =
                new HashMap<>(Map.of("Authorization", "Basic " + credentials, "Content-Type", "application/json"));
        if (header.length > 0) {
            headers.put(header[0], header[1]);
        }
        return router.handle(new Request(
                method,
                path,
                query,
                Map.of(),
                headers::get,
                Body.of(body.getBytes(StandardCharsets.UTF_8)),
                "127.0.0.1",
                List.of(),
                Request.Admission.NOTHING));
    }
}
