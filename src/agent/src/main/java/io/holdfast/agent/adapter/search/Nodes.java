package io.holdfast.agent.adapter.search;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The nodes that hold data, as far as an index can be tied to some of them by its settings
 * {@code index.routing.allocation.…} (Elasticsearch's and OpenSearch's pages on index-level shard allocation).
 */
record Nodes(List<Node> nodes) {
    private static final String ALLOCATION = "index.routing.allocation.";
    private static final String REQUIRE = ALLOCATION + "require.";
    private static final String INCLUDE = ALLOCATION + "include.";
    private static final String EXCLUDE = ALLOCATION + "exclude.";
    private static final String TIER = INCLUDE + "_tier_preference";
    private static final String ENABLE = ALLOCATION + "enable";
    private static final String PER_NODE = ALLOCATION + "total_shards_per_node";
    private static final String SHARDS = "index.number_of_shards";
    private static final String DATA = "data";

    /** The pattern of all settings that tie an index to nodes. */
    static final String TIES = ALLOCATION + "*";

    /**
     * A node.
     *
     * @param attributes its own, and {@code _name}, {@code _ip}, {@code _host}, {@code _id}
     */
    record Node(Map<String, String> attributes, Set<String> roles) {}

    Nodes {
        nodes = List.copyOf(nodes);
    }

    static Nodes of(RestClient rest) throws IOException {
        List<Node> nodes = new ArrayList<>();
        rest.get("/_nodes?filter_path=nodes.*.name,nodes.*.ip,nodes.*.host,nodes.*.attributes,nodes.*.roles")
                .path("nodes")
                .properties()
                .forEach(each -> {
                    JsonNode found = each.getValue();
                    Map<String, String> attributes = new TreeMap<>();
                    found.path("attributes")
                            .properties()
                            .forEach(attribute -> attributes.put(
                                    attribute.getKey(), attribute.getValue().asString("")));
                    attributes.put("_id", each.getKey());
                    for (String name : List.of("name", "ip", "host")) {
                        attributes.put("_" + name, found.path(name).asString(""));
                    }
                    Set<String> roles = new TreeSet<>(Inventory.texts(found.path("roles")));
                    if (roles.stream().anyMatch(role -> role.startsWith(DATA))) {
                        nodes.add(new Node(attributes, roles));
                    }
                });
        return new Nodes(nodes);
    }

    /** Those of an index's settings with which no node would take its primary shards. */
    Set<String> unfit(Map<String, String> settings) {
        Set<String> unfit = new TreeSet<>();
        if (settings.getOrDefault(ENABLE, "").equals("none")) {
            unfit.add(ENABLE);
        }
        long perNode = number(settings.get(PER_NODE), -1);
        if (perNode >= 0 && perNode * nodes.size() < number(settings.get(SHARDS), 1)) {
            unfit.add(PER_NODE);
        }
        Set<String> filters = new TreeSet<>();
        for (String name : settings.keySet()) {
            if (name.startsWith(REQUIRE) || name.startsWith(INCLUDE) || name.startsWith(EXCLUDE)) {
                filters.add(name);
            }
        }
        if (takes(settings, filters)) {
            return unfit;
        }
        // Each on its own first: what fits stays.
        for (String filter : filters) {
            if (!takes(settings, Set.of(filter))) {
                unfit.add(filter);
            }
        }
        filters.removeAll(unfit);
        if (!takes(settings, filters)) {
            unfit.addAll(filters);
        }
        return unfit;
    }

    private boolean takes(Map<String, String> settings, Set<String> filters) {
        return nodes.isEmpty() || nodes.stream().anyMatch(node -> takes(node, settings, filters));
    }

    /** All that are required, any that are included, none that are excluded. */
    private static boolean takes(Node node, Map<String, String> settings, Set<String> filters) {
        Predicate<String> matches = name -> matches(node, name, settings.getOrDefault(name, ""));
        List<String> included = filters.stream()
                .filter(name -> name.startsWith(INCLUDE) && !name.equals(TIER))
                .toList();
        return filters.stream().filter(name -> name.startsWith(REQUIRE)).allMatch(matches)
                && (included.isEmpty() || included.stream().anyMatch(matches))
                && filters.stream().filter(name -> name.startsWith(EXCLUDE)).noneMatch(matches)
                && (!filters.contains(TIER) || hasTier(node, settings.getOrDefault(TIER, "")));
    }

    private static boolean hasTier(Node node, String preference) {
        return preference.isBlank()
                || node.roles().contains(DATA)
                || values(preference).stream().anyMatch(node.roles()::contains);
    }

    private static boolean matches(Node node, String setting, String wanted) {
        String attribute = setting.substring(setting.lastIndexOf('.') + 1);
        List<String> is = attribute.equals("_ip") || attribute.equals("_host")
                ? List.of(
                        node.attributes().getOrDefault("_ip", ""),
                        node.attributes().getOrDefault("_host", ""))
                : List.of(node.attributes().getOrDefault(attribute, ""));
        return values(wanted).stream()
                .map(value -> Pattern.compile(Pattern.quote(value).replace("*", "\\E.*\\Q")))
                .anyMatch(pattern ->
                        is.stream().anyMatch(value -> pattern.matcher(value).matches()));
    }

    private static List<String> values(String list) {
        return List.of(list.split(",", -1)).stream()
                .map(String::strip)
                .filter(value -> !value.isEmpty())
                .toList();
    }

    private static long number(@Nullable String text, long otherwise) {
        return text != null && text.matches("\\d{1,9}") ? Long.parseLong(text) : otherwise;
    }
}
