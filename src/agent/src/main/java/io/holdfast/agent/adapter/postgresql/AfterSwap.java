package io.holdfast.agent.adapter.postgresql;

import java.io.IOException;
import java.util.List;
import java.util.stream.Collectors;

/** What an operator should know of what the replaced databases still have. */
final class AfterSwap {
    private record Slot(String name, String database) {}

    private AfterSwap() {}

    /** Logical replication slots belong to the replaced databases, and keep the server's log from being removed. */
    static List<String> slots(Psql psql, String database, List<SwapState.Database> databases)
            throws IOException, InterruptedException {
        String kept = databases.stream()
                .map(SwapState.Database::keptName)
                .filter(name -> name != null)
                .map(Sql::literal)
                .collect(Collectors.joining(", "));
        if (kept.isEmpty()) {
            return List.of();
        }
        String query = "SELECT slot_name AS name, database FROM pg_replication_slots WHERE database IN (" + kept
                + ") AND slot_type = 'logical' ORDER BY slot_name";
        return psql.list(database, query, Slot.class).stream()
                .map(slot -> "replication slot " + slot.name() + " belongs to the replaced database " + slot.database()
                        + ", and keeps the server's log until it is dropped: SELECT pg_drop_replication_slot("
                        + Sql.literal(slot.name()) + "); its subscribers need a new one, and a new copy of all data")
                .toList();
    }
}
