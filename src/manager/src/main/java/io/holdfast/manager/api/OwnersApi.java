package io.holdfast.manager.api;

import static io.holdfast.manager.access.GuardedRoutes.BODY;

import io.holdfast.manager.access.GuardedRoutes;
import io.holdfast.manager.access.Right;
import io.holdfast.manager.http.ErrorCode;
import io.holdfast.manager.http.HttpError;
import io.holdfast.manager.http.Reply;
import io.holdfast.manager.http.Request;
import io.holdfast.manager.instance.Instance;
import io.holdfast.manager.registration.OwnerChanges;
import io.holdfast.manager.registration.OwnershipRefused;
import io.holdfast.manager.wire.Lookup;
import io.holdfast.manager.wire.Refusals;
import io.holdfast.manager.wire.Wire;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Whose instances are, see {@code docs/api.md}. */
public final class OwnersApi {
    private final Lookup lookup;
    private final OwnerChanges changes;

    public OwnersApi(Lookup lookup, OwnerChanges changes) {
        this.lookup = lookup;
        this.changes = changes;
    }

    /** Adds the routes. */
    public void addTo(GuardedRoutes routes) {
        routes.put("/instances/{id}/owner", Right.OPERATE, this::giveTo)
                .post("/owners/{owner}/hand-over", Right.OPERATE, this::giveAll);
    }

    /** Whose an instance is to be. */
    record OwnerChange(@Nullable JsonNode owner) {}

    private Reply giveTo(Request request) throws IOException {
        String id = request.variable("id");
        Lookup.requireId(id);
        // Also one of which only the tombstone is left: its id is taken as long.
        Instance instance = lookup.instances().findAlsoDeleted(id).orElseThrow(Lookup::noSuchInstance);
        JsonNode wanted = request.read(OwnerChange.class, BODY).owner();
        if (wanted == null || !(wanted.isNull() || wanted.isString())) {
            throw new HttpError(
                    ErrorCode.BAD_REQUEST,
                    "field 'owner' is missing or has the wrong type",
                    "name a broker or an operator, or null for nobody");
        }
        String owner = wanted.isNull() ? null : wanted.asString();
        try {
            changes.give(instance, owner);
        } catch (OwnershipRefused e) {
            throw Refusals.told(e);
        }
        return Reply.json(
                200, new Wire.Message(owner == null ? "instance has no owner" : "instance given to " + owner));
    }

    /** Who has the instances from now on. */
    record HandOver(@Nullable String to) {}

    /** How many were handed over. */
    record HandedOver(String message, int instances) {}

    private Reply giveAll(Request request) throws IOException {
        String from = request.variable("owner");
        String to = request.read(HandOver.class, BODY).to();
        if (to == null) {
            throw new HttpError(ErrorCode.BAD_REQUEST, "field 'to' is missing or has the wrong type");
        }
        try {
            int instances = changes.giveAll(from, to);
            return Reply.json(200, new HandedOver("instances of " + from + " given to " + to, instances));
        } catch (OwnershipRefused e) {
            throw Refusals.told(e);
        }
    }
}
