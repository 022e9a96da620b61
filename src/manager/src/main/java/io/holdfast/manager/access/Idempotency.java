package io.holdfast.manager.access;

import io.holdfast.manager.access.AnswerTable.Answer;
import io.holdfast.manager.http.ErrorCode;
import io.holdfast.manager.http.HttpError;
import io.holdfast.manager.http.Reply;
import io.holdfast.manager.http.Request;
import io.holdfast.manager.http.Route;
import io.holdfast.manager.instance.Instance;
import io.holdfast.manager.instance.Instances;
import io.holdfast.manager.sql.Database;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Gives a repeated request with the same {@code Idempotency-Key} the same answer, instead of doing it again. What the
 * request does and the note of its answer are one transaction, so there is no crash between them.
 */
public final class Idempotency {
    private static final Pattern KEY = Pattern.compile("[\\x21-\\x7e]{1,128}");

    private final Database database;
    private final Instances instances;
    private final AnswerTable answers;

    public Idempotency(Database database) {
        this.database = database;
        this.instances = new Instances(database);
        this.answers = new AnswerTable(database);
    }

    /**
     * Handles a {@code POST} whose effects are in the database alone.
     *
     * @param instanceId the instance's that alone it is about, or null
     */
    Reply handle(String caller, @Nullable String instanceId, Request request, Route route) throws Exception {
        byte[] body = request.bytes(GuardedRoutes.BODY);
        String key = request.headers().get("Idempotency-Key");
        if (key != null && !KEY.matcher(key).matches()) {
            throw new HttpError(
                    ErrorCode.BAD_REQUEST, "the header Idempotency-Key must be 1 to 128 printable ASCII characters");
        }
        Optional<Instance> instance = instanceId == null ? Optional.empty() : instances.find(instanceId);
        return inTransaction(instance, () -> {
            // A transaction may be run again: each time with the whole body.
            Request whole = request.withBody(body);
            return key == null ? route.handle(whole) : once(caller, key, whole, body, route);
        });
    }

    private Reply once(String caller, String key, Request request, byte[] body, Route route) throws Exception {
        String hash = hash(request, body);
        Optional<Answer> kept = answers.find(caller, key);
        if (kept.isPresent()) {
            if (!kept.get().request().equals(hash)) {
                throw new HttpError(
                        ErrorCode.IDEMPOTENCY_KEY_REUSED,
                        "this Idempotency-Key was already used for a different request",
                        "use a new key for each new request");
            }
            return Reply.bytes(
                    kept.get().status(),
                    Map.of("Content-Type", "application/json"),
                    kept.get().body().getBytes(StandardCharsets.UTF_8));
        }
        Reply reply = route.handle(request);
        String content = new String(reply.body().readAllBytes(), StandardCharsets.UTF_8);
        answers.keep(caller, key, new Answer(hash, reply.status(), content));
        return Reply.bytes(reply.status(), reply.headers(), content.getBytes(StandardCharsets.UTF_8));
    }

    private Reply inTransaction(Optional<Instance> instance, Work work) throws Exception {
        Supplier<Reply> run = () -> {
            try {
                return work.run();
            } catch (RuntimeException e) {
                throw e;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        };
        return instance.isPresent() ? database.transaction(instance.get().id(), run) : database.transaction(run);
    }

    private static String hash(Request request, byte[] body) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update((request.method() + " " + request.path() + "?" + request.query() + "\n")
                    .getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest.digest(body));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private interface Work {
        Reply run() throws Exception;
    }
}
