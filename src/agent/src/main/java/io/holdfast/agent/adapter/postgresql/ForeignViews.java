package io.holdfast.agent.adapter.postgresql;

/** Materialized views that read foreign tables, directly or through other views: what those give may change with the cut-over. */
final class ForeignViews {
    /** Their names, in the order in which they can be filled. */
    static final String QUERY = """
            WITH RECURSIVE reading AS (
                SELECT c.oid FROM pg_class c WHERE c.relkind = 'f'
                UNION
                SELECT r.ev_class FROM reading f
                    JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = f.oid
                        AND d.classid = 'pg_rewrite'::regclass
                    JOIN pg_rewrite r ON r.oid = d.objid)
            SELECT format('%I.%I', n.nspname, c.relname) AS name
            FROM reading JOIN pg_class c USING (oid) JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind = 'm' AND c.relispopulated ORDER BY c.oid""";

    private ForeignViews() {}
}
