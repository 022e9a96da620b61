package io.holdfast.manager.keys;

import io.holdfast.manager.sql.Database;
import java.time.Duration;
import java.util.List;

/**
 * The public halves of keys that live in the memory of managers, by which managers can leave each other a secret. Where a
 * manager has a database of its own, there are none.
 */
final class RecipientTable {
    private final Database database;
    private final String owner;
    private final Duration length;

    /**
     * Makes those of one manager.
     *
     * @param owner a name that no other manager, and no earlier run of this one, has
     * @param length how long a manager that is silent is taken to be alive
     */
    RecipientTable(Database database, String owner, Duration length) {
        this.database = database;
        this.owner = owner;
        this.length = length;
    }

    /** Says that this manager lives and has the key to this recipient, {@code age1…}. To be repeated. */
    void announce(String recipient) {
        if (!database.isShared()) {
            return;
        }
        database.write(handle -> {
            handle.createUpdate("DELETE FROM manager_recipient WHERE alive_until < " + Database.NOW)
                    .execute();
            return handle.createUpdate("""
                            INSERT INTO manager_recipient (owner, recipient, alive_until)
                            VALUES (:owner, :recipient, %s + :length)
                            ON CONFLICT (owner) DO UPDATE SET recipient = excluded.recipient,
                              alive_until = excluded.alive_until
                            """.formatted(Database.NOW))
                    .bind("owner", owner)
                    .bind("recipient", recipient)
                    .bind("length", length.toMillis())
                    .execute();
        });
    }

    /** The recipients of all managers that live. */
    List<String> list() {
        return database.read(handle -> handle.createQuery(
                        "SELECT recipient FROM manager_recipient WHERE alive_until >= " + Database.NOW)
                .mapTo(String.class)
                .list());
    }
}
