package io.holdfast.agent.adapter.mariadb;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The settings of a session that imports: rows and tables come back that the server has taken once, whatever is set on it now
 * for those that users make. What a server does not know is left out.
 */
final class ImportSession {
    private ImportSession() {}

    /** One statement that sets them. */
    static String statement(Client client) throws IOException, InterruptedException {
        Map<String, String> settings = client.product().importSettings();
        List<List<String>> known = client.run(client.product().knownSettings(List.copyOf(settings.keySet())));
        return known.stream()
                .map(List::getFirst)
                .map(name -> "SESSION " + name + " = " + settings.get(name))
                .collect(Collectors.joining(", ", "SET ", ""));
    }
}
