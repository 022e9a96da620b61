package io.holdfast.agent.adapter.postgresql;

import java.io.IOException;
import java.util.stream.Collectors;

/** The settings of {@code ALTER ROLE ALL SET}, which pg_dumpall leaves out. */
final class AllRoles {
    private static final String QUERY = """
            SELECT NULL AS role, split_part(c, '=', 1) AS name, substr(c, strpos(c, '=') + 1) AS value
            FROM pg_db_role_setting s, unnest(s.setconfig) c WHERE s.setdatabase = 0 AND s.setrole = 0""";

    private AllRoles() {}

    /** Statements that make them what they are now, for the end of the globals. */
    static String settings(Psql psql, String database) throws IOException, InterruptedException {
        return psql.list(database, QUERY, DatabaseProperties.Setting.class).stream()
                .map(setting -> "\nALTER ROLE ALL " + setting.set() + ";")
                .collect(Collectors.joining("", "\nALTER ROLE ALL RESET ALL;", "\n"));
    }
}
