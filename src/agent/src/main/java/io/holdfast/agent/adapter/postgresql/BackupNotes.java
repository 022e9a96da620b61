package io.holdfast.agent.adapter.postgresql;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * What a backup does not keep, and what a restore of it will not be able to do. The sentences are in the manifest, which is
 * not encrypted: names only, no values.
 */
final class BackupNotes {
    private static final String SERVER = """
            SELECT 'database ' || datname || ' is what an interrupted DROP DATABASE has left: it is not in the backup; drop it'
                AS note FROM pg_database WHERE datconnlimit = -2
            UNION ALL SELECT 'database ' || datname || ' takes no connections: it is not in the backup'
                FROM pg_database WHERE NOT datallowconn AND datconnlimit <> -2 AND datname <> 'template0'
                AND datname !~ '^holdfast_'
            UNION ALL SELECT 'database ' || datname || ' has rights that others than its owner have granted: a restore grants them'
                || ' in the owner''s name'
                FROM pg_database d WHERE EXISTS (SELECT FROM aclexplode(d.datacl) a WHERE a.grantor <> d.datdba)
            UNION ALL SELECT 'database ' || datname || ' has a security label, which is not in the backup'
                FROM pg_database d WHERE EXISTS (SELECT FROM pg_shseclabel l WHERE l.classoid = 'pg_database'::regclass
                    AND l.objoid = d.oid)
            UNION ALL SELECT 'replication slot ' || slot_name || ' of database ' || database || ' is not in the backup'
                FROM pg_replication_slots WHERE slot_type = 'logical'
            ORDER BY 1""";

    private static final String DATABASE = """
            SELECT format('database %s: subscription %s will come back switched off: enable and refresh it',
                    current_database(), subname) AS note
                FROM pg_subscription s JOIN pg_database d ON d.oid = s.subdbid WHERE d.datname = current_database()
            UNION ALL SELECT format('database %s: the backup is one of a standby, where unlogged tables are empty: without rows'
                    || ' in it are %s', current_database(), string_agg(c.oid::regclass::text, ', ' ORDER BY c.oid))
                FROM pg_class c WHERE c.relpersistence = 'u' AND c.relkind = 'r' AND pg_is_in_recovery() HAVING count(*) > 0""";

    private record Note(String note) {}

    private BackupNotes() {}

    static List<String> of(Psql psql, String maintenanceDatabase, List<DatabaseProperties> databases)
            throws IOException, InterruptedException {
        List<String> notes = new ArrayList<>();
        psql.list(maintenanceDatabase, SERVER, Note.class).forEach(note -> notes.add(note.note()));
        for (DatabaseProperties database : databases) {
            psql.list(database.name(), DATABASE, Note.class).forEach(note -> notes.add(note.note()));
        }
        return notes;
    }
}
