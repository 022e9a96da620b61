package io.holdfast.agent.adapter.mariadb;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What a schema was made with.
 *
 * @param text such as {@code DEFAULT CHARACTER SET utf8mb4 COMMENT '…'}, as the server writes it
 */
record SchemaAttributes(String schema, String text) {
    /** Those in a restore's folder; none when it has no dump. */
    static List<SchemaAttributes> in(Path folder) throws IOException {
        Path file = folder.resolve(Staging.ATTRIBUTES);
        return Files.exists(file) ? List.of(JsonFile.read(file, SchemaAttributes[].class)) : List.of();
    }

    String create() {
        return "CREATE DATABASE IF NOT EXISTS " + Sql.identifier(schema);
    }

    /** Gives them to the schema; what is not among them goes. */
    List<String> alter(Product product) {
        String alter = "ALTER DATABASE " + Sql.identifier(schema);
        List<String> statements = new ArrayList<>(product.bareSchema(alter));
        statements.add(alter + text);
        return statements;
    }
}
