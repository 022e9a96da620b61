package io.holdfast.agent.adapter.rabbitmq;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a server's own lists have, read before its export and after it, while the export is one document that was made in
 * between. What both lists have was there all the time: an export that lacks it is completed, since versions leave out
 * things that others do not, such as internal exchanges. A binding of what not both have belongs to a queue that came or
 * went meanwhile, or to a connection. Of each element 8 bytes are held. For one thread.
 */
final class ServerLists {
    private static final String QUERY = "?disable_stats=true";
    private static final String METADATA = "metadata";

    /** What a virtual host has besides its name; the export of some versions has nothing of it. */
    private static final List<String> VHOST_FIELDS = List.of("description", "tags", "default_queue_type");

    private final ManagementApi api;
    private final DefinitionsStream.Selection selection;

    /** Of what is exported and not seen yet. */
    private final Map<Kind, Set<Long>> unseen = new EnumMap<>(Kind.class);

    /** Queues and exchanges that a binding may refer to. */
    private final Set<Long> bindable = new HashSet<>();

    /** Queues that go with a connection, or whose names a server has made up. */
    private final Set<Long> passing = new HashSet<>();

    private final Map<String, ObjectNode> vhosts = new HashMap<>();
    private final Map<Kind, Long> added = new EnumMap<>(Kind.class);

    private ServerLists(ManagementApi api, DefinitionsStream.Selection selection) {
        this.api = api;
        this.selection = selection;
    }

    /** Lists what there is before an export is asked for. */
    static ServerLists before(ManagementApi api, DefinitionsStream.Selection selection) throws IOException {
        ServerLists lists = new ServerLists(api, selection);
        for (Kind kind : Kind.values()) {
            lists.unseen.put(kind, lists.list(kind));
        }
        return lists;
    }

    /** Forgets what is not there any more once the export was made. */
    void after() throws IOException {
        for (Kind kind : Kind.values()) {
            Set<Long> lasting = found(kind);
            lasting.retainAll(list(kind));
            if (kind == Kind.QUEUES || kind == Kind.EXCHANGES) {
                lasting.removeAll(passing);
                bindable.addAll(lasting);
            }
        }
    }

    /** Whether it belongs to something that is not in the backup, since it came, goes or went. */
    boolean passes(Kind kind, JsonNode element) {
        return switch (kind) {
            case QUEUES -> passing.contains(hash(kind, element));
            case BINDINGS -> !isLastingBinding(element);
            case USERS, VHOSTS, PERMISSIONS, TOPIC_PERMISSIONS, GLOBAL_PARAMETERS, PARAMETERS, POLICIES, EXCHANGES ->
                false;
        };
    }

    private boolean isLastingBinding(JsonNode binding) {
        return isBindable(Kind.EXCHANGES, binding, "source")
                && isBindable(Kind.destination(binding), binding, "destination");
    }

    private boolean isBindable(Kind kind, JsonNode binding, String field) {
        String name = binding.path(field).asString("");
        return (kind == Kind.EXCHANGES && Kind.isEverywhere(name))
                || bindable.contains(hash(kind, named(binding.path("vhost"), binding.path(field))));
    }

    /** Notes that the export has it, and gives it with what the export lacks of it. */
    JsonNode seen(Kind kind, JsonNode element) {
        long hash = hash(kind, element);
        found(kind).remove(hash);
        if (kind == Kind.QUEUES || kind == Kind.EXCHANGES) {
            bindable.add(hash);
        }
        if (kind != Kind.VHOSTS || element.has(METADATA)) {
            return element;
        }
        ObjectNode known = vhosts.get(element.path("name").asString(""));
        return known == null ? element : element.asObject().deepCopy().setAll(known);
    }

    /** What the export lacks of a kind whose list is over, as an export has it. */
    List<JsonNode> lacking(Kind kind) throws IOException {
        Set<Long> missing = found(kind);
        List<JsonNode> lacking = new ArrayList<>();
        if (!missing.isEmpty()) {
            api.each(path(kind), element -> {
                if (missing.contains(hash(kind, element)) && (kind != Kind.BINDINGS || isLastingBinding(element))) {
                    lacking.add(kind.exported(element));
                }
            });
            added.merge(kind, (long) lacking.size(), Long::sum);
        }
        return lacking;
    }

    /** What people should know of a backup that was made with these lists. */
    List<String> notes() {
        List<String> notes = new ArrayList<>();
        added.forEach((kind, count) -> {
            if (count > 0) {
                notes.add("RabbitMQ's export lacked " + count + " of its " + kind.key()
                        + ", which were taken from the server's list and are in the backup");
            }
        });
        if (!passing.isEmpty()) {
            notes.add("not in the backup, nor are their bindings: " + passing.size() + " queues that end with their"
                    + " connections (exclusive), or that the server has named (amq.gen-…)");
        }
        return notes;
    }

    private Set<Long> list(Kind kind) throws IOException {
        Set<Long> hashes = new HashSet<>();
        api.each(path(kind), element -> {
            if (!selection.keeps(kind, element)) {
                return;
            }
            if (kind == Kind.QUEUES
                    && (element.path("exclusive").asBoolean(false)
                            || Kind.isServerNamed(element.path("name").asString("")))) {
                passing.add(hash(kind, element));
            } else if (isExported(kind, element)) {
                hashes.add(hash(kind, element));
            }
            if (kind == Kind.VHOSTS) {
                vhosts.put(element.path("name").asString(""), described(element));
            }
        });
        return hashes;
    }

    private static String path(Kind kind) {
        String columns = String.join(",", kind.listed());
        return kind.key().replace('_', '-') + QUERY + (columns.isEmpty() ? "" : "&columns=" + columns);
    }

    /** What every virtual host has, and what makes a cluster itself, belongs to no export. */
    private static boolean isExported(Kind kind, JsonNode element) {
        return switch (kind) {
            case EXCHANGES -> !Kind.isEverywhere(element.path("name").asString(""));
            case BINDINGS -> !element.path("source").asString("").isEmpty();
            case GLOBAL_PARAMETERS -> !Kind.isOfTheCluster(element);
            case USERS, VHOSTS, PERMISSIONS, TOPIC_PERMISSIONS, PARAMETERS, POLICIES, QUEUES -> true;
        };
    }

    /** As versions from 3.11 on export it: both as fields and as metadata, since not all versions import both. */
    private static ObjectNode described(JsonNode vhost) {
        ObjectNode metadata = JsonNodeFactory.instance.objectNode();
        for (String field : VHOST_FIELDS) {
            JsonNode value = vhost.path(field);
            if (!value.isMissingNode() && !value.isNull() && !value.asString("").equals("undefined")) {
                metadata.set(field, value);
            }
        }
        ObjectNode described = metadata.deepCopy();
        described.set(METADATA, metadata);
        return described;
    }

    private Set<Long> found(Kind kind) {
        return unseen.computeIfAbsent(kind, none -> new HashSet<>());
    }

    private static JsonNode named(JsonNode vhost, JsonNode name) {
        return JsonNodeFactory.instance.objectNode().set("vhost", vhost).set("name", name);
    }

    /** The beginning of its identity's hash: that two of a server's elements have the same one will not happen. */
    private static long hash(Kind kind, JsonNode element) {
        try {
            byte[] identity = kind.identify(element).getBytes(StandardCharsets.UTF_8);
            return ByteBuffer.wrap(MessageDigest.getInstance("SHA-256").digest(identity))
                    .getLong();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java has it
        }
    }
}
