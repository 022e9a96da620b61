package io.holdfast.manager.dashboard;

import io.holdfast.manager.http.ErrorCode;
import io.holdfast.manager.http.HttpError;
import io.holdfast.manager.http.Reply;
import io.holdfast.manager.http.Request;
import io.holdfast.manager.http.Router;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;

/**
 * The style sheet and the scripts. Their addresses have a hash of their content in them, so browsers may keep them for
 * ever. Anybody may have them.
 */
final class Assets {
    private static final String PATH = "/assets/";
    private static final String STYLE = "text/css; charset=utf-8";
    private static final String SCRIPT = "text/javascript; charset=utf-8";

    private record Asset(String type, String content) {}

    private final Map<String, Asset> byName = new HashMap<>();

    /** Address of the style sheet. */
    final String style = add("dashboard.css", STYLE);
    /** Address of the dashboard's own script. */
    final String script = add("dashboard.js", SCRIPT);
    /** Address of htmx. */
    final String htmx = add("htmx-2.0.11.min.js", SCRIPT);
    /** Address of the icon. */
    final String icon = add("icon.svg", "image/svg+xml");

    private String add(String file, String type) {
        try (InputStream resource = Assets.class.getResourceAsStream(file)) {
            if (resource == null) {
                throw new IllegalStateException("the program lacks its file " + file);
            }
            byte[] content = resource.readAllBytes();
            String hash = HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(content), 0, 8);
            int ending = file.lastIndexOf('.');
            String name = file.substring(0, ending) + "." + hash + file.substring(ending);
            byName.put(name, new Asset(type, new String(content, StandardCharsets.UTF_8)));
            return PATH + name;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    void addTo(Router router) {
        router.add("GET", PATH + "{name}", this::show);
    }

    private Reply show(Request request) {
        Asset asset = byName.get(request.variable("name"));
        if (asset == null) {
            throw new HttpError(ErrorCode.NOT_FOUND, "there is no such file");
        }
        return Reply.bytes(
                200,
                Map.of("Content-Type", asset.type(), "Cache-Control", "public, max-age=31536000, immutable"),
                asset.content().getBytes(StandardCharsets.UTF_8));
    }
}
