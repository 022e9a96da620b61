package io.holdfast.agent.adapter.rabbitmq;

import io.holdfast.agent.adapter.Dump;
import io.holdfast.agent.adapter.DumpStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** An export of a cluster's definitions, or of some virtual hosts'. */
final class DefinitionsDump implements Dump {
    static final String DEFINITIONS = "definitions";

    private final ManagementApi api;
    private final Broker broker;
    private final DefinitionsStream.Selection selection;
    private @Nullable DefinitionsStream stream;

    DefinitionsDump(ManagementApi api, Broker broker, DefinitionsStream.Selection selection) {
        this.api = api;
        this.broker = broker;
        this.selection = selection;
    }

    @Override
    public String engineVersion() {
        return broker.version();
    }

    @Override
    public @Nullable Long estimatedBytes() {
        return null; // the server makes the document when it is asked for it
    }

    @Override
    public List<Artifact> artifacts() {
        return List.of(new DumpStream(DEFINITIONS, DEFINITIONS, this::open));
    }

    @Override
    public Map<String, Long> facts() {
        Map<String, Long> facts = new TreeMap<>();
        if (stream != null) {
            stream.counts().forEach((kind, count) -> facts.put(kind.key(), count));
        }
        return facts;
    }

    @Override
    public List<String> notes() {
        return stream == null ? List.of() : stream.notes();
    }

    private InputStream open() throws IOException {
        DefinitionsStream opened = Export.open(api, selection);
        stream = opened;
        return opened;
    }
}
