package io.holdfast.agent.adapter.postgresql;

import io.holdfast.agent.attempt.JobException;
import io.holdfast.protocol.FailureCode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Counts what a database has, in the terms of {@link ArchiveCheck}: without what belongs to the system or an extension. */
final class ContentCounts {
    private static final String QUERY = """
            WITH own AS (
                SELECT oid FROM pg_namespace WHERE nspname !~ '^pg_'
                    AND nspname NOT IN ('information_schema', '%s')),
            relations AS (
                SELECT c.relkind FROM pg_class c WHERE c.relnamespace IN (SELECT oid FROM own)
                    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass
                        AND d.objid = c.oid AND d.deptype = 'e'))
            SELECT 'tables' AS name, count(*) AS count FROM relations WHERE relkind IN ('r', 'p')
            UNION ALL SELECT 'foreign_tables', count(*) FROM relations WHERE relkind = 'f'
            UNION ALL SELECT 'views', count(*) FROM relations WHERE relkind = 'v'
            UNION ALL SELECT 'materialized_views', count(*) FROM relations WHERE relkind = 'm'
            UNION ALL SELECT 'sequences', count(*) FROM relations WHERE relkind = 'S'
            UNION ALL SELECT 'functions', count(*) FROM pg_proc p WHERE p.pronamespace IN (SELECT oid FROM own)
                AND p.prokind <> 'a'
                AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass
                    AND d.objid = p.oid AND d.deptype IN ('e', 'i'))
            UNION ALL SELECT 'large_objects', count(*) FROM pg_largeobject_metadata""".formatted(PostponedExtensions.SCHEMA);

    private record Count(String name, long count) {}

    private ContentCounts() {}

    static Map<String, Long> of(Psql psql, String database) throws IOException, InterruptedException {
        Map<String, Long> counts = new TreeMap<>();
        for (Count count : psql.list(database, QUERY, Count.class)) {
            counts.put(count.name(), count.count());
        }
        return counts;
    }

    /** Those of the manifest's facts that are about one database. */
    static Map<String, Long> expected(Map<String, Long> facts, String artifact) {
        String prefix = PostgresDump.fact(artifact, "");
        Map<String, Long> expected = new TreeMap<>();
        facts.forEach((name, count) -> {
            if (name.startsWith(prefix)) {
                expected.put(name.substring(prefix.length()), count);
            }
        });
        return expected;
    }

    /**
     * Throws {@code VALIDATION_FAILED} when a database lacks something. Who is a superuser gets into a database that is
     * closed to all others, and may have added to it since it was counted.
     */
    static void requireAtLeast(Map<String, Long> expected, Map<String, Long> found, String database)
            throws JobException {
        Map<String, Long> atMost = new TreeMap<>(found);
        expected.forEach((name, count) -> atMost.merge(name, count, Long::min));
        require(expected, atMost, database);
    }

    /** Throws {@code VALIDATION_FAILED} when a database does not have what it should have. */
    static void require(Map<String, Long> expected, Map<String, Long> found, String database) throws JobException {
        List<String> differences = new ArrayList<>();
        expected.forEach((name, count) -> {
            if (!count.equals(found.get(name))) {
                differences.add(found.getOrDefault(name, 0L) + " " + name + " instead of " + count);
            }
        });
        if (!differences.isEmpty()) {
            throw new JobException(
                    FailureCode.VALIDATION_FAILED,
                    "database " + database + " has " + String.join(", ", differences),
                    "restore a different backup, and run 'holdfast verify' on this one");
        }
    }
}
