package io.holdfast.agent.adapter.rabbitmq;

import io.holdfast.format.json.Json;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectReader;

/** Reads a document of definitions element by element. For one thread. */
final class DefinitionsReader implements AutoCloseable {
    private static final ObjectReader ELEMENTS =
            Json.mapper().readerFor(JsonNode.class).without(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    /**
     * A piece of the document.
     *
     * @param key of the list that it is in, or its own
     * @param kind null for what is no list of definitions, such as the server's version
     * @param value null when a list of definitions begins
     */
    record Item(String key, @Nullable Kind kind, @Nullable JsonNode value) {}

    /** The document is not one of definitions, or is incomplete. */
    static final class BrokenException extends Exception {
        private static final long serialVersionUID = 1L;

        BrokenException(String message) {
            super(message);
        }
    }

    private final InputStream in;
    private @Nullable JsonParser parser;
    private @Nullable Kind list;

    DefinitionsReader(InputStream in) {
        this.in = in;
    }

    /** The next item, or null at the document's end. */
    @Nullable Item next() throws IOException, BrokenException {
        try {
            return parse(open());
        } catch (JacksonException e) {
            if (e.getCause() instanceof IOException io) {
                throw io;
            }
            // Its message would quote the document.
            throw new BrokenException("the definitions are not a complete JSON document");
        }
    }

    @Override
    public void close() throws IOException {
        in.close();
    }

    private JsonParser open() throws BrokenException {
        JsonParser open = parser;
        if (open == null) {
            open = Json.mapper().createParser(in);
            parser = open;
            if (open.nextToken() != JsonToken.START_OBJECT) {
                throw new BrokenException("the definitions do not begin like a JSON object");
            }
        }
        return open;
    }

    private @Nullable Item parse(JsonParser open) throws BrokenException {
        JsonToken token = open.nextToken();
        Kind in = list;
        if (in != null && token == JsonToken.END_ARRAY) {
            list = null;
            token = open.nextToken();
        } else if (in != null) {
            JsonNode element = ELEMENTS.readValue(open);
            if (!element.isObject()) {
                throw new BrokenException("the definitions have a wrong element in " + in.key());
            }
            return new Item(in.key(), in, element);
        }
        if (token == JsonToken.END_OBJECT) {
            if (open.nextToken() != null) {
                throw new BrokenException("the definitions continue after their end");
            }
            return null;
        }
        String key = open.currentName();
        Kind kind = Kind.of(key).orElse(null);
        token = open.nextToken();
        if (kind == null) {
            return new Item(key, null, ELEMENTS.readValue(open));
        }
        if (token != JsonToken.START_ARRAY) {
            throw new BrokenException("the definitions have no list of " + key);
        }
        list = kind;
        return new Item(key, kind, null);
    }
}
