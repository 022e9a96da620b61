-- Prints the properties of all databases, one a line.
\set ON_ERROR_STOP on
\pset format unaligned
\pset tuples_only on
SELECT d.datname, pg_get_userbyid(d.datdba), pg_encoding_to_char(d.encoding), d.datcollate, d.datctype, d.datistemplate,
    d.datallowconn, d.datconnlimit,
    (SELECT string_agg(a::text, ' ' ORDER BY a::text) FROM unnest(d.datacl) AS a),
    shobj_description(d.oid, 'pg_database'),
    (SELECT string_agg(format('%s: %s', coalesce(r.rolname, '*'), s.setconfig), ' ' ORDER BY r.rolname)
       FROM pg_db_role_setting s LEFT JOIN pg_roles r ON r.oid = s.setrole WHERE s.setdatabase = d.oid)
FROM pg_database d
WHERE d.datname !~ '^holdfast_'
ORDER BY d.datname;
