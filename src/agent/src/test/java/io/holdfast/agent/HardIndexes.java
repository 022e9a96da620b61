package io.holdfast.agent;

import io.holdfast.format.json.Json;
import io.holdfast.testbed.SearchServer;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Indexes that are hard to back up, in a real search engine. */
record HardIndexes(SearchServer server) {
    /** The longest that there can be, beside names that look like others'. */
    private static final String LONG_NAME = "l".repeat(255);

    private static final String ODD_NAME = "ünï-日本+b";
    private static final String NO_COPIES = "\"index.number_of_replicas\": 0";

    /** Indexes that the engine makes for itself. */
    private static final List<String> ENGINES_OWN = List.of(".opendistro_security", ".plugins-", ".security", ".tasks");

    /** Into an empty engine. */
    void fill() {
        fillLittle();
        make("empty", "{\"settings\": {" + NO_COPIES + ", \"index.number_of_shards\": 2}}");
        make(LONG_NAME, "{\"settings\": {" + NO_COPIES + "}}");
        ask("PUT", "/" + LONG_NAME + "/_doc/1", "{\"a\": 1}");
        make(ODD_NAME, "{\"settings\": {" + NO_COPIES + "}}");
        ask("PUT", "/" + encoded(ODD_NAME) + "/_doc/1", "{\"a\": 1}");
        make(".hidden", "{\"settings\": {" + NO_COPIES + ", \"index.hidden\": true}}");
        make("locked", "{\"settings\": {" + NO_COPIES + "}}");
        ask("PUT", "/locked/_doc/1", "{\"a\": 1}");
        ask("PUT", "/locked/_settings", "{\"index.blocks.write\": true}");
        ask("PUT", "/locked/_settings", "{\"index.blocks.read_only\": true}");
    }

    /** The same with fewer indexes: each one more takes a second in each restore. */
    void fillLittle() {
        make("plain", "{\"settings\": {" + NO_COPIES + ", \"index.number_of_shards\": 3}}");
        StringBuilder bulk = new StringBuilder();
        for (int i = 0; i < 300; i++) {
            bulk.append("{\"index\": {\"_id\": \"")
                    .append(i)
                    .append("\"}}\n{\"number\": ")
                    .append(i)
                    .append(", \"text\": \"t ")
                    .append(i)
                    .append("\"}\n");
        }
        ask("POST", "/plain/_bulk?refresh=true", bulk.toString());
        make("types", """
                {"settings": {"index.number_of_replicas": 0, "index.refresh_interval": "-1"},
                 "mappings": {"dynamic": "strict", "properties": {
                  "k": {"type": "keyword", "ignore_above": 10}, "l": {"type": "long"}, "d": {"type": "date"},
                  "b": {"type": "binary"}, "g": {"type": "geo_point"}, "ip": {"type": "ip"}, "f": {"type": "double"},
                  "o": {"type": "object", "enabled": false}, "bool": {"type": "boolean"},
                  "n": {"type": "nested", "properties": {"a": {"type": "integer"}}}}}}
                """);
        ask("PUT", "/types/_doc/" + encoded("an id/with ünicode & more"), """
                {"k": "", "l": 9223372036854775807, "d": "2026-02-29T00:00:00Z", "b": "AAH/", "ip": "::1", "f": 1e-300,
                 "g": {"lat": -90, "lon": 180}, "o": {"any": [1, {"deep": null}]}, "bool": false,
                 "n": [{"a": 1}, {"a": 2}, {"a": null}]}
                """.replace("2026-02-29", "2024-02-29"));
        ask("PUT", "/types/_doc/empty?routing=elsewhere", "{}");
        make(
                "huge",
                "{\"settings\": {" + NO_COPIES + "}, \"mappings\": {\"properties\": {\"v\": {\"type\": \"binary\"}}}}");
        ask("PUT", "/huge/_doc/1", "{\"v\": \"" + "QUJD".repeat(500_000) + "\"}");
        make("sealed", "{\"settings\": {" + NO_COPIES + "}}");
        ask("PUT", "/sealed/_settings", "{\"index.blocks.read_only\": true}");
        make("shut", "{\"settings\": {" + NO_COPIES + "}}");
        ask("POST", "/shut/_close", "");
        make(
                "load",
                "{\"settings\": {" + NO_COPIES + ", \"index.max_result_window\": 1000000},"
                        + " \"mappings\": {\"properties\": {\"a\": {\"type\": \"long\"}, \"b\": {\"type\": \"long\"}}}}");
        make("roll-1", "{\"settings\": {" + NO_COPIES + "}}");
        make("roll-2", "{\"settings\": {" + NO_COPIES + "}}");
        ask("POST", "/_aliases", """
                {"actions": [
                 {"add": {"index": "plain", "alias": "few", "filter": {"range": {"number": {"lt": 10}}}, "routing": "1"}},
                 {"add": {"index": "types", "alias": "few"}},
                 {"add": {"index": "roll-1", "alias": "roll", "is_write_index": false}},
                 {"add": {"index": "roll-2", "alias": "roll", "is_write_index": true}}]}
                """);
        ask("PUT", "/_component_template/part", "{\"template\": {\"settings\": {\"index.number_of_replicas\": 0}}}");
        ask("PUT", "/_index_template/whole", """
                {"index_patterns": ["whole-*"], "composed_of": ["part"], "priority": 7,
                 "template": {"aliases": {"all": {}}, "mappings": {"properties": {"x": {"type": "long"}}}}}
                """);
        ask("PUT", "/_ingest/pipeline/nothing", "{\"description\": \"does nothing\", \"processors\": []}");
    }

