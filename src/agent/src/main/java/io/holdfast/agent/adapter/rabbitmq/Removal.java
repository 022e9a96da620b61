package io.holdfast.agent.adapter.rabbitmq;

import java.io.IOException;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** Removes definitions again that a restore has added. One that is gone already is no error. */
final class Removal {
    /** One that has to go. */
    record Definition(Kind kind, JsonNode element) {
        String field(String name) {
            return element.path(name).asString("");
        }
    }

    private final ManagementApi api;

    Removal(ManagementApi api) {
        this.api = api;
    }

    /** Removes the ones first that need others. */
    void remove(List<Definition> definitions) throws IOException {
        List<Kind> backwards = List.of(Kind.values()).reversed();
        for (Kind kind : backwards) {
            for (Definition definition : definitions) {
                if (definition.kind() == kind) {
                    remove(definition);
                }
            }
        }
    }

    private void remove(Definition it) throws IOException {
        String vhost = it.field("vhost");
        String name = it.field("name");
        String user = it.field("user");
        switch (it.kind()) {
            case USERS -> api.delete("users", name);
            case VHOSTS -> api.delete("vhosts", name);
            case PERMISSIONS -> api.delete("permissions", vhost, user);
            // Removes all of this user's in the vhost; those that were there come back by the import that follows.
            case TOPIC_PERMISSIONS -> api.delete("topic-permissions", vhost, user);
            case GLOBAL_PARAMETERS -> api.delete("global-parameters", name);
            case PARAMETERS -> api.delete("parameters", it.field("component"), vhost, name);
            case POLICIES -> api.delete("policies", vhost, name);
            case QUEUES -> api.delete("queues", vhost, name);
            case EXCHANGES -> api.delete("exchanges", vhost, name);
            case BINDINGS -> removeBinding(it);
        }
    }

    private void removeBinding(Definition it) throws IOException {
        String identity = Kind.BINDINGS.identify(it.element());
        String to = it.field("destination_type").equals("queue") ? "q" : "e";
        String[] path = {"bindings", it.field("vhost"), "e", it.field("source"), to, it.field("destination")};
        for (JsonNode binding : api.list(path)) {
            if (Kind.BINDINGS.identify(binding).equals(identity)) {
                String key = binding.path("properties_key").asString("");
                api.delete(path[0], path[1], path[2], path[3], path[4], path[5], key);
            }
        }
    }
}
