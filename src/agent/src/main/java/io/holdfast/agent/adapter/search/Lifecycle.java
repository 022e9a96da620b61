package io.holdfast.agent.adapter.search;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What Elasticsearch's lifecycle policies do to restored indexes (its pages on {@code index.lifecycle.name} and on
 * {@code min_age}): a policy counts an index's age from its creation or rollover, not from the restore, so it may delete one
 * as soon as it is next looked at. OpenSearch has no setting that tells of its policies.
 */
final class Lifecycle {
    /** The pattern of the settings that tell of a policy. */
    static final String SETTINGS = "index.lifecycle.*";

    private static final String NAME = "index.lifecycle.name";
    private static final int NAMED = 5;

    private Lifecycle() {}

    /** One sentence for each policy that indexes of an inventory have. */
    static List<String> notes(Inventory inventory) {
        Map<String, TreeSet<String>> byPolicy = new TreeMap<>();
        inventory.indices().forEach((name, index) -> {
            String policy = index.tied().getOrDefault(NAME, "");
            if (!policy.isEmpty()) {
                byPolicy.computeIfAbsent(policy, _ -> new TreeSet<>()).add(name);
            }
        });
        List<String> notes = new ArrayList<>();
        byPolicy.forEach((policy, names) -> notes.add("lifecycle policy " + policy + " of " + some(List.copyOf(names))
                + " counts their age from creation, not from a restore, and may delete restored ones within minutes:"
                + " POST _ilm/stop pauses it, GET INDEX/_ilm/explain says what is next"));
        return notes;
    }

    private static String some(List<String> names) {
        return names.size() <= NAMED
                ? "the indexes " + String.join(", ", names)
                : names.size() + " indexes, such as " + names.getFirst() + ",";
    }
}
