package io.holdfast.agent.adapter.mariadb;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** The views, triggers, routines and events that schemas have now. */
final class LiveDefinitions {
    private LiveDefinitions() {}

    /** Removes all of them. */
    static void drop(Client client, List<String> schemas) throws IOException, InterruptedException {
        List<String> statements = drops(client, schemas);
        if (statements.size() > 1) {
            client.run(Sql.script(statements));
        }
    }

    /** Statements that remove all of them; a package takes its body with it. */
    private static List<String> drops(Client client, List<String> schemas) throws IOException, InterruptedException {
        List<String> statements =
                new ArrayList<>(List.of("SET sql_mode = '" + client.product().droppingMode() + "'"));
        for (List<String> row : client.run(
                """
            SELECT 'TRIGGER', TRIGGER_SCHEMA, TRIGGER_NAME FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA IN (%1$s)
            UNION ALL SELECT 'VIEW', TABLE_SCHEMA, TABLE_NAME FROM information_schema.TABLES
                WHERE TABLE_TYPE = 'VIEW' AND TABLE_SCHEMA IN (%1$s)
            UNION ALL SELECT 'EVENT', EVENT_SCHEMA, EVENT_NAME FROM information_schema.EVENTS WHERE EVENT_SCHEMA IN (%1$s)
            UNION ALL SELECT ROUTINE_TYPE, ROUTINE_SCHEMA, ROUTINE_NAME FROM information_schema.ROUTINES
                WHERE ROUTINE_SCHEMA IN (%1$s) AND ROUTINE_TYPE <> 'PACKAGE BODY';
            """.formatted(Sql.literals(schemas)) + client.product().moreDefinitions(client, schemas))) {
            statements.add("DROP " + row.getFirst() + " IF EXISTS " + Sql.identifier(row.get(1)) + "."
                    + Sql.identifier(row.get(2)));
        }
        return statements;
    }
}
