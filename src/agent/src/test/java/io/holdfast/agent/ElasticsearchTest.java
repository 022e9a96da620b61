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
                        // JSON is YAML too.
                        "roles.yml", "holdfast: " + documentedRole() + "\n",
                        "users", "holdfast:" + SearchServer.hash(PASSWORD) + "\n",
                        "users_roles", "holdfast:holdfast\n"));
    }

    @Override
    String kind() {
        return "elasticsearch";
    }
}
