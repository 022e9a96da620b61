package io.holdfast.agent.adapter.rabbitmq;

import io.holdfast.agent.adapter.LiveData;
import io.holdfast.agent.adapter.OutputCheck;
import io.holdfast.agent.adapter.RestoreFiles;
import io.holdfast.agent.adapter.RestoreOrder;
import io.holdfast.agent.attempt.JobException;
import io.holdfast.format.manifest.Manifest;
import io.holdfast.protocol.FailureCode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;

/**
 * A cluster's definitions, as a restore adds to and changes them. Clients go on meanwhile: an import neither closes
 * connections nor touches messages. A queue or exchange that is there with other properties would be passed over by the
 * import without a word, so that such a backup is refused before.
 */
final class RabbitmqData implements LiveData {
    private static final String DOCUMENT = "definitions.json";
    private static final String WHOLE = "whole.json";
    private static final int MOST_NAMES = 200;

    /** Says {@link #UNTOUCHED} until something was imported. */
    private static final String LIVE_FILE = "live";

    private static final String UNTOUCHED = "untouched";
    private static final String IMPORTED = "imported ";

    private final ManagementApi api;

    RabbitmqData(ManagementApi api) {
        this.api = api;
    }

    @Override
    public long preflight(Manifest manifest) throws IOException {
        Manifest.Artifact artifact = RestoreFiles.artifact(manifest, DefinitionsDump.DEFINITIONS);
        Broker broker = Broker.of(api);
        broker.requireAsNewAs(manifest.engineVersion());
        broker.requireRightsToRestore(api);
        return artifact.plaintextBytes(); // about what the live ones have
    }

    @Override
    public void stage(RestoreOrder order, RestoreFiles files) throws IOException {
        Path whole = files.backup().resolve(WHOLE);
        Path document = files.backup().resolve(DOCUMENT);
        RestoreFiles.fetch(order, DefinitionsDump.DEFINITIONS, whole, OutputCheck.ANYTHING);
        Broker broker = Broker.of(api);
        Map<String, Long> counts = new TreeMap<>();
        DefinitionsStream.Selection foreign = (kind, element) -> {
            counts.merge(kind.key(), 1L, Long::sum);
            return foreign(kind, element, broker);
        };
        try (DefinitionsStream stream = DefinitionsStream.part(Files.newInputStream(whole), foreign)) {
            RestoreFiles.write(stream, document, OutputCheck.ANYTHING);
        } catch (JobException e) {
            throw e.code() == FailureCode.INCOMPLETE_DUMP ? JobException.corrupt(e.getMessage() + "", e) : e;
        }
        Files.delete(whole);
        order.manifest().facts().forEach((key, count) -> counts.merge(key, -count, Long::sum));
        if (counts.values().stream().anyMatch(difference -> difference != 0)) {
            throw JobException.corrupt("the backup does not have as many definitions as its manifest says", null);
        }
        Definitions live = Definitions.of(api.definitions());
        requireNoConflict(document, live);
        Import.requireTaken(api, live); // for the way back
        Import.requireTaken(api, Definitions.of(Files.newInputStream(document)));
    }

    /** Nobody can be kept out, and nobody needs to be: what an import changes, it changes one by one. */
    @Override
    public void close(RestoreFiles files) throws IOException {
        RestoreFiles.write(
                new ByteArrayInputStream(UNTOUCHED.getBytes(StandardCharsets.UTF_8)),
                files.closed().resolve(LIVE_FILE),
                OutputCheck.ANYTHING);
    }

    @Override
    public void save(RestoreFiles files) throws IOException {
        try (InputStream live = DefinitionsStream.checked(api.definitions(), DefinitionsStream.Selection.ALL)) {
            RestoreFiles.write(live, files.old().resolve(DOCUMENT), OutputCheck.ANYTHING);
        }
    }

    @Override
    public void replace(RestoreFiles files, Content by) throws IOException {
        Path document = files.of(by).resolve(DOCUMENT);
        if (by == Content.OLD) {
            if (isUntouched(files)) {
                return;
            }
            new Removal(api).remove(added(files));
        }
        Import wanted = Import.prepare(api, document);
        noteImport(files);
        wanted.run();
        removeLimits(document);
    }

