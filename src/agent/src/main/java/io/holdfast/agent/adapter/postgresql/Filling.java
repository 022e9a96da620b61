package io.holdfast.agent.adapter.postgresql;

import io.holdfast.agent.adapter.RestoreOrder;
import io.holdfast.agent.adapter.postgresql.TableOfContents.Entry;
import io.holdfast.agent.adapter.postgresql.TableOfContents.Section;
import io.holdfast.agent.attempt.JobException;
import io.holdfast.agent.process.ProcessEnd;
import io.holdfast.agent.process.RunningProcess;
import io.holdfast.format.manifest.Manifest;
import io.holdfast.protocol.FailureCode;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Fills one empty database from its archive, in three parts. What is to be and the rows have to come as they are, or the
 * restore fails. Rows are loaded as their table's owner, so that what a constraint or a generated column of theirs calls
 * has no more rights than they have. What is refused is tried once more with the database's own search path, since functions
 * and operators may be named without their schema; rows then by the agent's own user, without the checks of tables and
 * domains; these follow, and only what cannot follow is told. Of indexes, constraints
 * between tables, refreshes and the like each is tried for itself, then once again with the database's own search path;
 * what is still refused is told, and tried a last time after the cut-over. So is each security label.
 */
final class Filling {
    private static final Pattern FAILED = Pattern.compile("pg_restore: from TOC entry (\\d+); .*");

    /** Without these the data is whole, and nobody has more rights than before. */
    private static final Set<String> DISPENSABLE = Set.of(
            "INDEX",
            "INDEX ATTACH",
            "CONSTRAINT",
            "FK CONSTRAINT",
            "CHECK CONSTRAINT",
            "STATISTICS",
            "MATERIALIZED VIEW DATA",
            "EVENT TRIGGER",
            "PUBLICATION",
            "PUBLICATION TABLE",
            "PUBLICATION TABLES IN SCHEMA",
            "SUBSCRIPTION",
            "SUBSCRIPTION TABLE",
            "SECURITY LABEL",
            "COMMENT");

    private final Programs programs;
    private final Psql psql;
    private final RestoreOrder.Source source;
    private final List<String> tablespaces;
    private final List<String> notes;
    private final List<Deferred> deferred = new ArrayList<>();

    /** Makes an empty database of a name. */
    interface Maker {
        void make() throws IOException, InterruptedException;
    }

    /**
     * @param tablespaces those that the server has
     * @param notes takes what an operator should know
     */
    Filling(Programs programs, Psql psql, RestoreOrder.Source source, List<String> tablespaces, List<String> notes) {
        this.programs = programs;
        this.psql = psql;
        this.source = source;
        this.tablespaces = tablespaces;
        this.notes = notes;
    }

    /** What is to be tried after the cut-over. */
    List<Deferred> deferred() {
        return deferred;
    }

    /**
     * The whole of it.
     *
     * @param database its name when it is in its place
     * @param name its name until then
     */
    void fill(String database, String name, Manifest.Artifact artifact, Maker maker)
            throws IOException, InterruptedException {
        maker.make();
        try (TableOfContents contents = new TableOfContents(programs.server().runDirectory());
                PostponedExtensions postponed = new PostponedExtensions(psql, name, contents)) {
            new Database(database, name, artifact, maker, contents, postponed).fill();
        }
    }

    /** What an extension's script has put into tables that pg_dump dumps: the backup has these rows too. */
    private static final String EMPTY_CONFIGURATION = """
            DO $holdfast$
            DECLARE
                configured record;
            BEGIN
                FOR configured IN
                    SELECT u.relation, u.condition
                    FROM pg_extension e, unnest(e.extconfig, e.extcondition) AS u (relation, condition)
                    JOIN pg_class c ON c.oid = u.relation
                    WHERE c.relkind IN ('r', 'p')
                LOOP
                    EXECUTE format('DELETE FROM %s %s', configured.relation::regclass, configured.condition);
                END LOOP;
            END
            $holdfast$;
            """;

    /** Another one closes it. */
    private static final class KeptOpen extends FilterInputStream {
        KeptOpen(InputStream in) {
            super(in);
        }

