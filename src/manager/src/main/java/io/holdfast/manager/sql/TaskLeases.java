package io.holdfast.manager.sql;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which manager does a piece of background work, so that two do not do it at once. It spares work, no more: a manager
 * that stood still may go on beside the one that took over, and whatever is done under a lease has to bear that. A
 * manager with a database of its own has every task. May be used by any thread.
 */
public final class TaskLeases {
    private final Database database;
    private final String owner;
    private final Duration length;
    /** When each task that this manager has was last taken or renewed, by {@link System#nanoTime}. */
    private final Map<String, Long> held = new ConcurrentHashMap<>();

    /**
     * Makes the leases of one manager.
     *
     * @param owner a name that no other manager, and no earlier run of this one, has
     * @param length how long a manager that is silent keeps its leases
     */
    public TaskLeases(Database database, String owner, Duration length) {
        this.database = database;
        this.owner = owner;
        this.length = length;
    }

    /** Whether any manager at this database has a task now: it works, or ended silently less than a lease ago. */
    public static boolean isAnyManagerAtWork(Database database) {
        return database.read(
                handle -> handle.createQuery("SELECT count(*) FROM task_lease WHERE lease_until >= " + Database.NOW)
                                .mapTo(Integer.class)
                                .one()
                        > 0);
    }

    /** Takes a task, or finds that this manager has it. False while another has it. */
    public boolean take(String task) {
        Long since = held.get(task);
        boolean fresh = since != null && System.nanoTime() - since < length.toNanos() / 2;
        if (fresh || !database.isShared()) {
            return true;
        }
        long now = System.nanoTime();
        boolean taken = database.note(handle -> handle.createUpdate("""
                                INSERT INTO task_lease (task, owner, lease_until) VALUES (:task, :owner, %s + :length)
                                ON CONFLICT (task) DO UPDATE SET owner = excluded.owner,
                                  lease_until = excluded.lease_until
                                  WHERE task_lease.owner = excluded.owner OR task_lease.lease_until < %s
                                """.formatted(Database.NOW, Database.NOW))
                        .bind("task", task)
                        .bind("owner", owner)
                        .bind("length", length.toMillis())
                        .execute()
                == 1);
        if (taken) {
            held.put(task, now);
        } else {
            held.remove(task);
        }
        return taken;
    }

    /** Extends all leases of this manager. Called well before the first ends. */
    public void renew() {
        for (String task : held.keySet()) {
            long now = System.nanoTime();
            int renewed = database.note(handle -> handle.createUpdate("UPDATE task_lease SET lease_until = "
                            + Database.NOW + " + :length WHERE task = :task AND owner = :owner")
                    .bind("length", length.toMillis())
                    .bind("task", task)
                    .bind("owner", owner)
                    .execute());
            held.computeIfPresent(task, (name, before) -> renewed == 1 ? (Long) now : null);
        }
    }

    /** Gives a task back. */
    public void release(String task) {
        if (held.remove(task) != null) {
            database.note(handle -> handle.createUpdate("DELETE FROM task_lease WHERE task = :task AND owner = :owner")
                    .bind("task", task)
                    .bind("owner", owner)
                    .execute());
        }
    }

    /** Gives all tasks back: this manager stops. */
    public void releaseAll() {
        held.keySet().forEach(this::release);
    }
}