    private static boolean isUntouched(RestoreFiles files) throws IOException {
        Path live = files.closed().resolve(LIVE_FILE);
        return Files.exists(live) && Files.readString(live).equals(UNTOUCHED);
    }

    /** In its place, which needs no room and which no crash of the machine undoes. */
    private static void noteImport(RestoreFiles files) throws IOException {
        Files.writeString(
                files.closed().resolve(LIVE_FILE), IMPORTED, StandardOpenOption.CREATE, StandardOpenOption.SYNC);
    }

    @Override
    public void validate(RestoreFiles files) throws IOException {
        Definitions live = Definitions.of(api.definitions());
        Definitions.visit(document(files, Content.BACKUP), (kind, element) -> {
            String conflict =
                    live.has(kind, element) ? live.conflict(kind, element) : kind.describe(element) + " is missing";
            if (conflict != null) {
                throw new JobException(
                        FailureCode.VALIDATION_FAILED,
                        conflict,
                        "somebody may have changed it meanwhile; else restore another backup, and have this one"
                                + " verified");
            }
        });
    }

    @Override
    public Result result(RestoreFiles files) throws IOException {
        Broker broker = Broker.of(api);
        List<String> restored = new ArrayList<>();
        Definitions.visit(document(files, Content.BACKUP), (kind, element) -> {
            if (kind == Kind.VHOSTS) {
                restored.add(kind.describe(element));
            }
        });
        Definitions backup = Definitions.of(document(files, Content.BACKUP));
        TreeSet<String> leftAlone = new TreeSet<>();
        Definitions.visit(api.definitions(), (kind, element) -> {
            if (leftAlone.size() < MOST_NAMES && !backup.has(kind, element) && foreign(kind, element, broker)) {
                leftAlone.add(kind.describe(element));
            }
        });
        return new Result(
                restored,
                List.copyOf(leftAlone),
                leftAlone.isEmpty()
                        ? List.of()
                        : List.of("what the backup does not have was left alone; the adapter's page says how to remove"
                                + " it"));
    }

    @Override
    public void open(RestoreFiles files, Content now) {
        // Nobody was kept out.
    }

    /** Not the agent's own user, which must stay as the agent knows it, and not the cluster's own identity. */
    private static boolean foreign(Kind kind, JsonNode element, Broker broker) {
        return switch (kind) {
            case USERS -> !element.path("name").asString("").equals(broker.user());
            case GLOBAL_PARAMETERS -> !element.path("name").asString("").equals("internal_cluster_id");
            case VHOSTS, PERMISSIONS, TOPIC_PERMISSIONS, PARAMETERS, POLICIES, QUEUES, EXCHANGES, BINDINGS -> true;
        };
    }

    private static void requireNoConflict(Path document, Definitions live) throws IOException {
        Definitions.visit(Files.newInputStream(document), (kind, element) -> {
            String conflict = live.conflict(kind, element);
            if (conflict != null) {
                throw new JobException(
                        FailureCode.RESTORE_FAILED,
                        conflict + " as in the backup, and RabbitMQ cannot change that",
                        "delete it first (with it go a queue's messages), then restore again");
            }
        });
    }

    private List<Removal.Definition> added(RestoreFiles files) throws IOException {
        Definitions before = Definitions.of(document(files, Content.OLD));
        List<Removal.Definition> added = new ArrayList<>();
        Definitions.visit(document(files, Content.BACKUP), (kind, element) -> {
            if (!before.has(kind, element)) {
                added.add(new Removal.Definition(kind, element));
            }
        });
        return added;
    }

    /** An import sets users' limits, but never takes one away. */
    private void removeLimits(Path document) throws IOException {
        for (JsonNode limited : api.list("user-limits")) {
            String user = limited.path("user").asString("");
            Definitions.visit(Files.newInputStream(document), (kind, element) -> {
                if (kind == Kind.USERS && element.path("name").asString("").equals(user)) {
                    for (String limit : limited.path("value").propertyNames()) {
                        if (!element.path("limits").has(limit)) {
                            api.delete("user-limits", user, limit);
                        }
                    }
                }
            });
        }
    }

    private static InputStream document(RestoreFiles files, Content content) throws IOException {
        return Files.newInputStream(files.of(content).resolve(DOCUMENT));
    }
}