        @Override
        public void close() {}
    }

    private interface Listener {
        void line(String line);
    }

    /** Which entries pg_restore says that it could not make. */
    private static final class Failures implements Listener {
        private final Set<Long> ids = Collections.synchronizedSet(new HashSet<>());

        @Override
        public void line(String line) {
            Matcher matcher = FAILED.matcher(line);
            if (matcher.matches()) {
                ids.add(Long.valueOf(matcher.group(1)));
            }
        }
    }

    /** One database and what is known of it while it is filled. */
    private final class Database {
        private final String database;
        private final String name;
        private final Manifest.Artifact artifact;
        private final Maker maker;
        private final TableOfContents contents;
        private final PostponedExtensions postponed;

        Database(
                String database,
                String name,
                Manifest.Artifact artifact,
                Maker maker,
                TableOfContents contents,
                PostponedExtensions postponed) {
            this.database = database;
            this.name = name;
            this.artifact = artifact;
            this.maker = maker;
            this.contents = contents;
            this.postponed = postponed;
        }

        void fill() throws IOException, InterruptedException {
            boolean loaded;
            try (InputStream archive = source.open(artifact)) {
                contents.read(archive);
                noteTablespaces();
                preData();
                loaded = data(archive, true);
            }
            if (!loaded) {
                againAsAgent();
            }
            if (!postponed.isEmpty()) {
                deferred.addAll(postponed.putAside(database));
            }
            postData();
            // A server takes them only while it has loaded who gave them.
            again(contents.entries(contents.securityLabels()));
        }

        private void againAsAgent() throws IOException, InterruptedException {
            contents.useOwnSearchPath();
            maker.make();
            preData();
            Constraints constraints = new Constraints(psql, database, name);
            constraints.drop();
            try (InputStream archive = source.open(artifact)) {
                archive.skipNBytes(contents.length());
                data(archive, false);
            }
            notes.add("database " + database + ": rows could not be loaded as their tables' owners, so the agent's user"
                    + " has loaded them");
            notes.addAll(constraints.add());
        }

        private void preData() throws IOException, InterruptedException {
            if (contents.isEmpty()) {
                return;
            }
            while (!preDataOnce()) {
                maker.make();
            }
            if (!postponed.isEmpty()) {
                postponed.standIn();
            }
            if (contents.hasExtensions()) {
                psql.run(name, EMPTY_CONFIGURATION);
            }
        }

        /** False when the database is to be begun again, without extensions that have to wait, or with its own search path. */
        private boolean preDataOnce() throws IOException, InterruptedException {
            Failures failures = new Failures();
            ProcessEnd end;
            try (InputStream archive = contents.stream()) {
                List<String> arguments = new ArrayList<>(List.of("--section=pre-data", "--verbose"));
                if (postponed.isEmpty()) {
                    arguments.add("--exit-on-error");
                }
                end = restore(archive, failures, arguments.toArray(String[]::new));
            }
            if (end.good()) {
                return true;
            }
            List<Entry> refused = contents.entries(failures.ids);
            if (refused.isEmpty() || ToolFailure.of(end).code() != FailureCode.RESTORE_FAILED) {
                require(end);
            }
            if (postponed.postpone(refused)) {
                return false;
            }
            if (postponed.postponeAboutMembers(refused)) {
                return true;
            }
            if (!contents.useOwnSearchPath()) {
                require(end);
            }
            return false;
        }

        /** Everything is read to its end, and so checked to its last byte, even when pg_restore needs no more of it. */
        private boolean data(InputStream rest, boolean asOwners) throws IOException, InterruptedException {
            if (contents.has(Section.DATA)) {
                List<String> arguments = new ArrayList<>(List.of("--section=data", "--exit-on-error"));
                if (asOwners) {
                    arguments.add("--use-set-session-authorization");
                }
                ProcessEnd end = restore(
                        new SequenceInputStream(contents.stream(), new KeptOpen(rest)),
                        line -> {},
                        arguments.toArray(String[]::new));
                if (!end.good() && asOwners && ToolFailure.of(end).code() == FailureCode.RESTORE_FAILED) {
                    return false;
                }
                require(end);
            }
            rest.transferTo(OutputStream.nullOutputStream());
            return true;
        }

