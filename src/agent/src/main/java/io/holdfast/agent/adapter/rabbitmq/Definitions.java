package io.holdfast.agent.adapter.rabbitmq;

import io.holdfast.agent.attempt.JobException;
import io.holdfast.protocol.FailureCode;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Which definitions a document has, and what they are as far as an import does not change it. */
final class Definitions {
    private final Map<String, String> fixed = new HashMap<>();

    private Definitions() {}

    /** Takes one element. */
    interface Visitor {
        void element(Kind kind, JsonNode element) throws IOException;
    }

    static Definitions of(InputStream document) throws IOException {
        Definitions live = new Definitions();
        visit(document, (kind, element) -> live.fixed.put(kind.identify(element), kind.fixed(element)));
        return live;
    }

    /** Shows all elements of a document, and closes it; throws {@code CORRUPT} when it is not whole. */
    static void visit(InputStream document, Visitor visitor) throws IOException {
        try (DefinitionsReader reader = new DefinitionsReader(document)) {
            for (DefinitionsReader.Item item = reader.next(); item != null; item = reader.next()) {
                if (item.kind() != null && item.value() != null) {
                    visitor.element(item.kind(), item.value());
                }
            }
        } catch (DefinitionsReader.BrokenException e) {
            throw new JobException(FailureCode.CORRUPT, String.valueOf(e.getMessage()), null, e);
        }
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
