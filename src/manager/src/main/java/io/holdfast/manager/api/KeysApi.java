package io.holdfast.manager.api;

import static io.holdfast.manager.access.GuardedRoutes.BODY;
import static io.holdfast.manager.access.GuardedRoutes.readNothing;

import io.holdfast.format.instance.Custody;
import io.holdfast.manager.access.GuardedRoutes;
import io.holdfast.manager.access.Preparation.Prepared;
import io.holdfast.manager.access.Right;
import io.holdfast.manager.http.ErrorCode;
import io.holdfast.manager.http.HttpError;
import io.holdfast.manager.http.Reply;
import io.holdfast.manager.http.Request;
import io.holdfast.manager.instance.Instance;
import io.holdfast.manager.keys.EncryptionKeyRefused;
import io.holdfast.manager.keys.EncryptionKeys;
import io.holdfast.manager.keys.EncryptionKeys.Rotation;
import io.holdfast.manager.keys.KeyVersion;
import io.holdfast.manager.keys.KeyVersions;
import io.holdfast.manager.keys.Wrapped;
import io.holdfast.manager.wire.KeyViews;
import io.holdfast.manager.wire.Lookup;
import io.holdfast.manager.wire.Refusals;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** An instance's key versions, and the passphrase that its user sets, see {@code docs/api.md}. */
public final class KeysApi {
    private final Lookup lookup;
    private final KeyVersions versions;
    private final EncryptionKeys keys;

    public KeysApi(Lookup lookup, KeyVersions versions, EncryptionKeys keys) {
        this.lookup = lookup;
        this.versions = versions;
        this.keys = keys;
    }

    /** Adds the routes. */
    public void addTo(GuardedRoutes routes) {
        routes.get("/instances/{id}/keys", Right.SEE, this::list)
                .postPrepared("/instances/{id}/keys", Right.MANAGE, this::rotate)
                // For the manager's and the recovery identities, which are no user's.
                .get("/instances/{id}/keys/{version}/key.age", Right.OWN, request -> file(request, KeyVersion::wrapped))
                .get(
                        "/instances/{id}/keys/{version}/key.passphrase.age",
                        Right.MANAGE,
                        request -> file(request, KeyVersion::passphraseWrapped));
    }

    /** What a {@code PUT} of an instance wants of its passphrase. Nothing is changed yet, but it is checked. */
    EncryptionKeys.Change read(
            @Nullable String passphrase,
            @Nullable String current,
            @Nullable String custody,
            @Nullable Boolean confirmed) {
        EncryptionKeys.Change change = new EncryptionKeys.Change(
                passphrase,
                current,
                custody == null
                        ? null
                        : switch (custody) {
                            case "managed" -> Custody.MANAGED;
                            case "user" -> Custody.USER;
                            default ->
                                throw new HttpError(
                                        ErrorCode.BAD_REQUEST, "field 'custody' must be 'managed' or 'user'");
                        },
                Boolean.TRUE.equals(confirmed));
        try {
            keys.check(change);
        } catch (EncryptionKeyRefused e) {
            throw Refusals.told(e);
        }
        return change;
    }

    int minLength() {
        return keys.minLength();
    }

    /** How an instance's keys are kept. */
    KeyViews.PassphraseView standing(Instance instance) {
        EncryptionKeys.Standing standing = keys.standing(instance);
        return new KeyViews.PassphraseView(
                standing.isSet(), standing.custody() == Custody.MANAGED ? "managed" : "user");
    }

    private Reply list(Request request) throws IOException {
        Instance instance = lookup.instance(request);
        readNothing(request);
        List<KeyVersion> all = versions.list(instance.id());
        boolean stored = instance.revision() == instance.storedRevision();
        return Reply.json(
                200,
                all.stream()
                        .map(each -> view(each, each.version() == all.getFirst().version(), stored))
                        .toList());
    }

    /** The body of a rotation. */
    private record RotationRequest(@Nullable String encryptionKey) {}

    private Prepared rotate(Request request) throws IOException {
        Instance instance = lookup.active(request);
        RotationRequest body = request.read(RotationRequest.class, BODY);
        try {
            Rotation rotation = keys.rotation(instance, body.encryptionKey());
            return new Prepared("", _ -> Reply.json(201, view(added(rotation), true, false)));
        } catch (EncryptionKeyRefused e) {
            throw Refusals.told(e);
        }
    }

    private static KeyVersion added(Rotation rotation) {
        try {
            return rotation.add();
        } catch (EncryptionKeyRefused e) {
            throw Refusals.told(e);
        }
    }

    private static KeyViews.KeyView view(KeyVersion row, boolean current, boolean stored) {
        return new KeyViews.KeyView(
                row.version(),
                row.recipient(),
                row.createdAt(),
                current,
                row.managed(),
                row.passphraseWrapped() != null,
                stored);
    }

    private Reply file(Request request, Function<KeyVersion, @Nullable Wrapped> which) throws IOException {
        Instance instance = lookup.instance(request);
        long version = request.number("version");
        readNothing(request);
        return versions.list(instance.id()).stream()
                .filter(each -> each.version() == version)
                .findFirst()
                .map(which)
                .map(Wrapped::bytes)
                .filter(bytes -> bytes.length > 0)
                .map(bytes -> Reply.bytes(200, Map.of("Content-Type", "application/octet-stream"), bytes))
                .orElseThrow(() -> new HttpError(ErrorCode.NOT_FOUND, "there is no such key file"));
    }
}
