package io.holdfast.agent.adapter.mariadb;

import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The schemas beside the live ones that a restore makes: for what comes, for what goes, and for trying whether what goes could
 * be made again. Their names hold the restore's number and the schema's place among all, as those of schemas may be too long
 * for more.
 *
 * @param base how all their names begin, such as {@code holdfast_restore_7_0_}: the restore's number, and one that no other
 *     restore with that number has
 * @param live all schemas that the backup has
 */
record WorkSchemas(String base, List<String> live) {
    private static final Pattern NAME = Pattern.compile("holdfast_restore_[0-9]+_[0-9]+_(new|old|try)_[0-9]+");

    /** What one is for. */
    enum Use {
        NEW,
        OLD,
        TRY
    }

    /** Whether a name is one of a restore's, so that neither backups nor restores are about it. */
    static boolean is(String name) {
        return NAME.matcher(name).matches();
    }

    String name(String schema, Use use) {
        return name(use, live.indexOf(schema));
    }

    private String name(Use use, int place) {
        return base + use.name().toLowerCase(Locale.ROOT) + "_" + place;
    }

    List<String> names(Use use) {
        return live.stream().map(schema -> name(schema, use)).toList();
    }

    /** The other names, by those that dumps have; both with a byte in each character. */
    Map<String, String> raw(Use use) {
        Map<String, String> names = new HashMap<>();
        live.forEach(schema -> names.put(DumpStatement.raw(schema), name(schema, use)));
        return names;
    }

    /**
     * A beginning of names that no schema has: what an earlier restore has kept stays, also when another manager gave it the same
     * number.
     *
     * @param restore such as {@code restore-7}
     */
    static String newBase(Client client, String restore) throws IOException, InterruptedException {
        String prefix = "holdfast_" + restore.replace('-', '_') + "_";
        List<String> taken = client
                .run("SELECT SCHEMA_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME LIKE "
                        + Sql.literal(prefix.replace("_", "\\_") + "%") + ";")
                .stream()
                .map(List::getFirst)
                .toList();
        int number = 0;
        while (anyBegins(taken, prefix + number + "_")) {
            number++;
        }
        return prefix + number + "_";
    }

    private static boolean anyBegins(List<String> names, String base) {
        return names.stream().anyMatch(name -> name.startsWith(base));
    }
}