        private void postData() throws IOException, InterruptedException {
            if (!contents.has(Section.POST_DATA)) {
                return;
            }
            Failures failures = new Failures();
            ProcessEnd end;
            try (InputStream archive = contents.stream()) {
                end = restore(archive, failures, "--section=post-data", "--verbose");
            }
            if (end.good()) {
                return;
            }
            List<Entry> entries = contents.entries(failures.ids);
            boolean general = ToolFailure.of(end).code() != FailureCode.RESTORE_FAILED;
            if (entries.isEmpty() || general) {
                require(end);
            }
            again(entries);
        }

        private void again(List<Entry> entries) throws IOException, InterruptedException {
            if (entries.isEmpty()) {
                return;
            }
            boolean withTablespaces = missingTablespaces().isEmpty();
            List<Deferred> tries = entries.stream()
                    .map(entry -> Deferred.of(database, entry, withTablespaces))
                    .toList();
            List<Psql.@Nullable Refused> outcomes =
                    psql.attempt(name, tries.stream().map(Deferred::statement).toList());
            for (int i = 0; i < tries.size(); i++) {
                Psql.Refused refused = outcomes.get(i);
                if (refused != null) {
                    JobException failure = ToolFailure.byState(refused.state(), refused.message());
                    if (failure.code()
                            == FailureCode.DISK_FULL) { // of others the server itself is the subject, or another one
                        throw failure;
                    }
                    if (!DISPENSABLE.contains(entries.get(i).description())) {
                        throw refused(entries.get(i).description() + " "
                                + entries.get(i).tag() + ": " + refused.message() + " (" + refused.state() + ")");
                    }
                    if (!refused.exists()) {
                        deferred.add(tries.get(i));
                    } else if (entries.get(i).description().equals("EVENT TRIGGER")) {
                        deferred.add(Deferred.owner(database, entries.get(i))); // who has to be a superuser
                    }
                }
            }
        }

        private ProcessEnd restore(InputStream archive, Listener errors, String... more)
                throws IOException, InterruptedException {
            List<String> arguments = new ArrayList<>(List.of(
                    "--format=custom",
                    "--no-password",
                    "--dbname=" + programs.server().uri(name)));
            if (!missingTablespaces().isEmpty()) {
                arguments.add("--no-tablespaces");
            }
            if (postponed.list() != null) {
                arguments.add("--use-list=" + postponed.list());
            }
            if (!contents.securityLabels().isEmpty()) {
                arguments.add("--no-security-labels");
            }
            arguments.addAll(List.of(more));
            try (RunningProcess process = programs.startRestoring("pg_restore", arguments)) {
                process.onErrorLine(errors::line);
                process.feed(archive);
                ProcessEnd end = process.await();
                programs.stop().check();
                return end;
            }
        }

        private List<String> missingTablespaces() {
            return contents.tablespaces().stream()
                    .filter(tablespace -> !tablespaces.contains(tablespace))
                    .toList();
        }

        private void noteTablespaces() {
            List<String> missing = missingTablespaces();
            if (!missing.isEmpty()) {
                notes.add("database " + database + ": tablespaces " + missing
                        + " do not exist here, so all of its tables and"
                        + " indexes are in its default tablespace: ALTER TABLE … SET TABLESPACE moves them");
            }
        }

        private void require(ProcessEnd end) throws JobException {
            if (!end.good()) {
                JobException failure = ToolFailure.of(end);
                throw failure.code() == FailureCode.RESTORE_FAILED ? refused(end.description()) : failure;
            }
        }

        private JobException refused(String what) {
            return new JobException(
                    FailureCode.RESTORE_FAILED,
                    "the dump of database " + database + " was refused: " + what,
                    "docs/adapters/postgresql.md says what cannot be replayed; a role that was a superuser when the"
                            + " backup was made may have to be one again");
        }
    }
}
