package io.holdfast.agent.manager;

import io.holdfast.format.json.Json;
import io.holdfast.format.manifest.Manifest;
import io.holdfast.protocol.Assignment;
import io.holdfast.protocol.BackupResult;
import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.Hello;
import io.holdfast.protocol.JobFailure;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What is other with managers of the first protocol, which refuse what they do not know. Goes when that is spoken no more.
 */
final class FirstProtocol {
    private static final Set<FailureCode> ADDED_SINCE =
            Set.of(FailureCode.TOO_MUCH_TO_REPORT, FailureCode.MANAGER_UNAVAILABLE);

    private FirstProtocol() {}

    /** Without number and capabilities. */
    static Hello hello(Hello hello) {
        return new Hello(
                hello.session(),
                hello.service(),
                hello.version(),
                hello.host(),
                hello.serverVersion(),
                hello.tools(),
                hello.warnings(),
                null,
                null);
    }

    /** With the life that their manifests do not have; the agent leaves it to the manager to check the signature. */
    static Assignment assignment(Assignment assignment) {
        return switch (assignment) {
            case Assignment.Backup backup -> backup;
            case Assignment.Restore restore ->
                new Assignment.Restore(
                        restore.jobId(),
                        restore.epoch(),
                        restore.leaseSeconds(),
                        restore.restoreId(),
                        restore.backupId(),
                        withLife(restore.manifest()),
                        restore.rollbackHours(),
                        restore.skipBroken());
        };
    }

    private static String withLife(String file) {
        JsonNode signed = Json.mapper().readTree(file);
        if (signed.get("manifest") instanceof ObjectNode manifest && !manifest.has("life")) {
            manifest.set("life", Json.mapper().valueToTree(Manifest.Life.UNRECORDED));
            return Json.mapper().writeValueAsString(signed) + "\n";
        }
        return file;
    }

    /** Without notes. */
    static BackupResult result(BackupResult result) {
        return new BackupResult(result.epoch(), result.engineVersion(), result.artifacts(), result.facts(), List.of());
    }

    /** With a code that they know. */
    static JobFailure failure(JobFailure failure) {
        return ADDED_SINCE.contains(failure.code())
                ? new JobFailure(
                        failure.epoch(), FailureCode.INTERNAL, failure.message(), failure.hint(), failure.liveData())
                : failure;
    }
}
