package io.holdfast.manager.downloads;

import io.holdfast.manager.http.ErrorCode;
import io.holdfast.manager.http.HttpError;
import io.holdfast.manager.http.RefusalLog;
import io.holdfast.manager.http.Reply;
import io.holdfast.manager.http.Request;
import io.holdfast.manager.http.Router;
import io.holdfast.manager.layout.StoreLayout;
import io.holdfast.manager.store.StoreException;
import io.holdfast.manager.store.directory.DirectoryStore;
import io.holdfast.manager.store.directory.SignedRead;
import java.util.HashMap;
import java.util.Map;

/**
 * The directory store's signed addresses: whoever has one can send that object, or read that object, and nothing else. No
 * certificate is asked for, as with any store's presigned addresses.
 */
public final class DirectoryTransfers {
    /** What the addresses' paths begin with. */
    public static final String PATH = "/store";

    private final DirectoryStore store;

    public DirectoryTransfers(DirectoryStore store) {
        this.store = store;
    }

    /** Adds the routes. */
    public void addTo(Router router) {
        addDownloadsTo(router);
        router.add("PUT", PATH + "/{path*}", this::receive);
    }

    /** Adds only what reads. */
    public void addDownloadsTo(Router router) {
        router.add("GET", PATH + "/{path*}", this::send);
    }

    private Reply receive(Request request) {
        String length = request.headers().get("Content-Length");
        if (length == null || !length.matches("[0-9]{1,18}")) {
            throw new HttpError(ErrorCode.BAD_REQUEST, "the header Content-Length is missing");
        }
        try {
            store.requireSigned(request.variable("path"), request.query());
            request.known(owner(request));
            String md5 = store.receive(
                    request.variable("path"),
                    request.query(),
                    request.headers().get("Content-MD5"),
                    Long.parseLong(length),
                    request.body().stream());
            return Reply.bytes(200, Map.of("ETag", "\"" + md5 + "\""), new byte[0]);
        } catch (StoreException e) {
            throw told(request, e);
        }
    }

    private Reply send(Request request) {
        try {
            SignedRead read = store.open(
                    request.variable("path"), request.query(), request.headers().get("Range"));
            request.known(owner(request));
            Map<String, String> headers = new HashMap<>(Map.of("Content-Type", "application/octet-stream"));
            if (read.partial()) {
                headers.put("Content-Range", read.contentRange());
            }
            return new Reply(read.partial() ? 206 : 200, headers, read.content(), read.length());
        } catch (StoreException e) {
            throw told(request, e);
        }
    }

    /** Whoever has an address of an instance's object is as good as another who has one. */
    private static String owner(Request request) {
        return "store of " + StoreLayout.owner(request.variable("path"));
    }

    private static HttpError told(Request request, StoreException e) {
        if (e.kind() == StoreException.Kind.DENIED) {
            RefusalLog.refused(request, "an address of the store", String.valueOf(e.getMessage()));
        }
        ErrorCode code = switch (e.kind()) {
            case DENIED -> ErrorCode.FORBIDDEN;
            case NOT_FOUND -> ErrorCode.NOT_FOUND;
            case CORRUPT, REFUSED -> ErrorCode.BAD_REQUEST;
            case FULL -> ErrorCode.STORE_FULL;
            case PASSING -> ErrorCode.STORE_UNAVAILABLE;
        };
        return new HttpError(code, String.valueOf(e.getMessage()));
    }
}
