package io.holdfast.cli;

import io.holdfast.cli.manager.ManagerClient;
import io.holdfast.cli.outcome.ExitCode;
import io.holdfast.cli.outcome.Failure;
import io.holdfast.cli.terminal.Surroundings;
import io.holdfast.cli.terminal.Wording;
import io.holdfast.format.json.Json;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** {@code holdfast apply}: makes the manager's instances, their owners, schedules and rules what a file says. */
@Command(
        name = "apply",
        description = {
            "Registers instances, and sets their owners, schedules and retention, as a JSON file says. What the file does"
                    + " not name stays as it is; the same file once more changes nothing.",
            "",
            "  {\"instances\": [{\"id\": \"shop-1\", \"service\": \"postgresql\", \"owner\": \"data-services\",",
            "    \"schedule\": {\"cron\": \"0 3 * * *\", \"time_zone\": \"Europe/Berlin\"}, \"retention\": {\"daily\": 30},",
            "    \"exclude_from_auto_backup\": false}]}",
            "",
            "A schedule or retention of null goes back to the platform's."
        })
final class ApplyCommand implements Callable<Integer> {
    private final Surroundings surroundings;

    @Mixin
    private final ManagerOptions manager;

    @Parameters(index = "0", paramLabel = "FILE", description = "A JSON file with the wanted state.")
    private Path file = Path.of("");

    @Option(names = "--dry-run", description = "Show what would change, and change nothing.")
    private boolean dryRun;

    private int changed;
    private final List<String> failed = new ArrayList<>();

    ApplyCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
        this.manager = new ManagerOptions(surroundings);
    }

    @Override
    public Integer call() throws InterruptedException {
        Policies policies = Policies.read(file);
        try (ManagerClient client = manager.connect()) {
            for (Policies.Policy policy : policies.instances()) {
                attempt(client, policy);
            }
        }
        surroundings
                .out()
                .println(policies.instances().size() + " instances, " + changed
                        + (dryRun ? " to be changed, " : " changed, ") + failed.size() + " failed.");
        return failed.isEmpty() ? ExitCode.OK.number() : ExitCode.FAILED.number();
    }

    private void attempt(ManagerClient client, Policies.Policy policy) throws InterruptedException {
        try {
            apply(client, policy);
        } catch (Failure e) {
            if (e.exitCode() == ExitCode.UNREACHABLE) {
                throw e;
            }
            // The others are to have what the file says all the same.
            failed.add(policy.id());
            surroundings.err().println(Wording.printable(policy.id() + ": " + e.code() + ": " + e.what()));
            if (e.hint() != null) {
                surroundings.err().println(Wording.printable("HINT: " + e.hint()));
            }
        }
    }

    private void apply(ManagerClient client, Policies.Policy policy) throws InterruptedException {
        String path = policy.instance().path();
        JsonNode before = look(client, path);
        List<String> differences = differences(policy, before);
        if (!dryRun && (!differences.isEmpty() || policy.retention() != null)) {
            client.put(path, body(policy));
            if (differences.contains(owner(policy))) {
                client.put(path + "/owner", Json.mapper().writeValueAsString(Map.of("owner", policy.owner())));
            }
            JsonNode after = look(client, path);
            // Rules that the file does not name are the platform's again.
            if (before != null
                    && after != null
                    && !before.path("retention").equals(after.path("retention"))
                    && differences.stream().noneMatch(each -> each.startsWith("retention"))) {
                differences.add("retention " + after.path("retention"));
            }
        }
        if (differences.isEmpty()) {
            surroundings.out().println(Wording.printable(policy.id() + ": as wanted"));
        } else {
            changed++;
            surroundings
                    .out()
                    .println(Wording.printable(policy.id() + ": " + (dryRun ? "would change: " : "changed: ")
                            + String.join(", ", differences)));
        }
    }

    /** The instance; null when it is not there. */
    private static @Nullable JsonNode look(ManagerClient client, String path) throws InterruptedException {
        try {
            return client.get(path).as(JsonNode.class);
        } catch (Failure e) {
            if (e.code().equals("NotFound")) {
                return null;
            }
            throw e;
        }
    }

    private static String owner(Policies.Policy policy) {
        return "owner " + policy.owner();
    }

    private static List<String> differences(Policies.Policy policy, @Nullable JsonNode now) {
        List<String> differences = new ArrayList<>();
        if (now == null) {
            differences.add("registered");
        } else if (now.path("state").asString("").equals("deleted")) {
            differences.add("registered again");
        }
        if (policy.owner() != null
                && (now == null || !policy.owner().equals(now.path("owner").asString("")))) {
            differences.add(owner(policy));
        }
        Boolean excluded = policy.excludeFromAutoBackup();
        if (excluded != null
                && (now == null
                        ? excluded
                        : now.path("exclude_from_auto_backup").asBoolean() != excluded)) {
            differences.add("exclude_from_auto_backup " + excluded);
        }
        compare("schedule", policy.schedule(), now, differences);
        compare("retention", policy.retention(), now, differences);
        return differences;
    }

    private static void compare(
            String field, @Nullable JsonNode wanted, @Nullable JsonNode now, List<String> differences) {
        if (wanted == null) {
            return;
        }
        JsonNode has = now == null ? null : now.get(field);
        boolean own = has != null && has.path("own").asBoolean();
        boolean same = wanted.isNull()
                ? !own
                : own
                        && wanted.propertyStream()
                                .allMatch(each -> has != null && same(each.getValue(), has.get(each.getKey())));
        if (!same) {
            differences.add(field + " " + (wanted.isNull() ? "of the platform" : wanted.toString()));
        }
    }

    private static boolean same(JsonNode wanted, @Nullable JsonNode has) {
        return has != null && wanted.asString().strip().replaceAll("\\s+", " ").equals(has.asString());
    }

    private static String body(Policies.Policy policy) {
        Map<String, Object> body = new LinkedHashMap<>();
        put(body, "service", policy.service());
        put(body, "exclude_from_auto_backup", policy.excludeFromAutoBackup());
        put(body, "schedule", policy.schedule());
        put(body, "retention", policy.retention());
        return Json.mapper().writeValueAsString(body);
    }

    private static void put(Map<String, Object> body, String name, @Nullable Object value) {
        if (value != null) {
            body.put(name, value);
        }
    }
}
