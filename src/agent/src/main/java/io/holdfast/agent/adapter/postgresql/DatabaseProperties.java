package io.holdfast.agent.adapter.postgresql;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a database is beside its content: all that {@code pg_dump --create} would say, as data instead of SQL, so that it
 * can be applied to a database of another name.
 *
 * @param name its name
 * @param artifact the name of its artifact
 * @param provider the locale provider as in {@code pg_database}: c, i or b; null before PostgreSQL 15
 * @param locale the provider's locale, when it is not c
 * @param comment its comment, or null
 * @param privileges rights on it, or null when they are the default
 * @param settings of the database, and of roles in it
 */
record DatabaseProperties(
        String name,
        String artifact,
        String encoding,
        @Nullable String provider,
        String collate,
        String ctype,
        @Nullable String locale,
        @Nullable String icuRules,
        String owner,
        String tablespace,
        int connectionLimit,
        boolean template,
        @Nullable String comment,
        @Nullable List<Privilege> privileges,
        List<Setting> settings) {

    /** A right; a grantee of null is everybody. */
    record Privilege(@Nullable String grantee, String privilege, boolean grantable) {}

    /** A setting; a role of null stands for all. */
    record Setting(@Nullable String role, String name, String value) {
        /** What follows {@code ALTER ROLE …} or {@code ALTER DATABASE …}. */
        String set() {
            String values = LISTS.contains(name)
                    ? Sql.elements(value).stream().map(Sql::literal).collect(Collectors.joining(", "))
                    : Sql.literal(value);
            return "SET " + Sql.setting(name) + " TO " + values;
        }
    }

    /** Settings whose value is a list of identifiers: PostgreSQL's GUC_LIST_QUOTE. */
    private static final Set<String> LISTS = Set.of(
            "search_path",
            "temp_tablespaces",
            "session_preload_libraries",
            "local_preload_libraries",
            "shared_preload_libraries",
            "unix_socket_directories");

    /** The version that has a provider for each database. */
    private static final int PROVIDERS_SINCE = 15;

    private static final Map<String, String> PROVIDERS = Map.of("c", "libc", "i", "icu", "b", "builtin");

    /** Selects records of this type, without the artifact's name, for all databases but those that cannot be dumped. */
    static final String QUERY = """
            SELECT d.datname AS name, '' AS artifact, pg_encoding_to_char(d.encoding) AS encoding,
                to_jsonb(d)->>'datlocprovider' AS provider, d.datcollate AS collate, d.datctype AS ctype,
                coalesce(to_jsonb(d)->>'datlocale', to_jsonb(d)->>'daticulocale') AS locale,
                to_jsonb(d)->>'daticurules' AS icu_rules, pg_get_userbyid(d.datdba) AS owner,
                t.spcname AS tablespace, d.datconnlimit AS connection_limit, d.datistemplate AS template,
                shobj_description(d.oid, 'pg_database') AS comment,
                CASE WHEN d.datacl IS NULL THEN NULL ELSE (
                    SELECT coalesce(json_agg(json_build_object(
                        'grantee', CASE a.grantee WHEN 0 THEN NULL ELSE pg_get_userbyid(a.grantee) END,
                        'privilege', a.privilege_type, 'grantable', a.is_grantable)), '[]')
                    FROM aclexplode(d.datacl) a) END AS privileges,
                (SELECT coalesce(json_agg(json_build_object(
                        'role', CASE s.setrole WHEN 0 THEN NULL ELSE pg_get_userbyid(s.setrole) END,
                        'name', split_part(c, '=', 1), 'value', substr(c, strpos(c, '=') + 1))), '[]')
                    FROM pg_db_role_setting s, unnest(s.setconfig) c WHERE s.setdatabase = d.oid) AS settings
            FROM pg_database d JOIN pg_tablespace t ON t.oid = d.dattablespace
            WHERE d.datallowconn AND d.datconnlimit <> %d AND d.datname <> 'template0'
                AND d.datname !~ '^holdfast_(old|new)_[0-9]+_[0-9]+$' AND d.datname !~ '^holdfast_maintenance_[0-9]+$'
            ORDER BY d.datname""".formatted(ServerFacts.INVALID);

    DatabaseProperties withArtifact(String newArtifact) {
        return new DatabaseProperties(
                name,
                newArtifact,
                encoding,
                provider,
                collate,
                ctype,
                locale,
                icuRules,
                owner,
                tablespace,
                connectionLimit,
                template,
                comment,
                privileges,
                settings);
    }

    /** Creates an empty database like this one under another name, closed to everybody but superusers. */
    String create(String as, boolean withTablespace, int serverMajor) {
        StringBuilder sql = new StringBuilder("CREATE DATABASE ")
                .append(Sql.identifier(as))
                .append(" TEMPLATE template0 CONNECTION LIMIT 0")
                .append(" ENCODING ")
                .append(Sql.literal(encoding))
                .append(" LC_COLLATE ")
                .append(Sql.literal(collate))
                .append(" LC_CTYPE ")
                .append(Sql.literal(ctype))
                .append(" OWNER ")
                .append(Sql.identifier(owner));
        if (serverMajor >= PROVIDERS_SINCE) {
            // Of a server before them, whose databases are all libc's; else the new server's own default would count.
            sql.append(" LOCALE_PROVIDER ").append(PROVIDERS.getOrDefault(provider == null ? "c" : provider, "libc"));
        }
        if (provider != null) {
            if (locale != null) {
                sql.append(provider.equals("b") ? " BUILTIN_LOCALE " : " ICU_LOCALE ")
                        .append(Sql.literal(locale));
            }
            if (icuRules != null) {
                sql.append(" ICU_RULES ").append(Sql.literal(icuRules));
            }
        }
        if (withTablespace) {
            sql.append(" TABLESPACE ").append(Sql.identifier(tablespace));
        }
        return sql.append(";\n").toString();
    }

    /** Gives a database of another name this one's rights and settings; each statement on its own. */
    List<String> rightsAndSettings(String as) {
        String database = Sql.identifier(as);
        List<String> sql = new ArrayList<>();
        if (privileges != null) {
            sql.add("REVOKE ALL ON DATABASE " + database + " FROM PUBLIC");
            sql.add("REVOKE ALL ON DATABASE " + database + " FROM " + Sql.identifier(owner));
            for (Privilege right : privileges) {
                String grantee = right.grantee() == null ? "PUBLIC" : Sql.identifier(right.grantee());
                // Not text from the backup: only these are known.
                if (Set.of("CREATE", "CONNECT", "TEMPORARY").contains(right.privilege())) {
                    sql.add("GRANT " + right.privilege() + " ON DATABASE " + database + " TO " + grantee
                            + (right.grantable() ? " WITH GRANT OPTION" : ""));
                }
            }
        }
        for (Setting setting : settings) {
            String target = setting.role() == null
                    ? "DATABASE " + database
                    : "ROLE " + Sql.identifier(setting.role()) + " IN DATABASE " + database;
            sql.add("ALTER " + target + " " + setting.set());
        }
        return sql;
    }

    /** Opens a database that has this one's name by now. */
    String open() {
        String database = Sql.identifier(name);
        return "ALTER DATABASE " + database + " WITH ALLOW_CONNECTIONS true CONNECTION LIMIT " + connectionLimit
                + " IS_TEMPLATE " + template + ";\n"
                + "COMMENT ON DATABASE " + database + " IS " + (comment == null ? "NULL" : Sql.literal(comment))
                + ";\n";
    }
}
