package io.holdfast.manager.instance;

import io.holdfast.manager.sql.Database;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The data service instances that backups are made of. */
public final class Instances {
    final InstanceTable table;

    public Instances(Database database) {
        this.table = new InstanceTable(database);
    }

    /**
     * Adds an instance unless there is one of that name, also a deleted one. Returns whether it was added.
     *
     * @param owner who registers it, or null when it does so itself
     */
    public boolean register(String instanceId, String service, @Nullable String owner) {
        return table.register(instanceId, service, owner);
    }

    /** Adds an instance that registers itself. */
    public boolean register(String instanceId, String service) {
        return table.register(instanceId, service);
    }

    /** Notes which service an instance has. */
    public void setService(long instance, String service) {
        table.setService(instance, service);
    }

    /**
     * Whether "back up everything" and the schedule pass the instance over. After a change, slots until now are nobody's
     * omission; saying the same again must not lose a slot that is just due.
     */
    public void setExcluded(long instance, boolean excluded) {
        table.setExcluded(instance, excluded);
    }

    /** Gives an instance a schedule of its own, or with nulls the platform's. Slots count as in {@link #setExcluded}. */
    public void setSchedule(long instance, @Nullable String cron, @Nullable String timeZone) {
        table.setSchedule(instance, cron, timeZone);
    }

    /** Gives an instance rules of its own, as JSON, or with null the platform's. */
    public void setRetention(long instance, @Nullable String retention) {
        table.setRetention(instance, retention);
    }

    /** An instance that was not deleted. */
    public Optional<Instance> find(String instanceId) {
        return table.find(instanceId);
    }

    /** An instance, also a deleted one. */
    public Optional<Instance> findAlsoDeleted(String instanceId) {
        return table.findAlsoDeleted(instanceId);
    }

    /** An instance that was not deleted, or whose backups are still kept. */
    public Optional<Instance> findWithBackups(String instanceId) {
        return table.findWithBackups(instanceId);
    }

    /**
     * Does something with each instance that was not deleted, or whose backups are still kept, and with each that is
     * added meanwhile. Never has many of them in memory, and holds nothing in the database between two.
     */
    public void each(Consumer<Instance> action) {
        each("(deleted_at IS NULL OR backups_kept = 1)", action);
    }

    /** The same for the newest life of every name that there ever was. */
    public void eachAlsoDeleted(Consumer<Instance> action) {
        each("instance_id = folder", action);
    }

    private void each(String which, Consumer<Instance> action) {
        long after = 0;
        while (true) {
            List<Instance> page = table.page(which, after, PAGE);
            page.forEach(action);
            if (page.size() < PAGE) {
                return;
            }
            after = page.getLast().id();
        }
    }

    /** An instance that was not deleted, by the manager's number. */
    public Optional<Instance> findByNumber(long id) {
        return table.findByNumber(id);
    }

    /** An instance, also a deleted one. */
    public Instance get(long id) {
        return table.get(id);
    }

    /**
     * Some of the instances that were not deleted, or whose backups are still kept, by name.
     *
     * @param after only those with later names; empty for the first ones
     * @param most how many at most
     * @param silence how long an agent may be silent and still counts as online
     * @param owner only those that this one registered, or null for all
     */
    public List<InstanceOverview> list(String after, int most, Duration silence, @Nullable String owner) {
        return table.list(after, most, silence, owner);
    }

    /** One instance as lists show it. */
    public InstanceOverview overview(long id, Duration silence) {
        return table.overview(id, silence);
    }

    private static final int PAGE = 1000;
}
