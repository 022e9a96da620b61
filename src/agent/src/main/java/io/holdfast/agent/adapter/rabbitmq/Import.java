package io.holdfast.agent.adapter.rabbitmq;

import io.holdfast.agent.attempt.JobException;
import io.holdfast.format.json.Json;
import io.holdfast.protocol.FailureCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
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
    private final List<Element> piece = new ArrayList<>();
    private int bytes;

    /** Takes a definition that the server refuses, with the reason; throws to end the import. */
    interface Refused {
        void element(Kind kind, JsonNode element, String reason) throws IOException;
    }

    private record Element(Kind kind, JsonNode value) {}

    private Import(ManagementApi api, Path document, List<Kind> kinds, ObjectNode head, int pieceBytes) {
        this.api = api;
        this.document = document;
        this.kinds = kinds;
        this.head = head;
        this.pieceBytes = pieceBytes;
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

    /**
     * Adds and changes what the document says.
     *
     * @param selection what of it
     */
    void run(DefinitionsStream.Selection selection, Refused refused) throws IOException {
        for (Kind kind : kinds) {
            Definitions.visit(Files.newInputStream(document), (found, element) -> {
                if (found == kind && selection.keeps(kind, element)) {
                    add(kind, element, refused);
                }
            });
        }
        send(refused);
    }

    private void add(Kind kind, JsonNode element, Refused refused) throws IOException {
        int length = Definitions.bytes(element) + 1;
        if (bytes + length > pieceBytes) {
            send(refused);
        }
        piece.add(new Element(kind, element));
        bytes += length;
    }

    private void send(Refused refused) throws IOException {
        send(piece, refused);
        piece.clear();
        bytes = 0;
    }

    /** The server says of a document only that something in it is wrong, so that it is halved until one is left. */
    private void send(List<Element> elements, Refused refused) throws IOException {
        String reason = elements.isEmpty() ? null : api.importDefinitions(document(elements));
        if (reason == null) {
            return;
        }
        if (elements.size() == 1) {
            refused.element(elements.getFirst().kind(), elements.getFirst().value(), reason);
            return;
        }
        int half = elements.size() / 2;
        send(elements.subList(0, half), refused);
        send(elements.subList(half, elements.size()), refused);
    }

    private byte[] document(List<Element> elements) {
        ObjectNode wanted = head.deepCopy();
        for (Element element : elements) {
            wanted.withArrayProperty(element.kind().key()).add(element.value());
        }
        return Json.mapper().writeValueAsBytes(wanted);
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
                        definitions.largest() + " has " + least
                                + " bytes, and RabbitMQ accepts no request of that size",
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
