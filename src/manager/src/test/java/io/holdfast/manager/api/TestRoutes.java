package io.holdfast.manager.api;

import io.holdfast.format.json.Json;
import io.holdfast.manager.config.ManagerConfig.Operator;
import io.holdfast.manager.database.Answers;
import io.holdfast.manager.database.Database;
import io.holdfast.manager.http.HttpError;
import io.holdfast.manager.http.Reply;
import io.holdfast.manager.http.Request;
import io.holdfast.manager.http.Router;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** Routes without their listener, and an operator who calls them. */
final class TestRoutes {
    private final Router router = new Router();
    private final OperatorRoutes operators;

    TestRoutes(Database database) {
        operators = new OperatorRoutes(
                router,
                new Callers(List.of(new Operator("admin", "a long password"))),
                new Idempotency(database, new Answers(database)));
    }

    /** Where the routes under test are added. */
    OperatorRoutes operators() {
        return operators;
    }

    record Answer(int status, JsonNode json) {
        static Answer of(Reply reply) throws IOException {
            return new Answer(
                    reply.status(), Json.mapper().readTree(reply.body().readAllBytes()));
        }
    }

    /** An answer, also one that says no. */
    Answer send(String method, String path, String body) throws Exception {
        try {
            return Answer.of(reply(method, path, "", body));
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
    Reply reply(String method, String path, String query, String body) throws Exception {
        String credentials =
                Base64.getEncoder().encodeToString("admin:a long password".getBytes(StandardCharsets.UTF_8));
        Map<String, String> headers =
                Map.of("Authorization", "Basic " + credentials, "Content-Type", "application/json");
        return router.handle(new Request(
                method,
                path,
                query,
                Map.of(),
                headers::get,
                new ByteArrayInputStream(body.getBytes(StandardCharsets.UTF_8)),
                List.of()));
    }
}
