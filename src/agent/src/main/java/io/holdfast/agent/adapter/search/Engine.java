package io.holdfast.agent.adapter.search;

import io.holdfast.agent.attempt.JobException;
import io.holdfast.protocol.FailureCode;
import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Which of the two engines it is, and all in which they differ.
 *
 * @param kind {@code opensearch} or {@code elasticsearch}
 * @param version the oldest one of the cluster's nodes
 */
record Engine(String kind, String version) {
    private static final String ELASTICSEARCH = "elasticsearch";
    private static final int OLDEST_ELASTICSEARCH = 8;
    private static final int OLDEST_OPENSEARCH = 2;

    /** OpenSearch began to count anew; Elasticsearch was at 7 then. */
    private static final int FIRST_ONLY_ELASTICSEARCH = 7;

    /** Asks the cluster. */
    static Engine of(RestClient rest, String kind) throws IOException {
        String oldest = null;
        for (JsonNode node : rest.get("/_nodes?filter_path=nodes.*.version").path("nodes")) {
            String version = node.path("version").asString("");
            if (oldest == null || compare(version, oldest) < 0) {
                oldest = version;
            }
        }
        return new Engine(kind, oldest == null ? "0" : oldest);
    }

    /** Throws {@code ENGINE_INCOMPATIBLE} when this adapter cannot work with it. */
    void requireSupported() throws JobException {
        boolean elasticsearch = numbers(version)[0] >= FIRST_ONLY_ELASTICSEARCH;
        if (elasticsearch != kind.equals(ELASTICSEARCH)) {
            throw new JobException(
                    FailureCode.ENGINE_INCOMPATIBLE,
                    "the service is no " + kind + ": its version is " + version,
                    "set adapter.kind to what it is");
        }
        int oldest = elasticsearch ? OLDEST_ELASTICSEARCH : OLDEST_OPENSEARCH;
        if (numbers(version)[0] < oldest) {
            throw new JobException(
                    FailureCode.ENGINE_INCOMPATIBLE,
                    "version " + version + " of " + kind + " is too old: " + oldest + " or newer is needed",
                    "upgrade the service");
        }
    }

    /** Throws {@code ENGINE_INCOMPATIBLE} when it cannot restore what another version has written. */
    void requireCanRestore(@Nullable String backup) throws JobException {
        if (backup == null) {
            return;
        }
        if (compare(version, backup) < 0 || numbers(version)[0] > numbers(backup)[0] + 1) {
            throw new JobException(
                    FailureCode.ENGINE_INCOMPATIBLE,
                    "the backup is of version " + backup + ", and the service has version " + version,
                    "an engine restores snapshots of its own series and of the one before, none of newer versions");
        }
    }

    /** What in a request for a snapshot, or for the restore of one, keeps the engine's own indexes out. */
    static Map<String, Object> withoutSystem(String kind) {
        Map<String, Object> options = new TreeMap<>();
        if (kind.equals(ELASTICSEARCH)) {
            options.put("feature_states", new String[] {"none"}); // else they are in it, whatever is asked for
        }
        return options;
    }

    private static int compare(String left, String right) {
        return Arrays.compare(numbers(left), numbers(right));
    }

    /** The first two numbers. */
    private static int[] numbers(String version) {
        int[] numbers = new int[2];
        String[] parts = version.split("[.-]", -1);
        for (int i = 0; i < Math.min(parts.length, numbers.length); i++) {
            numbers[i] = parts[i].matches("\\d{1,6}") ? Integer.parseInt(parts[i]) : 0;
        }
        return numbers;
    }
}
