package io.holdfast.agent.adapter.mariadb;

import java.io.IOException;
import java.util.List;

/** What a schema has, such as a view, a table or an event, by its names. */
record SchemaObject(String schema, String name) {
    /**
     * The views of some schemas that refer to what is gone: dump programs fail at them. Asking for their rows makes the
     * server open them; it writes what it finds into their comments.
     */
    static List<SchemaObject> brokenViews(Client client, List<String> schemas)
            throws IOException, InterruptedException {
        if (schemas.isEmpty()) {
            return List.of();
        }
        return of(
                client,
                "SELECT TABLE_SCHEMA, TABLE_NAME FROM information_schema.TABLES WHERE TABLE_TYPE = 'VIEW'"
                        + " AND TABLE_ROWS IS NULL AND TABLE_COMMENT <> 'VIEW' AND TABLE_SCHEMA IN ("
                        + Sql.literals(schemas) + ");");
    }

    /** Those that a query gives, by their schemas and names. */
    static List<SchemaObject> of(Client client, String query) throws IOException, InterruptedException {
        return client.run(query).stream()
                .map(row -> new SchemaObject(row.getFirst(), row.getLast()))
                .toList();
    }

    @Override
    public String toString() {
        return Sql.identifier(schema) + "." + Sql.identifier(name);
    }
}
