package io.holdfast.agent.adapter.rabbitmq;

import io.holdfast.agent.adapter.LeftOut;
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
 * import silently, so that such a backup is refused before.
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
        String version = order.manifest().engineVersion();
        Translation translation =
                new Translation(Broker.series(version == null ? "" : version), Broker.series(broker.version()));
        Definitions.visit(Files.newInputStream(whole), translation::learn);
        Map<String, Long> counts = new TreeMap<>();
        DefinitionsStream.Selection foreign = (kind, element) -> {
            counts.merge(kind.key(), 1L, Long::sum);
            return foreign(kind, element, broker);
        };
        try (DefinitionsStream stream =
                DefinitionsStream.translated(Files.newInputStream(whole), foreign, translation)) {
            RestoreFiles.write(stream, document, OutputCheck.ANYTHING);
        } catch (JobException e) {
            throw e.code() == FailureCode.INCOMPLETE_DUMP ? JobException.corrupt(e.getMessage() + "", e) : e;
        }
        Files.delete(whole);
        order.manifest().facts().forEach((key, count) -> counts.merge(key, -count, Long::sum));
        if (counts.values().stream().anyMatch(difference -> difference != 0)) {
            throw JobException.corrupt("the backup does not have as many definitions as its manifest says", null);
        }
        LeftOut leftOut = LeftOut.of(files);
        leftOut.note(translation.notes());
        Definitions live = live();
        requireNoConflict(document, live, leftOut);
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
        try (InputStream live = Export.open(api, DefinitionsStream.Selection.ALL)) {
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
        switch (by) {
            case BACKUP -> {
                LeftOut leftOut = LeftOut.of(files);
                wanted.run(
                        (kind, element) -> !leftOut.has(kind.identify(element)),
                        (kind, element, reason) -> refused(leftOut, kind, element, reason));
                if (leftOut.allowed()) {
                    compare(
                            files,
                            (kind, element, difference) -> leftOut.add(
                                    kind.identify(element),
                                    difference + ": RabbitMQ silently ignored it in the import"));
                }
            }
            case OLD -> {
                LeftOut nothing = LeftOut.nothing(files);
                wanted.run(
                        DefinitionsStream.Selection.ALL,
                        (kind, element, reason) -> refused(nothing, kind, element, reason));
            }
        }
        removeLimits(document);
    }

    /** Of what may hold passwords the server's reason may quote them. */
    private static void refused(LeftOut leftOut, Kind kind, JsonNode element, String reason) throws IOException {
        boolean secret = switch (kind) {
            case USERS, GLOBAL_PARAMETERS -> true;
            case PARAMETERS -> !element.path("component").asString("").equals("operator_policy");
            case VHOSTS, PERMISSIONS, TOPIC_PERMISSIONS, POLICIES, QUEUES, EXCHANGES, BINDINGS -> false;
        };
        String what = kind.describe(element) + " is refused by RabbitMQ"
                + (secret || reason.isBlank()
                        ? "; its log says why"
                        : ": " + reason.strip().replaceAll("\\s+", " "));
        if (!leftOut.allowed()) {
            throw new JobException(
                    FailureCode.RESTORE_FAILED,
                    what,
                    "make the server accept it, for example by its plugins or settings, " + LeftOut.HINT);
        }
        leftOut.add(kind.identify(element), what);
    }

    private Definitions live() throws IOException {
        return Definitions.of(Export.open(api, DefinitionsStream.Selection.ALL));
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
        compare(files, (kind, element, difference) -> {
            throw new JobException(
                    FailureCode.VALIDATION_FAILED,
                    difference,
                    "somebody may have changed it meanwhile, or RabbitMQ ignored it; restore again, " + LeftOut.HINT);
        });
    }

    /** Takes a definition of the backup that is not live, or is otherwise. */
    private interface Differing {
        void element(Kind kind, JsonNode element, String difference) throws IOException;
    }

    private void compare(RestoreFiles files, Differing differing) throws IOException {
        LeftOut leftOut = LeftOut.of(files);
        Definitions live = live();
        Definitions.visit(document(files, Content.BACKUP), (kind, element) -> {
            String conflict =
                    live.has(kind, element) ? live.conflict(kind, element) : kind.describe(element) + " is missing";
            if (conflict != null && !leftOut.has(kind.identify(element))) {
                differing.element(kind, element, conflict);
            }
        });
    }

    @Override
    public Result result(RestoreFiles files) throws IOException {
        Broker broker = Broker.of(api);
        List<String> restored = new ArrayList<>();
        Map<String, String> queueTypes = new TreeMap<>();
        LeftOut leftOut = LeftOut.of(files);
        Definitions.visit(document(files, Content.BACKUP), (kind, element) -> {
            if (kind == Kind.VHOSTS && !leftOut.has(kind.identify(element))) {
                restored.add(kind.describe(element));
                queueTypes.put(kind.describe(element), Kind.defaultQueueType(element));
            }
        });
        List<String> notes = new ArrayList<>(leftOut.sentences());
        Definitions backup = Definitions.of(document(files, Content.BACKUP));
        TreeSet<String> leftAlone = new TreeSet<>();
        Export.visit(api, (kind, element) -> {
            String type = kind == Kind.VHOSTS ? queueTypes.getOrDefault(kind.describe(element), "") : "";
            if (!type.isEmpty() && !type.equals(Kind.defaultQueueType(element))) {
                notes.add(kind.describe(element) + " does not have the default queue type " + type
                        + " as in the backup: this version of RabbitMQ sets it only for new virtual hosts");
            }
            if (leftAlone.size() < MOST_NAMES && !backup.has(kind, element) && foreign(kind, element, broker)) {
                leftAlone.add(kind.describe(element));
            }
        });
        if (!leftAlone.isEmpty()) {
            notes.add("what the backup does not have was left alone; the adapter's page says how to remove it");
        }
        return new Result(restored, List.copyOf(leftAlone), notes);
    }

    @Override
    public void open(RestoreFiles files, Content now) {
        // Nobody was kept out.
    }

    /** Not the agent's own user, which must stay as the agent knows it, and not the cluster's own identity. */
    private static boolean foreign(Kind kind, JsonNode element, Broker broker) {
        return switch (kind) {
            case USERS -> !element.path("name").asString("").equals(broker.user());
            case GLOBAL_PARAMETERS -> !Kind.isOfTheCluster(element);
            case VHOSTS, PERMISSIONS, TOPIC_PERMISSIONS, PARAMETERS, POLICIES, QUEUES, EXCHANGES, BINDINGS -> true;
        };
    }

    private static void requireNoConflict(Path document, Definitions live, LeftOut leftOut) throws IOException {
        Definitions.visit(Files.newInputStream(document), (kind, element) -> {
            String conflict = live.conflict(kind, element);
            if (conflict == null) {
                return;
            }
            String what = conflict + " as in the backup, and RabbitMQ cannot change that";
            if (!leftOut.allowed()) {
                throw new JobException(
                        FailureCode.RESTORE_FAILED,
                        what,
                        "delete it first (a queue with its messages), then restore again, " + LeftOut.HINT);
            }
            leftOut.add(kind.identify(element), what);
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
