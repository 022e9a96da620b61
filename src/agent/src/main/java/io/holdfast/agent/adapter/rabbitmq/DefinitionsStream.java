package io.holdfast.agent.adapter.rabbitmq;

import io.holdfast.agent.attempt.JobException;
import io.holdfast.format.json.Json;
import io.holdfast.protocol.FailureCode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A document of definitions without what a selection leaves out. Its end is reached only when the document is whole: it
 * is JSON to its end, has all kinds of definitions, and, if that is checked, none that refers to one that is missing. What
 * the server's own lists have beside it is added. For one thread.
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
    private final @Nullable ServerLists lists;
    private final @Nullable Translation translation;
    private final Map<Kind, Long> counts = new EnumMap<>(Kind.class);
    private final ByteArrayOutputStream next = new ByteArrayOutputStream();
    private byte[] bytes = new byte[0];
    private int position;
    private @Nullable Kind list;
    private boolean begun;
    private boolean firstElement;
    private boolean ended;

    private DefinitionsStream(
            InputStream document,
            Selection selection,
            @Nullable References references,
            @Nullable ServerLists lists,
            @Nullable Translation translation) {
        this.reader = new DefinitionsReader(document);
        this.selection = selection;
        this.references = references;
        this.lists = lists;
        this.translation = translation;
    }

    /**
     * What a server sends.
     *
     * @param lists what it has, to complete it; null to take it as it is
     */
    static DefinitionsStream checked(InputStream document, Selection selection, @Nullable ServerLists lists) {
        return new DefinitionsStream(document, selection, new References(), lists, null);
    }

    /** Some of a document that was checked before, which may refer to what is left out, as another server takes it. */
    static DefinitionsStream translated(InputStream document, Selection selection, Translation translation) {
        return new DefinitionsStream(document, selection, null, null, translation);
    }

    /** What people should know of it; complete at the end. */
    List<String> notes() {
        return lists == null ? List.of() : lists.notes();
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
            } else if (selection.keeps(kind, value) && (lists == null || !lists.passes(kind, value))) {
                JsonNode kept = translation == null ? value : translation.translate(kind, value);
                if (kept != null) {
                    element(kind, lists == null ? kept : lists.seen(kind, kept));
                }
            }
        } catch (DefinitionsReader.BrokenException e) {
            throw incomplete(e.getMessage() + "");
        }
    }

    private void element(Kind kind, JsonNode value) {
        if (references != null) {
            references.add(kind, value);
        }
        counts.merge(kind, 1L, Long::sum);
        write((firstElement ? "\n" : ",\n") + Json.mapper().writeValueAsString(value));
        firstElement = false;
    }

    /** Adds to the list that is over what the server has beside it. */
    private void completeList() throws IOException {
        Kind over = list;
        if (over != null && lists != null) {
            for (JsonNode lacking : lists.lacking(over)) {
                element(over, lacking);
            }
        }
    }

    private void key(String key) throws IOException {
        completeList();
        write((begun ? (list == null ? "" : "]") + ",\n" : "{") + Json.mapper().writeValueAsString(key) + ":");
        list = null;
        begun = true;
    }

    private void end() throws IOException {
        completeList();
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
