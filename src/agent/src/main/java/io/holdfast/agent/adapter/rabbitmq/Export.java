package io.holdfast.agent.adapter.rabbitmq;

import java.io.IOException;
import java.io.InputStream;

/** A server's definitions as it exports them, completed by what its lists have. */
final class Export {
    private Export() {}

    /** Asks for all that a selection keeps; the stream's end is reached only when the definitions are whole. */
    static DefinitionsStream open(ManagementApi api, DefinitionsStream.Selection selection) throws IOException {
        ServerLists lists = ServerLists.before(api, selection);
        InputStream document = api.definitions(); // the server makes all of it before it sends any of it
        try {
            lists.after();
        } catch (IOException | RuntimeException e) {
            document.close();
            throw e;
        }
        return DefinitionsStream.checked(document, selection, lists);
    }

    /** Shows all elements. */
    static void visit(ManagementApi api, Definitions.Visitor visitor) throws IOException {
        Definitions.visit(open(api, DefinitionsStream.Selection.ALL), visitor);
    }
}
