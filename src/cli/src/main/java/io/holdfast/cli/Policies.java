package io.holdfast.cli;

import io.holdfast.cli.local.LocalFiles;
import io.holdfast.cli.outcome.ExitCode;
import io.holdfast.cli.outcome.Failure;
import io.holdfast.format.json.Json;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.TypeConversionException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * What a file wants of instances.
 *
 * @param instances in the file's order
 */
record Policies(List<Policy> instances) {
    /**
     * What is wanted of one. A field that is not there changes nothing.
     *
     * @param id the instance's id
     * @param service what it is when it is registered, such as {@code postgresql}
     * @param owner whose it is to be, a broker or operator of the manager's configuration; null for whoever has it
     * @param excludeFromAutoBackup whether no backups are made by schedule
     * @param schedule cron and time_zone; JSON's null for the platform's
     * @param retention rules; JSON's null for the platform's
     */
    record Policy(
            String id,
            @Nullable String service,
            @Nullable String owner,
            @Nullable Boolean excludeFromAutoBackup,
            @Nullable JsonNode schedule,
            @Nullable JsonNode retention) {
        InstanceId instance() {
            return InstanceId.parse(id);
        }
    }

    /** Reads a file, and checks what can be checked without a manager. */
    static Policies read(Path file) {
        Policies policies = read(file, Policies.class);
        if (policies.instances == null) {
            throw wrong(file, "instances is missing");
        }
        Set<String> seen = new HashSet<>();
        for (Policy policy : policies.instances) {
            if (policy.id == null) {
                throw wrong(file, "an instance has no id");
            }
            try {
                policy.instance();
            } catch (TypeConversionException e) {
                throw wrong(file, policy.id + ": " + e.getMessage());
            }
            if (!seen.add(policy.id)) {
                throw wrong(file, policy.id + " is listed twice");
            }
        }
        return policies;
    }

    private static <T> T read(Path file, Class<T> type) {
        String text = LocalFiles.text(file);
        try {
            return Json.mapper().readValue(text, type);
        } catch (JacksonException e) {
            String place = e.getPath().stream()
                    .map(each -> each.getPropertyName() == null ? "[" + each.getIndex() + "]" : each.getPropertyName())
                    .collect(Collectors.joining(" "));
            throw wrong(
                    file,
                    place.isEmpty()
                            ? "not valid JSON, or not an object"
                            : "an unknown field, or a wrong type, at: " + place);
        }
    }

    private static Failure wrong(Path file, String what) {
        return new Failure(ExitCode.USAGE, "BadPolicies", file + ": " + what, "see: holdfast apply --help");
    }
}
