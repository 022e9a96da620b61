package io.holdfast.agent.adapter.mariadb;

import io.holdfast.agent.adapter.CheckedOutput;
import io.holdfast.agent.adapter.Dump;
import io.holdfast.agent.adapter.DumpStream;
import io.holdfast.agent.adapter.EndMark;
import io.holdfast.agent.attempt.JobException;
import io.holdfast.agent.attempt.StopSignal;
import io.holdfast.agent.process.ProcessEnd;
import io.holdfast.protocol.FailureCode;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/** A dump of all chosen schemas as of one moment; then the accounts, and what the schemas have. */
final class MariadbDump implements Dump {
    static final String DATA = "data";
    static final String ACCOUNTS = "accounts";
    static final String SCHEMAS = "schemas";

    private static final String END_MARK = "-- Dump completed";

    private final Client client;
    private final StopSignal stop;
    private final String version;
    private final List<Schema> schemas;
    private final long bytes;
    private final List<String> notes;
    private final Map<String, Long> facts = new TreeMap<>();

    /**
     * A dump that has not begun.
     *
     * @param schemas what is dumped, with what each has now
     * @param bytes about how many bytes they have
     * @param notes what of them will not come back as it is
     */
    MariadbDump(Client client, StopSignal stop, String version, List<Schema> schemas, long bytes, List<String> notes) {
        this.client = client;
        this.stop = stop;
        this.version = version;
        this.schemas = List.copyOf(schemas);
        this.bytes = bytes;
        this.notes = List.copyOf(notes);
    }

    @Override
    public List<String> notes() {
        return notes;
    }

    @Override
    public String engineVersion() {
        return version;
    }

    @Override
    public Long estimatedBytes() {
        return bytes;
    }

    @Override
    public List<Artifact> artifacts() {
        List<Artifact> artifacts = new ArrayList<>();
        if (!schemas.isEmpty()) {
            List<String> names = schemas.stream().map(Schema::name).toList();
            artifacts.add(new DumpStream(DATA, "sql", () -> data(client, names, stop)));
        }
        artifacts.add(new DumpStream(ACCOUNTS, ACCOUNTS, () -> JsonFile.stream(Accounts.of(client), ACCOUNTS)));
        artifacts.add(new DumpStream(SCHEMAS, SCHEMAS, () -> JsonFile.stream(counted(), SCHEMAS)));
        return artifacts;
    }

    @Override
    public Map<String, Long> facts() {
        return facts;
    }

    /** A dump's text, whose end is reached only when it is whole. */
    static InputStream data(Client client, List<String> schemas, StopSignal stop)
            throws IOException, InterruptedException {
        return new CheckedOutput(
                client.dump(schemas, List.of()), new EndMark(END_MARK, "the dump"), MariadbDump::requireGood, stop);
    }

    /**
     * The same without rows and without some views, and without what the server cannot read any more.
     *
     * @param unread is told the program's words about that
     */
    static InputStream structure(
            Client client, List<String> schemas, List<SchemaObject> without, StopSignal stop, Consumer<String> unread)
            throws IOException, InterruptedException {
        return new CheckedOutput(
                client.dump(schemas, without, "--no-data", "--force"),
                new EndMark(END_MARK, "the dump"),
                end -> {
                    if (!end.good() && ServerError.of(end).aboutAnObject()) {
                        unread.accept(end.description());
                    } else {
                        requireGood(end);
                    }
                },
                stop);
    }

    /** What a stored dump has to end with. */
    static EndMark endMark() {
        return new EndMark(END_MARK, "the backup's dump");
    }

    private static void requireGood(ProcessEnd end) throws JobException {
        if (!end.good()) {
            throw ServerError.failure(end, FailureCode.DUMP_FAILED);
        }
    }

    /** Asked again after the dump: only counts that did not change meanwhile are surely those of the dump. */
    private List<Schema> counted() throws IOException, InterruptedException {
        List<Schema> now = Schema.of(client);
        List<Schema> counted = schemas.stream()
                .map(schema -> now.contains(schema) ? schema : schema.uncounted())
                .toList();
        facts.put(SCHEMAS, (long) counted.size());
        if (now.containsAll(schemas)) {
            counted.forEach(schema -> schema.counts().forEach((kind, count) -> facts.merge(kind, count, Long::sum)));
        }
        return counted;
    }
}
