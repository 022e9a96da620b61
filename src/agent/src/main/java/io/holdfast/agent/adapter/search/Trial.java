package io.holdfast.agent.adapter.search;

import io.holdfast.agent.adapter.LeftOut;
import io.holdfast.agent.attempt.JobException;
import io.holdfast.protocol.FailureCode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Restores a backup's indexes under other names beside the live ones, each as an index of its own, hidden and without
 * copies: whether the engine takes all shards, and how many documents they have.
 */
final class Trial {
    /** How the names of indexes begin that are there for a trial only. */
    static final String PREFIX = "holdfast-trial-";

    private static final int LONGEST_NAME = 255;

    private final RestClient rest;
    private final Repository repository;

    Trial(RestClient rest, Repository repository) {
        this.rest = rest;
        this.repository = repository;
    }

    /**
     * Gives the documents of each index; throws when the backup is not what it says. An index that is not, or that the
     * engine does not take, is left out where that is allowed. Removes nothing.
     */
    Map<String, Long> run(Inventory backup, LeftOut leftOut) throws IOException, InterruptedException {
        Map<String, String> names = names(backup);
        List<String> single = new ArrayList<>();
        List<String> many = new ArrayList<>();
        names.forEach((name, other) -> (other.equals(PREFIX + name) ? many : single).add(name));
        if (!many.isEmpty()) {
            try {
                restore(many, PREFIX + "$1", many.stream().map(names::get).toList());
            } catch (JobException e) {
                requireMayGoOn(e, leftOut);
                remove(rest);
                single.addAll(many);
            }
        }
        for (String name : single) {
            String other = names.getOrDefault(name, "");
            try {
                restore(List.of(name), other, List.of(other));
            } catch (JobException e) {
                requireMayGoOn(e, leftOut);
                leave(name, e, leftOut);
                rest.delete("/" + RestClient.encoded(other) + "?ignore_unavailable=true");
            }
        }
        Map<String, Documents> found = Documents.of(rest, names.values());
        Map<String, Long> documents = new TreeMap<>();
        for (Map.Entry<String, String> name : names.entrySet()) {
            if (leftOut.has(part(name.getKey()))) {
                continue;
            }
            Documents count = found.get(name.getValue());
            Inventory.Index index = backup.indices().get(name.getKey());
            try {
                requireExpected(name.getKey(), index == null ? null : index.documents(), count);
            } catch (JobException e) {
                requireMayGoOn(e, leftOut);
                leave(name.getKey(), e, leftOut);
            }
            documents.put(name.getKey(), count == null ? 0 : count.count());
        }
        return documents;
    }

    /** How an index that is left out is called. */
    static String part(String index) {
        return "index " + index;
    }

    private static void leave(String index, JobException why, LeftOut leftOut) throws IOException {
        leftOut.add(part(index), part(index) + ": " + why.getMessage());
    }

    private void requireMayGoOn(JobException e, LeftOut leftOut) throws JobException {
        boolean ofOneIndex = e.code() == rest.refusal() || e.code() == FailureCode.VALIDATION_FAILED;
        if (!ofOneIndex || !leftOut.allowed()) {
            throw ofOneIndex
                    ? new JobException(
                            e.code(), e.getMessage() + "", (e.hint() == null ? "" : e.hint() + ", ") + LeftOut.HINT, e)
                    : e;
        }
    }

    /** Removes the indexes of all trials. */
    static void remove(RestClient rest) throws IOException {
        List<String> names = new ArrayList<>();
        for (JsonNode index :
                rest.get("/_resolve/index/" + PREFIX + "*?expand_wildcards=all").path("indices")) {
            names.add(index.path("name").asString(""));
        }
        for (String list : RestClient.lists(names)) {
            rest.delete("/" + list + "?ignore_unavailable=true");
        }
    }

    private void restore(List<String> indices, String replacement, List<String> made)
            throws IOException, InterruptedException {
        repository.restore(
                indices,
                Map.of(
                        "include_aliases",
                        false,
                        "rename_pattern",
                        "(.+)",
                        "rename_replacement",
                        replacement,
                        "ignore_index_settings",
                        List.of(
                                Nodes.TIES,
                                "index.blocks.*",
                                Lifecycle.SETTINGS,
                                "index.plugins.index_state_management.*"),
                        "index_settings",
                        Map.of(
                                "index.number_of_replicas",
                                0,
                                "index.auto_expand_replicas",
                                false,
                                "index.hidden",
                                true)),
                made);
    }

    /** The other names, by the true ones; those that would be too long are numbered. */
    private static Map<String, String> names(Inventory backup) {
        Map<String, String> names = new LinkedHashMap<>();
        int number = 0;
        for (String name : backup.indices().keySet()) {
            String other = PREFIX + name;
            boolean fits = other.getBytes(StandardCharsets.UTF_8).length <= LONGEST_NAME;
            names.put(name, fits ? other : PREFIX + "-" + ++number);
        }
        return names;
    }

    private static void requireExpected(String name, @Nullable Long expected, @Nullable Documents found)
            throws JobException {
        if (found == null || (expected != null && expected != found.count())) {
            throw new JobException(
                    FailureCode.VALIDATION_FAILED,
                    "index " + name + " has " + (found == null ? "no" : Long.toString(found.count()))
                            + " documents instead of " + expected,
                    "restore a different backup, and run 'holdfast verify' on this one");
        }
    }
}
