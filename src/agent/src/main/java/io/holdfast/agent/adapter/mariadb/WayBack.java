package io.holdfast.agent.adapter.mariadb;

import io.holdfast.agent.adapter.RestoreFiles;
import io.holdfast.format.json.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** A file of SQL that takes a restore back by hand, as long as what it replaced is kept. */
final class WayBack {
    /** The file's name. */
    static final String FILE = "back.sql";

    private final Product product;
    private final WorkSchemas work;
    private final RestoreFiles files;

    WayBack(Product product, WorkSchemas work, RestoreFiles files) {
        this.product = product;
        this.work = work;
        this.files = files;
    }

    /** Writes it into the folder of what is replaced. */
    void write() throws IOException {
        try (OutputStream out = RestoreFiles.create(files.old().resolve(FILE))) {
            line(out, product.session() + "SET foreign_key_checks = 0, sql_mode = '" + product.droppingMode() + "';");
            for (String name : work.names(WorkSchemas.Use.NEW)) {
                line(out, "CREATE DATABASE IF NOT EXISTS " + Sql.identifier(name) + ";");
            }
            definitions(files.backup(), definition -> line(out, drop(definition) + ";"));
            line(out, "SET sql_mode = '';");
            moves(out);
            for (SchemaAttributes attributes : SchemaAttributes.in(files.old())) {
                line(out, DumpStatement.raw(Sql.script(attributes.alter(product))));
            }
            line(out, "DELIMITER ;;");
            List<Definition> views = new ArrayList<>();
            definitions(files.old(), definition -> {
                if (definition.kind() == DumpStatement.Kind.VIEW) {
                    views.add(definition);
                } else {
                    make(out, definition);
                }
            });
            for (Definition view : belowFirst(views)) {
                make(out, view);
            }
        }
    }

    private static void make(OutputStream out, Definition definition) throws IOException {
        for (String statement : definition.make(definition.schema())) {
            line(out, statement + "\n;;");
        }
    }

    /**
     * The views, each after those that its text names: a view with a {@code CHECK OPTION} is refused until the one below it
     * is there, and a file that stops at the first failure cannot try again.
     */
    private static List<Definition> belowFirst(List<Definition> views) {
        Set<Definition> ordered = new LinkedHashSet<>();
        Set<Definition> begun = new HashSet<>();
        for (Definition view : views) {
            addAfterThoseBelow(view, views, begun, ordered);
        }
        return List.copyOf(ordered);
    }

    private static void addAfterThoseBelow(
            Definition view, List<Definition> views, Set<Definition> begun, Set<Definition> ordered) {
        if (begun.add(view)) {
            for (Definition other : views) {
                if (!other.name().equals(view.name()) && view.text().contains(Sql.identifier(other.name()))) {
                    addAfterThoseBelow(other, views, begun, ordered);
                }
            }
            ordered.add(view);
        }
    }

    private void moves(OutputStream out) throws IOException {
        StringBuilder moves = new StringBuilder();
        for (TableName table : tables(files.backup())) {
            String live = work.live().get(work.names(WorkSchemas.Use.NEW).indexOf(table.schema()));
            moves.append(moves.isEmpty() ? "" : ",\n")
                    .append(table.in(live))
                    .append(" TO ")
                    .append(table);
        }
        for (TableName table : tables(files.old())) {
            moves.append(moves.isEmpty() ? "" : ",\n")
                    .append(table.in(work.name(table.schema(), WorkSchemas.Use.OLD)))
                    .append(" TO ")
                    .append(table);
        }
        if (!moves.isEmpty()) {
            line(out, DumpStatement.raw("RENAME TABLE " + moves + ";"));
        }
    }

    private static String drop(Definition definition) {
        String kind = definition.kind() == DumpStatement.Kind.PACKAGE_BODY
                ? "PACKAGE"
                : definition.kind().name();
        return "DROP " + kind + " IF EXISTS " + Sql.identifier(definition.schema()) + "."
                + Sql.identifier(definition.name());
    }

    private interface Use {
        void of(Definition definition) throws IOException;
    }

    private static void definitions(Path folder, Use use) throws IOException {
        Path file = folder.resolve(Staging.DEFINITIONS);
        if (Files.exists(file)) {
            try (BufferedReader lines = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    use.of(Json.mapper().readValue(line, Definition.class));
                }
            }
        }
    }

    private static List<TableName> tables(Path folder) throws IOException {
        return List.of(JsonFile.read(folder.resolve(Staging.TABLES), TableName[].class));
    }

    private static void line(OutputStream out, String text) throws IOException {
        out.write((text + "\n").getBytes(StandardCharsets.ISO_8859_1));
    }
}
