package io.holdfast.agent.adapter.mariadb;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * An event that is off because it was made on another server, which this one follows: a replica has all its primary's events
 * so, those that are off there too.
 *
 * @param enable statements that switch it on, with its definer and character sets, which would be those of the session else
 */
record ReplicaEvent(String name, String enable) {
    private static final String ENABLE = "ENABLE";
    private static final String QUERY = """
            SELECT EVENT_SCHEMA, EVENT_NAME, DEFINER, CHARACTER_SET_CLIENT, COLLATION_CONNECTION
                FROM information_schema.EVENTS WHERE STATUS IN ('SLAVESIDE_DISABLED', 'REPLICA_SIDE_DISABLED') AND ORIGINATOR <> @@server_id
                ORDER BY EVENT_SCHEMA, EVENT_NAME;
            """;

    /** A server's, by schema. */
    static Map<String, List<ReplicaEvent>> of(Client client) throws IOException, InterruptedException {
        Map<String, List<ReplicaEvent>> events = new TreeMap<>();
        for (List<String> row : client.run(QUERY)) {
            String enable = "SET character_set_client = " + row.get(3) + ", collation_connection = " + row.get(4)
                    + "; ALTER DEFINER = " + Sql.account(row.get(2)) + " EVENT " + Sql.identifier(row.get(0)) + "."
                    + Sql.identifier(row.get(1)) + " " + ENABLE;
            events.computeIfAbsent(row.getFirst(), _ -> new ArrayList<>()).add(new ReplicaEvent(row.get(1), enable));
        }
        return events;
    }

    /** Statements that make it one that is off on the server itself. */
    String disable() {
        return enable.substring(0, enable.length() - ENABLE.length()) + "DISABLE";
    }

    /** The events of a schema that are off on the server itself. */
    static List<String> off(Client client, String schema) throws IOException, InterruptedException {
        return client
                .run("SELECT EVENT_NAME FROM information_schema.EVENTS WHERE STATUS = 'DISABLED' AND EVENT_SCHEMA = "
                        + Sql.literal(schema) + ";")
                .stream()
                .map(List::getFirst)
                .toList();
    }
}
