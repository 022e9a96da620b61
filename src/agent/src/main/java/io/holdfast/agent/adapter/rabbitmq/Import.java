package io.holdfast.agent.adapter.rabbitmq;

import io.holdfast.agent.attempt.JobException;
import io.holdfast.format.json.Json;
import io.holdfast.protocol.FailureCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * An import of a document of any size: in pieces, because a server takes no request above its setting
 * {@code management.http.max_body_size}. Each piece is a document of its own, and refers to nothing in those after it.
 * For one thread.
 */
final class Import {
    /** Servers take eight to twenty times as much by default. */
    private static final int PIECE_BYTES = 1024 * 1024;

    /** For the names of the lists, and what the document has beside definitions. */
    private static final int SPARE_BYTES = 4096;

    /** Limits of virtual hosts are parameters: new ones do not count for the queues, just as in a single import. */
    private static final List<Kind> ORDER = List.of(
            Kind.USERS,
            Kind.VHOSTS,
            Kind.PERMISSIONS,
            Kind.TOPIC_PERMISSIONS,
            Kind.EXCHANGES,
            Kind.GLOBAL_PARAMETERS,
            Kind.POLICIES,
            Kind.QUEUES,
            Kind.BINDINGS,
            Kind.PARAMETERS);

    private final ManagementApi api;
    private final Path document;
    private final List<Kind> kinds;
    private final ObjectNode head;
    private final int pieceBytes;
    private ObjectNode piece;
    private int bytes;

    private Import(ManagementApi api, Path document, List<Kind> kinds, ObjectNode head, int pieceBytes) {
        this.api = api;
        this.document = document;
        this.kinds = kinds;
        this.head = head;
        this.pieceBytes = pieceBytes;
        this.piece = head.deepCopy();
    }

    /** Finds out how large the pieces may be, and changes nothing. */
    static Import prepare(ManagementApi api, Path document) throws IOException {
        Definitions definitions = Definitions.of(Files.newInputStream(document));
        List<Kind> kinds = ORDER.stream().filter(definitions.kinds()::contains).toList();
        return new Import(api, document, kinds, head(document), pieceBytes(api, definitions));
    }

    /** Demands that the server takes the largest of these definitions. */
    static void requireTaken(ManagementApi api, Definitions definitions) throws IOException {
        pieceBytes(api, definitions);
    }

    /** Adds and changes what the document says. */
    void run() throws IOException {
        for (Kind kind : kinds) {
            Definitions.visit(Files.newInputStream(document), (found, element) -> {
                if (found == kind) {
                    add(kind, element);
                }
            });
        }
        send();
    }

    private void add(Kind kind, JsonNode element) throws IOException {
        int length = Definitions.bytes(element) + 1;
        if (bytes + length > pieceBytes) {
            send();
        }
        if (!(piece.get(kind.key()) instanceof ArrayNode)) {
            piece.set(kind.key(), JsonNodeFactory.instance.arrayNode());
        }
        piece.withArrayProperty(kind.key()).add(element);
        bytes += length;
    }

    private void send() throws IOException {
        if (bytes > 0) {
            api.importDefinitions(Json.mapper().writeValueAsBytes(piece));
        }
        piece = head.deepCopy();
        bytes = 0;
    }

    private static int pieceBytes(ManagementApi api, Definitions definitions) throws IOException {
        int least = definitions.largestBytes() + 1;
        for (int most = Math.max(least, PIECE_BYTES); ; most = Math.max(least, most / 2)) {
            if (api.takes(most + SPARE_BYTES)) {
                return most;
            }
            if (most == least) {
                throw new JobException(
                        FailureCode.RESTORE_FAILED,
                        definitions.largest() + " has " + least + " bytes, and RabbitMQ takes no request of that size",
                        "set management.http.max_body_size in rabbitmq.conf to more than " + (most + SPARE_BYTES)
                                + ", and to eight times that in versions that count bits, such as 3.10");
            }
        }
    }

    /** What the document has beside definitions, such as the server's version, which tells how to read them. */
    private static ObjectNode head(Path document) throws IOException {
        ObjectNode head = JsonNodeFactory.instance.objectNode();
        Definitions.visitOthers(Files.newInputStream(document), head::set);
        return head;
    }
}
