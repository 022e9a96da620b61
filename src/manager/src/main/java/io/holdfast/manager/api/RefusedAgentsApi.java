package io.holdfast.manager.api;

import static io.holdfast.manager.access.GuardedRoutes.BODY;
import static io.holdfast.manager.access.GuardedRoutes.readNothing;

import io.holdfast.manager.access.Access;
import io.holdfast.manager.access.GuardedRoutes;
import io.holdfast.manager.access.Right;
import io.holdfast.manager.agents.AgentIdentity;
import io.holdfast.manager.agents.RefusedAgents;
import io.holdfast.manager.agents.RefusedAgents.Kind;
import io.holdfast.manager.assignment.AgentRefusals;
import io.holdfast.manager.http.ErrorCode;
import io.holdfast.manager.http.HttpError;
import io.holdfast.manager.http.Reply;
import io.holdfast.manager.http.Request;
import io.holdfast.manager.wire.Wire;
import java.io.IOException;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Locks agents and certificates out, such as stolen ones, and lets them in again. It counts at once, at all managers. */
public final class RefusedAgentsApi {
    private static final String ROUTE = "/agents/refused/{kind}/{value}";
    private static final Pattern SERIAL = Pattern.compile("[0-9a-f]{1,40}");
    private static final Pattern FINGERPRINT = Pattern.compile("[0-9a-f]{64}");
    private static final int LONGEST_REASON = 500;

    private final RefusedAgents refused;
    private final AgentRefusals refusals;

    public RefusedAgentsApi(RefusedAgents refused, AgentRefusals refusals) {
        this.refused = refused;
        this.refusals = refusals;
    }

    /** Adds the routes. */
    public void addTo(GuardedRoutes routes) {
        routes.get("/agents/refused", Right.OPERATE, request -> {
                    readNothing(request);
                    return Reply.json(200, refused.list());
                })
                .put(ROUTE, Right.OPERATE, this::refuse)
                .delete(ROUTE, Right.OPERATE, this::allow);
    }

    /** The body of a refusal. */
    record Refusal(@Nullable String reason) {}

    private Reply refuse(Access access, Request request) throws IOException {
        Kind kind = kind(request);
        String value = value(kind, request.variable("value"));
        String reason = request.read(Refusal.class, BODY).reason();
        if (reason == null || reason.isBlank() || reason.length() > LONGEST_REASON) {
            throw new HttpError(
                    ErrorCode.BAD_REQUEST, "field 'reason' must be a text of 1 to " + LONGEST_REASON + " characters");
        }
        refusals.refuse(kind, value, reason, access.caller().id());
        return Reply.json(200, new Wire.Message("refused"));
    }

    private Reply allow(Request request) throws IOException {
        readNothing(request);
        Kind kind = kind(request);
        String value = value(kind, request.variable("value"));
        refusals.allow(kind, value);
        return Reply.json(200, new Wire.Message("allowed"));
    }

    private static Kind kind(Request request) {
        return switch (request.variable("kind")) {
            case "instance" -> Kind.INSTANCE;
            case "serial" -> Kind.SERIAL;
            case "fingerprint" -> Kind.FINGERPRINT;
            default ->
                throw new HttpError(
                        ErrorCode.NOT_FOUND, "there is no such path", "use instance, serial or fingerprint");
        };
    }

    /** As it is in the database, from any of the forms in which programs print it. */
    private static String value(Kind kind, String text) {
        if (kind == Kind.INSTANCE) {
            if (!AgentIdentity.INSTANCE_ID.matcher(text).matches()) {
                throw new HttpError(ErrorCode.BAD_REQUEST, "'value' in the path is not an instance's id");
            }
            return text;
        }
        String digits = text.replace(":", "").toLowerCase(Locale.ROOT);
        boolean good =
                (kind == Kind.SERIAL ? SERIAL : FINGERPRINT).matcher(digits).matches();
        if (!good) {
            throw new HttpError(
                    ErrorCode.BAD_REQUEST,
                    "'value' in the path is not a certificate's " + kind.name().toLowerCase(Locale.ROOT),
                    "openssl x509 -in FILE -noout -serial -fingerprint -sha256");
        }
        String shortest = digits.replaceFirst("^0+(?=.)", "");
        return kind == Kind.SERIAL ? shortest : digits;
    }
}
