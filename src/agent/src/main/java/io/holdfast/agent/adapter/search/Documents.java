package io.holdfast.agent.adapter.search;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/**
 * How many documents an index has, nested ones included.
 *
 * @param count in all primary shards
 * @param sequence the number of each shard's last operation: while it stays, nobody has written
 */
record Documents(long count, List<Long> sequence) {
    Documents {
        sequence = List.copyOf(sequence);
    }

    /** Of those of the given indexes that are there and open. What was written before is counted. */
    static Map<String, Documents> of(RestClient rest, Collection<String> indices) throws IOException {
        Map<String, Documents> found = new TreeMap<>();
        for (String list : RestClient.lists(indices)) {
            rest.post("/" + list + "/_refresh?ignore_unavailable=true", null);
            JsonNode stats = rest.get("/" + list + "/_stats/docs?level=shards&ignore_unavailable=true&filter_path="
                    + "indices.*.primaries.docs.count,indices.*.shards.*.seq_no.max_seq_no");
            stats.path("indices").properties().forEach(index -> found.put(index.getKey(), read(index.getValue())));
        }
        return found;
    }

    private static Documents read(JsonNode index) {
        List<Long> sequence = new ArrayList<>();
        Map<String, JsonNode> shards = new TreeMap<>();
        index.path("shards").properties().forEach(shard -> shards.put(shard.getKey(), shard.getValue()));
        for (JsonNode copies : shards.values()) {
            long last = -1;
            for (JsonNode copy : copies) {
                last = Math.max(last, copy.path("seq_no").path("max_seq_no").asLong(-1));
            }
            sequence.add(last);
        }
        return new Documents(index.path("primaries").path("docs").path("count").asLong(0), sequence);
    }
}
