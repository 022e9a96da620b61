-- Prints all rows, sequences and large objects of one database as counts and checksums, one a line.
-- A table's checksum is the sum of two 64-bit hashes of each row's text: it does not depend on the rows' order.
\set ON_ERROR_STOP on
\pset format unaligned
\pset tuples_only on
SET extra_float_digits = 3;
SET row_security = off;
SET statement_timeout = 0;
SET search_path = pg_catalog;

SELECT format('SELECT %L, count(*), sum(hashtextextended(r, 1)), sum(hashtextextended(r, 2))'
    ' FROM (SELECT holdfast_row::text AS r FROM %I.%I AS holdfast_row) AS rows',
    CASE c.relkind WHEN 'm' THEN 'materialized view ' WHEN 'p' THEN 'partitioned table ' ELSE 'table ' END || format('%I.%I', n.nspname, c.relname),
    n.nspname, c.relname)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp)'
   OR c.relkind = 'm' AND c.relispopulated
ORDER BY n.nspname, c.relname
\gexec

SELECT format('SELECT %L, last_value, is_called FROM %I.%I', 'sequence ' || format('%I.%I', n.nspname, c.relname),
    n.nspname, c.relname)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'S'
ORDER BY n.nspname, c.relname
\gexec

SELECT 'large object', l.oid, length(lo_get(l.oid)), md5(lo_get(l.oid)), pg_get_userbyid(l.lomowner),
    (SELECT string_agg(a::text, ' ' ORDER BY a::text) FROM unnest(l.lomacl) AS a),
    obj_description(l.oid, 'pg_largeobject')
FROM pg_largeobject_metadata l ORDER BY l.oid;
