package io.holdfast.agent.adapter.mariadb;

import io.holdfast.agent.adapter.RestoreFiles;
import io.holdfast.agent.attempt.JobException;
import io.holdfast.format.json.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What a dump has beside its tables.
 *
 * @param attributes by schema, what follows its name where it is made: both with a byte in each character
 * @param sequences statements that make sequences in the schemas' other names, with a byte in each character
 * @param longestStatement in bytes
 */
record DumpScan(Map<String, String> attributes, String sequences, long longestStatement) {
    /**
     * Reads a dump.
     *
     * @param names the schemas' other names, see {@link WorkSchemas#raw}
     * @param definitions where its definitions go, one in each line
     * @param wanted which of them
     * @throws JobException {@code RESTORE_FAILED} when it has what no dump has, or {@code DISK_FULL}
     */
    static DumpScan read(Path dump, Map<String, String> names, Path definitions, Predicate<Definition> wanted)
            throws IOException {
        Map<String, String> attributes = new LinkedHashMap<>();
        Map<String, String> current = new HashMap<>();
        StringBuilder sequences = new StringBuilder();
        SessionSettings settings = new SessionSettings();
        String schema = "";
        long longest = 0;
        long length = 0;
        try (InputStream in = Files.newInputStream(dump);
                OutputStream out = RestoreFiles.create(definitions)) {
            DumpReader reader = new DumpReader(in);
            for (DumpReader.@Nullable Piece piece = reader.next(); piece != null; piece = reader.next()) {
                length = (piece.first() ? 0 : length) + piece.text().length();
                longest = Math.max(longest, length);
                if (piece.rows()) {
                    continue;
                }
                DumpStatement statement = DumpStatement.of(piece.text());
                switch (statement.kind()) {
                    case SET -> {
                        settings.follow(statement);
                        reader.session(settings.sqlMode());
                    }
                    case USE -> {
                        schema = statement.name();
                        if (!names.containsKey(schema)) {
                            throw JobException.corrupt(
                                    "the dump has a schema that the backup does not list: "
                                            + DumpStatement.readable(schema),
                                    null);
                        }
                        sequences.append(statement.renamed(names)).append(";\n");
                    }
                    case DATABASE -> attributes.put(statement.name(), statement.rest());
                    case ALTER_DATABASE -> current.put(statement.name(), statement.rest());
                    case SEQUENCE, SEQUENCE_VALUE ->
                        sequences.append(statement.text()).append(";\n");
                    case FUNCTION, PROCEDURE, PACKAGE, PACKAGE_BODY, VIEW, TRIGGER, EVENT, LIBRARY -> {
                        Definition definition =
                                Definition.of(schema, statement, settings, current.get(schema), attributes.get(schema));
                        if (wanted.test(definition)) {
                            out.write(Json.mapper().writeValueAsBytes(definition));
                            out.write('\n');
                        }
                    }
                    case TABLE, ALTER_TABLE, ROWS, COMMIT, HISTOGRAM, NEEDLESS -> {
                        // The tables are read when they are imported.
                    }
                }
            }
        }
        return new DumpScan(attributes, sequences.toString(), longest);
    }

    /** The sequences' bytes. */
    byte[] sequenceBytes() {
        return sequences.getBytes(StandardCharsets.ISO_8859_1);
    }
}
