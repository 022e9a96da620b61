package io.holdfast.agent.adapter.mariadb;

import java.io.IOException;
import java.util.List;

/** The name of a table or sequence: all that can be moved from one schema to another. */
record TableName(String schema, String name) {
    /** Those of some schemas; views are none. */
    static List<TableName> of(Client client, List<String> schemas) throws IOException, InterruptedException {
        return client
                .run("SELECT TABLE_SCHEMA, TABLE_NAME FROM information_schema.TABLES WHERE TABLE_TYPE <> 'VIEW'"
                        + " AND TABLE_SCHEMA IN (" + Sql.literals(schemas) + ") ORDER BY TABLE_SCHEMA, TABLE_NAME;")
                .stream()
                .map(row -> new TableName(row.getFirst(), row.getLast()))
                .toList();
    }

    TableName in(String otherSchema) {
        return new TableName(otherSchema, name);
    }

    @Override
    public String toString() {
        return Sql.identifier(schema) + "." + Sql.identifier(name);
    }
}
