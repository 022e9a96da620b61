package io.holdfast.agent.adapter.search;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.format.json.Json;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What of an engine's definitions is kept, also of inventories that were written before. */
class DefinitionsTest {
    @Test
    void e1_whatAnEngineOnlyTellsIsNotPut() {
        JsonNode told = json("""
                {"description": "p", "processors": [{"set": {"field": "created_date", "value": 1}}], "version": 3,
                 "created_date_millis": 1, "created_date": "2026", "modified_date_millis": 2, "modified_date": "2026"}""");
        JsonNode put = json("""
                {"description": "p", "processors": [{"set": {"field": "created_date", "value": 1}}], "version": 3}""");
        for (String kind : new String[] {"_ingest/pipeline", "_component_template", "_index_template"}) {
            Definitions definitions = Json.mapper()
                    .readValue(
                            Json.mapper().writeValueAsString(Map.of("kinds", Map.of(kind, Map.of("p", told)))),
                            Definitions.class);
            assertThat(definitions.kinds().get(kind)).isEqualTo(Map.of("p", put));
        }
    }

    private static JsonNode json(String text) {
        return Json.mapper().readTree(text);
    }
}
