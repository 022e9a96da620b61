package io.holdfast.agent.adapter.rabbitmq;

import io.holdfast.agent.attempt.JobException;
import io.holdfast.format.json.Json;
import io.holdfast.protocol.FailureCode;
import java.io.IOException;
import java.io.InputStream;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Which definitions a document has, and what they are as far as an import does not change it. */
final class Definitions {
    private final Map<String, String> fixed = new HashMap<>();
    private final Set<Kind> kinds = EnumSet.noneOf(Kind.class);
    private String largest = "";
    private int largestBytes;

    private Definitions() {}

    /** Takes one element. */
    interface Visitor {
        void element(Kind kind, JsonNode element) throws IOException;
    }

    static Definitions of(InputStream document) throws IOException {
        Definitions live = new Definitions();
        visit(document, live::add);
        return live;
    }

    private void add(Kind kind, JsonNode element) {
        fixed.put(kind.identify(element), kind.fixed(element));
        kinds.add(kind);
        int bytes = bytes(element);
        if (bytes > largestBytes) {
            largest = kind.describe(element);
            largestBytes = bytes;
        }
    }

    /** How long an element is in a document. */
    static int bytes(JsonNode element) {
        return Json.mapper().writeValueAsBytes(element).length;
    }

    /** Shows all elements of a document, and closes it; throws {@code CORRUPT} when it is not whole. */
    static void visit(InputStream document, Visitor visitor) throws IOException {
        items(document, item -> {
            if (item.kind() != null && item.value() != null) {
                visitor.element(item.kind(), item.value());
            }
        });
    }

    /** The same for what is no list of definitions, with its key. */
    static void visitOthers(InputStream document, BiConsumer<String, JsonNode> visitor) throws IOException {
        items(document, item -> {
            if (item.kind() == null && item.value() != null) {
                visitor.accept(item.key(), item.value());
            }
        });
    }

    private interface ItemVisitor {
        void item(DefinitionsReader.Item item) throws IOException;
    }

    private static void items(InputStream document, ItemVisitor visitor) throws IOException {
        try (DefinitionsReader reader = new DefinitionsReader(document)) {
            for (DefinitionsReader.Item item = reader.next(); item != null; item = reader.next()) {
                visitor.item(item);
            }
        } catch (DefinitionsReader.BrokenException e) {
            throw new JobException(FailureCode.CORRUPT, String.valueOf(e.getMessage()), null, e);
        }
    }

    /** The kinds of which there are any. */
    Set<Kind> kinds() {
        return kinds;
    }

    /** The largest element, for people. */
    String largest() {
        return largest;
    }

    int largestBytes() {
        return largestBytes;
    }

    boolean has(Kind kind, JsonNode element) {
        return fixed.containsKey(kind.identify(element));
    }

    /** How one that is there differs in what an import does not change; null when it does not, or is not there. */
    @Nullable String conflict(Kind kind, JsonNode element) {
        String is = fixed.get(kind.identify(element));
        String wanted = kind.fixed(element);
        return is == null || is.equals(wanted) ? null : kind.describe(element) + " has " + is + " instead of " + wanted;
    }
}
