package io.holdfast.agent.adapter.rabbitmq;

import io.holdfast.agent.attempt.JobException;
import io.holdfast.format.json.Json;
import io.holdfast.protocol.FailureCode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A document of definitions without what a selection leaves out. Its end is reached only when the document is whole: it
 * is JSON to its end, has all kinds of definitions, and, if that is checked, none that refers to one that is missing. For
 * one thread.
 */
final class DefinitionsStream extends InputStream {
    /** What is kept. */
    interface Selection {
        Selection ALL = (kind, element) -> true;

        boolean keeps(Kind kind, JsonNode element);
    }

    private final DefinitionsReader reader;
    private final Selection selection;
    private final @Nullable References references;
    private final Map<Kind, Long> counts = new EnumMap<>(Kind.class);
    private final ByteArrayOutputStream next = new ByteArrayOutputStream();
    private byte[] bytes = new byte[0];
    private int position;
    private @Nullable Kind list;
    private boolean begun;
    private boolean firstElement;
    private boolean ended;

    private DefinitionsStream(InputStream document, Selection selection, @Nullable References references) {
        this.reader = new DefinitionsReader(document);
        this.selection = selection;
        this.references = references;
    }

    /** What a server sends. */
    static DefinitionsStream checked(InputStream document, Selection selection) {
        return new DefinitionsStream(document, selection, new References());
    }

    /** Some of a document that was checked before, which may refer to what is left out. */
    static DefinitionsStream part(InputStream document, Selection selection) {
        return new DefinitionsStream(document, selection, null);
    }

    /** How many of each kind there are; complete at the end. */
    Map<Kind, Long> counts() {
        return counts;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        while (position == bytes.length) {
            if (ended) {
                return -1;
            }
            next.reset();
            advance();
            bytes = next.toByteArray();
            position = 0;
        }
        int n = Math.min(length, bytes.length - position);
        System.arraycopy(bytes, position, into, offset, n);
        position += n;
        return n;
    }

    @Override
    public void close() throws IOException {
        reader.close();
    }

    private void advance() throws IOException {
        try {
            DefinitionsReader.Item item = reader.next();
            if (item == null) {
                end();
                return;
            }
            Kind kind = item.kind();
            JsonNode value = item.value();
            if (kind == null || value == null) {
                key(item.key());
                if (kind != null) {
                    counts.putIfAbsent(kind, 0L);
                    list = kind;
                    firstElement = true;
                    write("[");
                } else {
                    write(String.valueOf(value));
                }
            } else if (selection.keeps(kind, value)) {
                if (references != null) {
                    references.add(kind, value);
                }
                counts.merge(kind, 1L, Long::sum);
                write((firstElement ? "\n" : ",\n") + Json.mapper().writeValueAsString(value));
                firstElement = false;
            }
        } catch (DefinitionsReader.BrokenException e) {
            throw incomplete(e.getMessage() + "");
        }
    }

    private void key(String key) {
        write((begun ? (list == null ? "" : "]") + ",\n" : "{") + Json.mapper().writeValueAsString(key) + ":");
        list = null;
        begun = true;
    }

    private void end() throws JobException {
        for (Kind kind : Kind.values()) {
            if (!counts.containsKey(kind)) {
                throw incomplete("the definitions have no " + kind.key());
            }
        }
        String missing = references == null ? null : references.missing();
        if (missing != null) {
            throw incomplete("somebody changed definitions while they were read: " + missing);
        }
        write(list == null ? "}\n" : "]}\n");
        ended = true;
    }

    private void write(String text) {
        next.writeBytes(text.getBytes(StandardCharsets.UTF_8));
    }

    private static JobException incomplete(String message) {
        return new JobException(FailureCode.INCOMPLETE_DUMP, message);
    }
}