    /** In all the ways that a restore has to undo. */
    void change() {
        ask("PUT", "/plain/_doc/1?refresh=true", "{\"number\": 7000}");
        ask("PUT", "/plain/_doc/new?refresh=true", "{\"number\": 7001}");
        ask("DELETE", "/plain/_doc/2?refresh=true", "");
        ask("DELETE", "/types,huge", "");
        make("types", "{\"settings\": {" + NO_COPIES + ", \"index.number_of_shards\": 2}}");
        if (exists("/locked")) {
            ask("PUT", "/locked/_settings", "{\"index.blocks.read_only\": null}");
        }
        ask("PUT", "/sealed/_settings", "{\"index.blocks.read_only\": null}");
        ask("PUT", "/sealed/_doc/1?refresh=true", "{}");
        ask("PUT", "/sealed/_settings", "{\"index.blocks.read_only\": true}");
        ask("POST", "/shut/_open", "");
        ask("PUT", "/shut/_doc/1?refresh=true", "{}");
        ask("POST", "/_aliases", """
                {"actions": [
                 {"add": {"index": "roll-2", "alias": "roll", "is_write_index": false}},
                 {"add": {"index": "roll-1", "alias": "roll", "is_write_index": true}},
                 {"add": {"index": "plain", "alias": "new"}}]}
                """);
        ask("PUT", "/_ingest/pipeline/nothing", "{\"description\": \"changed\", \"processors\": []}");
        if (exists("/_index_template/whole")) {
            ask("DELETE", "/_index_template/whole", "");
        }
    }

    /** All that {@link #fill} makes, and all other indexes. */
    void lose() {
        String all = indices().stream().map(HardIndexes::encoded).collect(Collectors.joining(","));
        if (!all.isEmpty()) {
            ask("PUT", "/" + all + "/_settings", "{\"index.blocks.read_only\": null}");
            ask("DELETE", "/" + all, "");
        }
        for (String path :
                List.of("/_index_template/whole", "/_component_template/part", "/_ingest/pipeline/nothing")) {
            if (exists(path)) {
                ask("DELETE", path, "");
            }
        }
    }

    /** All that the engine has but its own, as text. */
    String listing() {
        ask("POST", "/_refresh?expand_wildcards=open", "");
        Map<String, JsonNode> found = new TreeMap<>();
        List<String> lines = new ArrayList<>();
        for (JsonNode index : json("/_resolve/index/*?expand_wildcards=all").path("indices")) {
            found.put(index.path("name").asString(), index);
        }
        found.keySet().removeIf(name -> ENGINES_OWN.stream().anyMatch(name::startsWith));
        for (Map.Entry<String, JsonNode> index : found.entrySet()) {
            JsonNode whole = json("/" + encoded(index.getKey()) + "?expand_wildcards=all")
                    .path(index.getKey());
            ((ObjectNode) whole.path("settings").path("index")).remove("uuid");
            lines.add(index.getKey() + " " + index.getValue() + " " + whole);
            if (!index.getValue().toString().contains("closed")
                    && !index.getKey().equals("load")) {
                lines.addAll(documents(index.getKey()));
            }
        }
        lines.add(json("/_resolve/index/*").path("data_streams").toString());
        lines.add(withoutTimes(sorted("/_component_template", "component_templates")));
        lines.add(withoutTimes(sorted("/_index_template", "index_templates")));
        lines.add(withoutTimes(server.send("GET", "/_ingest/pipeline", "").body()));
        lines.add(json("/_cluster/settings").toString());
        lines.add(json("/_cluster/state/metadata?filter_path=metadata.stored_scripts")
                .toString());
        JsonNode repositories = json("/_snapshot");
        repositories.forEach(repository -> ((ObjectNode) repository).remove("uuid"));
        lines.add(repositories.toString());
        return String.join("\n", lines);
    }

    /** Newer engines tell when a definition was made and changed on this server. */
    private static String withoutTimes(String definitions) {
        return definitions.replaceAll(",?\"(created|modified)_date(_millis)?\":\\d+", "");
    }

    /** The engine lists them in any order. */
    private String sorted(String path, String list) {
        return json(path)
                .path(list)
                .valueStream()
                .map(JsonNode::toString)
                .sorted()
                .toList()
                .toString();
    }

    private List<String> documents(String index) {
        List<String> documents = new ArrayList<>();
        for (JsonNode hit :
                json("/" + encoded(index) + "/_search?size=1000").path("hits").path("hits")) {
            ((ObjectNode) hit).remove("_score");
            String text = hit.toString();
            documents.add(text.length() > 2000 ? text.substring(0, 200) + text.hashCode() : text);
        }
        return documents.stream().sorted().toList();
    }

    /** Some ten megabytes that cannot be compressed. */
    void addLarge() {
        make("large", "{\"settings\": {" + NO_COPIES + "}, \"mappings\": {\"enabled\": false}}");
        byte[] bytes = new byte[900_000];
        Random random = new Random(1);
        for (int i = 0; i < 60; i++) {
            random.nextBytes(bytes);
            ask("PUT", "/large/_doc/" + i, "{\"v\": \"" + Base64.getEncoder().encodeToString(bytes) + "\"}");
        }
    }

    void ask(String method, String path, String body) {
        server.call(method, path, body);
    }

    void make(String index, String body) {
        ask("PUT", "/" + encoded(index), body);
    }

    JsonNode json(String path) {
        return Json.mapper().readTree(server.call("GET", path, ""));
    }

    boolean exists(String path) {
        return server.send("GET", path, "").statusCode() == 200;
    }

    List<String> indices() {
        List<String> names = new ArrayList<>();
        for (JsonNode index : json("/_resolve/index/*?expand_wildcards=all").path("indices")) {
            String name = index.path("name").asString();
            if (ENGINES_OWN.stream().noneMatch(name::startsWith)) {
                names.add(name);
            }
        }
        return names;
    }

    private static String encoded(String name) {
        return URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
