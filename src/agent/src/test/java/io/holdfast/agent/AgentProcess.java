package io.holdfast.agent;

import io.holdfast.agent.standin.StandInManager;
import io.holdfast.format.json.Json;
import io.holdfast.testbed.Certificates;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The agent as a process of its own, with the flags that it is shipped with. */
final class AgentProcess {
    /** More flags where neither memory nor speed is looked at: it lives for seconds, and its classes are this build's. */
    static final List<String> SHORT_LIVED =
            List.of("-XX:TieredStopAtLevel=1", "-XX:+UnlockDiagnosticVMOptions", "-XX:-BytecodeVerificationRemote");

    private AgentProcess() {}

    /** A configuration with these settings for the adapter; its working directory is below the given one. */
    static Map<String, Object> config(StandInManager manager, Path directory, Map<String, Object> adapter)
            throws IOException {
        Certificates.Issued issued = manager.certificates().agent(StandInManager.INSTANCE, 0);
        Map<String, Object> config = new LinkedHashMap<>();
        config.put(
                "manager",
                Map.of(
                        "url", manager.url().toString(),
                        "ca_file", manager.certificates().caFile().toString(),
                        "certificate_file", issued.certificateFile().toString(),
                        "private_key_file", issued.privateKeyFile().toString()));
        config.put("work_directory", directory.resolve("work").toString());
        config.put("trusted_ca_files", List.of(manager.certificates().caFile().toString()));
        config.put("adapter", adapter);
        return config;
    }

    static Process start(Map<String, Object> config, Path directory, List<String> flags) throws IOException {
        Path file = directory.resolve("config.json");
        Files.writeString(file, Json.mapper().writeValueAsString(config));
        return start(file, directory, flags);
    }

    /** Its output goes to {@code agent.log}, its errors to whoever reads them. */
    static Process start(Path config, Path directory, List<String> flags) throws IOException {
        return start(config, directory, flags, runtimeClassPath());
    }

    /** With another class path than the one that is shipped. */
    static Process start(Path config, Path directory, List<String> flags, String classPath) throws IOException {
        return start(config, directory, flags, classPath, List.of());
    }

    /** Behind another command, which becomes the agent. */
    static Process start(Path config, Path directory, List<String> flags, String classPath, List<String> behind)
            throws IOException {
        Path options = Path.of(System.getProperty("holdfast.root", "../.."), "src/agent/jvm.options");
        List<String> command = new ArrayList<>(behind);
        command.addAll(
                List.of(Path.of(System.getProperty("java.home"), "bin/java").toString(), "@" + options));
        command.addAll(flags);
        command.addAll(List.of("-cp", classPath, Main.class.getName(), config.toString()));
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        directory.resolve("agent.log").toFile()));
        builder.environment().put("MALLOC_ARENA_MAX", "1");
        builder.environment().put("MALLOC_TRIM_THRESHOLD_", "131072");
        builder.environment().put("MALLOC_MMAP_THRESHOLD_", "131072");
        return builder.start();
    }

    /** The tests' own class path has larger jars in it, whose directories would be in the agent's heap. */
    static String runtimeClassPath() {
        return classes() + ":" + libraries() + "/*";
    }

    /** The agent's own. */
    static Path classes() {
        return libraries().resolveSibling("classes");
    }

    /** The jars that the agent is shipped with. */
    static Path libraries() {
        return Path.of(System.getProperty("holdfast.root", "../.."), "src/agent/target/lib");
    }

    /** The most memory that a process has ever used. */
    static long peakKilobytes(Process process) throws IOException {
        return Files.readAllLines(Path.of("/proc/" + process.pid() + "/status")).stream()
                .filter(line -> line.startsWith("VmHWM:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElseThrow();
    }
}
