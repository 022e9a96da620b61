package io.holdfast.agent.adapter.search;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.format.json.Json;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is said of lifecycle policies, by what inventories tell of them. */
class LifecycleTest {
    @Test
    void e3_policiesThatMayDeleteRestoredIndexesAreNamedWithThem() {
        List<String> indices = new ArrayList<>();
        for (int i = 0; i < 7; i++) {
            indices.add(
                    index("logs-" + i, "{\"index.lifecycle.name\": \"a month\", \"index.number_of_shards\": \"1\"}"));
        }
        indices.add(index("orders", "{\"index.lifecycle.name\": \"a year\"}"));
        indices.add(index("plain", "{\"index.number_of_shards\": \"1\"}"));
        indices.add(index("of an earlier version", "null"));
        Inventory inventory = Json.mapper()
                .readValue(
                        "{\"indices\": {" + String.join(",", indices)
                                + "}, \"data_streams\": {}, \"definitions\": {\"kinds\": {}}}",
                        Inventory.class);
        assertThat(Lifecycle.notes(inventory))
                .satisfiesExactly(
                        note -> assertThat(note)
                                .startsWith("lifecycle policy a month of 7 indexes, such as logs-0, counts")
                                .contains("_ilm/stop"),
                        note -> assertThat(note).startsWith("lifecycle policy a year of the indexes orders counts"));
    }

    private static String index(String name, String ties) {
        return "\"" + name + "\": {\"closed\": false, \"blocks\": {}, \"aliases\": {}, \"ties\": " + ties + "}";
    }
}
