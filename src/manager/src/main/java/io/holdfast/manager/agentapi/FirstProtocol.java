package io.holdfast.manager.agentapi;

import io.holdfast.format.json.Json;
import io.holdfast.manager.instance.Instance;
import io.holdfast.manager.jobs.JobKind;
import io.holdfast.manager.jobs.JobQueue;
import io.holdfast.protocol.Assignment;
import io.holdfast.protocol.Heartbeat;
import java.util.Set;
import tools.jackson.databind.node.ObjectNode;

/** What is other with agents of the first protocol. Goes when that is served no more. */
final class FirstProtocol {
    private FirstProtocol() {}

    /** What a manifest had then: they refuse one with more. That it is signed as a whole they leave to the manager to check. */
    private static final Set<String> MANIFEST = Set.of(
            "format",
            "instance_id",
            "backup_id",
            "sequence",
            "started_at",
            "finished_at",
            "service",
            "engine_version",
            "key_version",
            "recipients",
            "artifacts",
            "facts");

    /** The assignment with a field that they demand, though nobody ever read it, and without those that they refuse. */
    static ObjectNode message(Assignment assignment) {
        ObjectNode message = Json.mapper().valueToTree(assignment);
        if (assignment instanceof Assignment.Restore restore) {
            message.put("resume", assignment.epoch() > 1);
            message.put("manifest", manifest(restore.manifest()));
        }
        return message;
    }

    private static String manifest(String file) {
        ObjectNode signed = (ObjectNode) Json.mapper().readTree(file);
        ((ObjectNode) signed.get("manifest")).retain(MANIFEST);
        return Json.mapper().writeValueAsString(signed) + "\n";
    }

    /**
     * They ask for the leave to replace live data by a heartbeat in such a phase, and take it for granted when the answer does
     * not say that the job is to be cancelled.
     */
    static void cutOver(JobQueue queue, long job, Instance instance, Heartbeat heartbeat) {
        if (queue.isLive(job, instance, heartbeat.epoch(), JobKind.RESTORE)) {
            queue.cutOver(job, instance, heartbeat.epoch());
        }
    }
}
