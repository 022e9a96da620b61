package io.holdfast.agent.adapter.postgresql;

import io.holdfast.agent.adapter.CheckedOutput;
import io.holdfast.agent.adapter.Dump;
import io.holdfast.agent.adapter.DumpStream;
import io.holdfast.agent.adapter.OutputCheck;
import io.holdfast.agent.attempt.JobException;
import io.holdfast.agent.process.ProcessEnd;
import io.holdfast.format.json.Json;
import io.holdfast.protocol.FailureCode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** A logical dump of a whole server: what the databases are, the globals, then each database. */
final class PostgresDump implements Dump {
    static final String DATABASES = "databases";
    static final String GLOBALS = "globals";
    static final String DATABASE = "database";

    private static final int LONGEST_SLUG = 48;

    private final Programs programs;
    private final ServerFacts facts;
    private final List<DatabaseProperties> databases;
    private final String settingsOfAllRoles;
    private final List<String> notes;
    private final Map<String, Long> counts = new TreeMap<>();

    PostgresDump(
            Programs programs,
            ServerFacts facts,
            List<DatabaseProperties> databases,
            String settingsOfAllRoles,
            List<String> notes) {
        this.programs = programs;
        this.facts = facts;
        this.databases = named(databases);
        this.settingsOfAllRoles = settingsOfAllRoles;
        this.notes = notes;
        counts.put("databases", (long) databases.size());
    }

    @Override
    public String engineVersion() {
        return facts.version();
    }

    @Override
    public Long estimatedBytes() {
        return facts.databaseBytes();
    }

    @Override
    public Map<String, Long> facts() {
        return counts;
    }

    @Override
    public List<String> notes() {
        return notes;
    }

    @Override
    public List<Artifact> artifacts() {
        List<Artifact> artifacts = new ArrayList<>();
        artifacts.add(new DumpStream(DATABASES, DATABASES, DATABASES, this::properties));
        artifacts.add(new DumpStream(GLOBALS, GLOBALS, GLOBALS, this::globals));
        for (DatabaseProperties database : databases) {
            artifacts.add(new DumpStream(database.artifact(), DATABASE, database.name(), () -> archive(database)));
        }
        return artifacts;
    }

    private InputStream properties() throws IOException {
        byte[] json = Json.mapper().writeValueAsBytes(databases);
        return new ByteArrayInputStream(json);
    }

    private InputStream globals() throws IOException, InterruptedException {
        List<String> arguments = List.of(
                "--globals-only",
                "--no-password",
                "--dbname=" + programs.server().uri(programs.server().maintenanceDatabase()),
                "--database=" + programs.server().maintenanceDatabase());
        return new SequenceInputStream(
                new CheckedOutput(
                        programs.start("pg_dumpall", arguments),
                        new GlobalsCheck(),
                        PostgresDump::requireGood,
                        programs.stop()),
                new ByteArrayInputStream(settingsOfAllRoles.getBytes(StandardCharsets.UTF_8)));
    }

    private InputStream archive(DatabaseProperties database) throws IOException, InterruptedException {
        List<String> arguments = List.of(
                "--format=custom",
                "--compress=0",
                // Its own: not all that a database may hold has a place in another one.
                "--encoding=" + database.encoding(),
                "--no-password",
                "--dbname=" + programs.server().uri(database.name()));
        ArchiveCheck check = new ArchiveCheck(database.name());
        OutputCheck counting = new OutputCheck() {
            @Override
            public void accept(byte[] bytes, int offset, int length) throws JobException {
                check.accept(bytes, offset, length);
            }

            @Override
            public void end() throws JobException {
                check.end();
                check.counts().forEach((name, count) -> counts.put(fact(database.artifact(), name), count));
            }
        };
        return new CheckedOutput(
                programs.start("pg_dump", arguments), counting, PostgresDump::requireGood, programs.stop());
    }

    /** A dump program's end with anything but exit code 0 makes its output worthless. */
    static void requireGood(ProcessEnd end) throws JobException {
        if (!end.good()) {
            JobException failure = ToolFailure.of(end);
            boolean general = failure.code() == FailureCode.RESTORE_FAILED || failure.code() == FailureCode.DISK_FULL;
            throw general ? new JobException(FailureCode.DUMP_FAILED, end.description()) : failure;
        }
    }

    /** The name of a count in the manifest. */
    static String fact(String artifact, String count) {
        return "database." + artifact + "." + count;
    }

    /** Gives each database a name that a store and a shell can take. */
    private static List<DatabaseProperties> named(List<DatabaseProperties> databases) {
        Set<String> taken = new HashSet<>(Set.of(DATABASES, GLOBALS));
        // First those whose own name it is: by it the commands for a recovery by hand know the database postgres.
        databases.stream()
                .filter(database -> slug(database).equals(database.name()))
                .forEach(database -> taken.add(database.name()));
        List<DatabaseProperties> named = new ArrayList<>();
        for (DatabaseProperties database : databases) {
            String slug = slug(database);
            boolean own =
                    slug.equals(database.name()) && !Set.of(DATABASES, GLOBALS).contains(slug);
            String name = slug;
            for (int i = 2; !own && !taken.add(name); i++) {
                name = slug + "-" + i;
            }
            named.add(database.withArtifact(name));
        }
        return named;
    }

    private static String slug(DatabaseProperties database) {
        String slug = database.name()
                .toLowerCase(Locale.ROOT)
                .replaceAll("[^a-z0-9_-]+", "-")
                .replaceAll("^[_-]+|[_-]+$", "");
        return slug.isEmpty() ? DATABASE : slug.substring(0, Math.min(slug.length(), LONGEST_SLUG));
    }

    /** A dump needs a superuser: everything else would leave out what it may not see. */
    static void requireSuperuser(ServerFacts facts) throws JobException {
        if (!facts.superuser()) {
            throw new JobException(
                    FailureCode.SERVICE_DENIED,
                    "the agent's database user is not a superuser",
                    "ALTER ROLE … SUPERUSER, or name another user in adapter.user");
        }
    }
}
