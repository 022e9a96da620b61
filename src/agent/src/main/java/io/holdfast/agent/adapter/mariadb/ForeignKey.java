package io.holdfast.agent.adapter.mariadb;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A foreign key that has to be created again when tables are moved: it follows its table and its parent, each for itself, and a parent
 * that is not there it awaits under the name that it had.
 *
 * @param table has the key
 * @param parent is referred to
 */
record ForeignKey(
        TableName table,
        String name,
        List<String> columns,
        TableName parent,
        List<String> parentColumns,
        String onUpdate,
        String onDelete) {
    /** Those between some schemas and others, and those in them whose parents are not there. */
    static List<ForeignKey> left(Client client, List<String> schemas) throws IOException, InterruptedException {
        Set<TableName> tables = new HashSet<>(TableName.of(client, schemas));
        return all(client, schemas).stream()
                .filter(key -> !tables.contains(key.table) || !tables.contains(key.parent))
                .filter(key -> !WorkSchemas.is(key.table.schema()) && !WorkSchemas.is(key.parent.schema()))
                .toList();
    }

    /** Those of staged tables whose parents are not there, as they should be once the tables have their places. */
    static List<ForeignKey> parentless(Client client, WorkSchemas work) throws IOException, InterruptedException {
        List<String> schemas = work.names(WorkSchemas.Use.NEW);
        Set<TableName> tables = new HashSet<>(TableName.of(client, schemas));
        List<ForeignKey> keys = new ArrayList<>();
        for (ForeignKey key : all(client, schemas)) {
            int own = schemas.indexOf(key.table.schema());
            int parents = schemas.indexOf(key.parent.schema());
            if (own >= 0 && parents >= 0 && !tables.contains(key.parent)) {
                keys.add(new ForeignKey(
                        key.table.in(work.live().get(own)),
                        key.name,
                        key.columns,
                        key.parent.in(work.live().get(parents)),
                        key.parentColumns,
                        key.onUpdate,
                        key.onDelete));
            }
        }
        return keys;
    }

    private static List<ForeignKey> all(Client client, List<String> schemas) throws IOException, InterruptedException {
        List<ForeignKey> keys = new ArrayList<>();
        for (List<String> row : client.run("""
            SELECT k.TABLE_SCHEMA, k.TABLE_NAME, k.CONSTRAINT_NAME, k.REFERENCED_TABLE_SCHEMA, k.REFERENCED_TABLE_NAME,
                r.UPDATE_RULE, r.DELETE_RULE, k.COLUMN_NAME, k.REFERENCED_COLUMN_NAME
            FROM information_schema.KEY_COLUMN_USAGE k JOIN information_schema.REFERENTIAL_CONSTRAINTS r
                ON r.CONSTRAINT_SCHEMA = k.CONSTRAINT_SCHEMA AND r.CONSTRAINT_NAME = k.CONSTRAINT_NAME
                AND r.TABLE_NAME = k.TABLE_NAME
            WHERE k.TABLE_SCHEMA IN (%1$s) OR k.REFERENCED_TABLE_SCHEMA IN (%1$s)
            ORDER BY k.TABLE_SCHEMA, k.TABLE_NAME, k.CONSTRAINT_NAME, k.ORDINAL_POSITION;
            """.formatted(Sql.literals(schemas)))) {
            ForeignKey key = new ForeignKey(
                    new TableName(row.get(0), row.get(1)),
                    row.get(2),
                    new ArrayList<>(),
                    new TableName(row.get(3), row.get(4)),
                    new ArrayList<>(),
                    row.get(5),
                    row.get(6));
            if (keys.isEmpty() || !keys.getLast().same(key)) {
                keys.add(key);
            }
            keys.getLast().columns().add(row.get(7));
            keys.getLast().parentColumns().add(row.get(8));
        }
        return keys;
    }

    private boolean same(ForeignKey other) {
        return table.equals(other.table) && name.equals(other.name);
    }

    /** The names of all that some tables have, each as table and name. */
    static Set<String> names(Client client, List<String> schemas) throws IOException, InterruptedException {
        return all(client, schemas).stream().map(key -> key.at(key.table)).collect(Collectors.toSet());
    }

    /** Where it is when its table is there. */
    String at(TableName now) {
        return now + "." + Sql.identifier(name);
    }

    /** Removes it from the table, which may be elsewhere by now. */
    String drop(TableName now, Product product) {
        return "ALTER TABLE " + now + " DROP FOREIGN KEY " + (product.dropsForeignKeyIfExists() ? "IF EXISTS " : "")
                + Sql.identifier(name);
    }

    /** Makes it. What is the default is not said: a server would write it down otherwise than it was. */
    String add(Product product) {
        return "ALTER TABLE " + table + " ADD CONSTRAINT " + Sql.identifier(name) + " FOREIGN KEY (" + names(columns)
                + ") REFERENCES " + parent + " (" + names(parentColumns) + ")" + rule("DELETE", onDelete, product)
                + rule("UPDATE", onUpdate, product);
    }

    private static String rule(String event, String rule, Product product) {
        return rule.equals(product.foreignKeyDefault()) ? "" : " ON " + event + " " + rule;
    }

    private static String names(List<String> columns) {
        return String.join(", ", columns.stream().map(Sql::identifier).toList());
    }
}
