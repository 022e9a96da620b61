package io.holdfast.agent;

import io.holdfast.testbed.SearchServer;
import java.util.Map;

/** The contract against Elasticsearch with its own security. */
class ElasticsearchTest extends SearchContract {
    @Override
    SearchServer start() throws Exception {
        return SearchServer.start(
                SearchServer.Distribution.ELASTICSEARCH_8,
                ENGINES,
                Map.of(
                        // JSON is YAML too, but the engine takes each line without indentation for a role.
                        "roles.yml", "holdfast: " + documentedRole().replace("\n", "\n  ") + "\n",
                        "users", "holdfast:" + SearchServer.hash(PASSWORD) + "\n",
                        "users_roles", "holdfast:holdfast\n"));
    }

    @Override
    String kind() {
        return "elasticsearch";
    }
}
