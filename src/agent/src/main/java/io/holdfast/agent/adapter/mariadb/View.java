package io.holdfast.agent.adapter.mariadb;

import java.io.IOException;
import java.util.List;

/** A view's name. */
record View(String schema, String name) {
    /**
     * The views of some schemas that refer to what is gone: dump programs fail at them. Asking for their rows makes the
     * server open them; it writes what it finds into their comments.
     */
    static List<View> broken(Client client, List<String> schemas) throws IOException, InterruptedException {
        if (schemas.isEmpty()) {
            return List.of();
        }
        return client
                .run("SELECT TABLE_SCHEMA, TABLE_NAME FROM information_schema.TABLES WHERE TABLE_TYPE = 'VIEW'"
                        + " AND TABLE_ROWS IS NULL AND TABLE_COMMENT <> 'VIEW' AND TABLE_SCHEMA IN ("
                        + Sql.literals(schemas) + ");")
                .stream()
                .map(row -> new View(row.getFirst(), row.getLast()))
                .toList();
    }

    @Override
    public String toString() {
        return Sql.identifier(schema) + "." + Sql.identifier(name);
    }
}
