package io.holdfast.manager.api;

import io.holdfast.manager.http.Reply;
import io.holdfast.manager.http.Router;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;

/** Serves the description of the API for programs, {@code openapi.yaml}. Nothing in it is secret: anybody may read it. */
public final class OpenApi {
    private static final String FILE = "openapi.yaml";
    private static final Map<String, String> TYPE = Map.of("Content-Type", "application/yaml");

    private final byte[] document;

    /** Reads the document. */
    public OpenApi() {
        try (InputStream in = OpenApi.class.getResourceAsStream(FILE)) {
            if (in == null) {
                throw new IllegalStateException(FILE + " is not in this program");
            }
            this.document = in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Adds the route. */
    public void addTo(Router router) {
        router.add("GET", "/" + FILE, request -> Reply.bytes(200, TYPE, document));
    }
}
