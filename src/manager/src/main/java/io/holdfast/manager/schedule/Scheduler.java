package io.holdfast.manager.schedule;

import io.holdfast.manager.backup.BackupJobs;
import io.holdfast.manager.config.ScheduleConfig;
import io.holdfast.manager.cron.CronExpression;
import io.holdfast.manager.cron.CronSchedule;
import io.holdfast.manager.cron.MaintenanceWindow;
import io.holdfast.manager.instance.Instance;
import io.holdfast.manager.instance.Instances;
import io.holdfast.manager.jobs.Jobs;
import io.holdfast.manager.transaction.Transactions;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Queues a backup for each slot of each instance's schedule.
 *
 * <p>A slot is a time of the schedule. Who sees to one takes its row first, in the transaction that queues the job; the
 * row's key is the instance and the slot, so neither a second manager nor a restart can make two jobs of it. Of slots
 * that were missed only the latest counts. Whatever keeps a slot from starting now, a maintenance window or a manager
 * that was down, only defers it; but a slot whose instance has a backup that has not ended is taken and skipped.
 *
 * <p>May be used by any thread.
 */
public final class Scheduler {
    private static final Logger log = LoggerFactory.getLogger(Scheduler.class);
    /** Only an instance's latest slot counts, which is never forgotten. */
    private static final Duration REMEMBERED = Duration.ofDays(40);

    /** How long a backup may take from its slot on before its instance counts as overdue. */
    private static final Duration LATE = Duration.ofHours(6);

    private static final Duration LOOK_CLOSER = Duration.ofMinutes(10);
    private static final int PAGE = 1000;

    private final Transactions transactions;
    private final Instances instances;
    private final Jobs jobs;
    private final SlotTable slots;
    private final BackupJobs backupJobs;
    private final ScheduleConfig config;
    private final InstantSource clock;
    private final Map<Long, Quiet> quiet = new ConcurrentHashMap<>();

    /** During which time no slot of an instance is due, so that looking again and again at many instances is cheap. */
    private record Quiet(Scheduled of, Instant from, Instant until) {}

    /**
     * Makes it.
     *
     * @param clock the database's, so that all managers of one database agree
     */
    public Scheduler(
            Transactions transactions,
            Instances instances,
            Jobs jobs,
            Slots slots,
            BackupJobs backupJobs,
            ScheduleConfig config,
            InstantSource clock) {
        this.transactions = transactions;
        this.instances = instances;
        this.jobs = jobs;
        this.slots = slots.table;
        this.backupJobs = backupJobs;
        this.config = config;
        this.clock = clock;
    }

    /**
     * Demands that a schedule does not have backups made too often, for whoever does not run the platform.
     *
     * @throws IllegalArgumentException when it does
     */
    public void requireSparing(CronExpression cron) {
        if (cron.leastInterval().compareTo(config.leastInterval()) < 0) {
            throw new IllegalArgumentException("must leave at least "
                    + config.leastInterval().toMinutes() + " minutes between two backups, but leaves "
                    + cron.leastInterval().toMinutes());
        }
    }

    /** Sees to all slots that are due. Called again and again. */
    public void startDue() {
        if (!config.enabled()) {
            return;
        }
        slots.beginNew();
        Instant now = clock.instant();
        if (maintenanceEnd(now).isPresent()) {
            return;
        }
        long after = 0;
        List<Scheduled> page;
        do {
            page = slots.scheduled(after, PAGE);
            page.stream().filter(instance -> mayBeDue(instance, now)).forEach(instance -> startDue(instance, now));
            after = page.isEmpty() ? after : page.getLast().id();
        } while (page.size() == PAGE);
    }

    private void startDue(Scheduled instance, Instant now) {
        try {
            dueSlot(instance, now)
                    .ifPresentOrElse(
                            slot -> start(instance, slot), () -> quiet.put(instance.id(), quiet(instance, now)));
        } catch (RuntimeException | Error e) {
            // One instance's trouble must not keep the others from their backups.
            log.error("the scheduled run of {} failed, and is retried", instance.instanceId(), e);
        }
    }

    private boolean mayBeDue(Scheduled instance, Instant now) {
        Quiet known = quiet.get(instance.id());
        return known == null
                || !known.of().equals(instance)
                || now.isBefore(known.from())
                || !now.isBefore(known.until());
    }

    /** No slot is due now. Nothing is due before the next one, as long as neither the instance nor the clock changes. */
    private Quiet quiet(Scheduled instance, Instant now) {
        Duration offset = offset(instance);
        Instant most = now.plus(LOOK_CLOSER);
        Instant next = schedule(instance)
                .next(now.minus(offset))
                .map(slot -> slot.plus(offset))
                .filter(most::isAfter)
                .orElse(most);
        return new Quiet(instance, now, next);
    }

    /** Forgets slots that are long over. */
    public void forgetOld() {
        slots.forget(REMEMBERED);
    }

    private void start(Scheduled scheduled, Instant slot) {
        transactions.transaction(scheduled.id(), () -> {
            if (!slots.take(scheduled.id(), slot)) {
                return false;
            }
            if (jobs.hasOpenBackup(scheduled.id())) {
                slots.skip(scheduled.id(), slot, "a backup of the instance was queued or running");
                log.warn("scheduled run {} of {} skipped: its last backup has not ended", slot, scheduled.instanceId());
                return false;
            }
            Instance instance = instances.get(scheduled.id());
            slots.setJob(scheduled.id(), slot, backupJobs.queueScheduled(instance));
            log.info("scheduled run {} of {}: backup queued", slot, scheduled.instanceId());
            return true;
        });
    }

    /** The latest slot that has come and that nobody saw to. */
    private Optional<Instant> dueSlot(Scheduled instance, Instant now) {
        Duration offset = offset(instance);
        return schedule(instance)
                .latest(now.minus(offset))
                .filter(slot -> slot.plus(offset).isAfter(instance.scheduledFrom()))
                .filter(slot -> !slots.isTaken(instance.id(), slot));
    }

    /** When the instance's next scheduled backup starts; empty when none does. */
    public Optional<Instant> nextStart(Instance instance) {
        Optional<Scheduled> scheduled = slots.scheduled(instance.id());
        if (!config.enabled() || scheduled.isEmpty()) {
            return Optional.empty();
        }
        Instant now = clock.instant();
        Duration offset = offset(scheduled.get());
        Optional<Instant> start = dueSlot(scheduled.get(), now).isPresent()
                ? Optional.of(now)
                : schedule(scheduled.get()).next(now.minus(offset)).map(slot -> slot.plus(offset));
        return start.map(this::behindMaintenance);
    }

    private Instant behindMaintenance(Instant start) {
        Instant moved = start;
        // Windows that meet each other without end would never let anything start; then the first end is shown.
        for (int i = 0; i < config.windows().size() + 1; i++) {
            moved = maintenanceEnd(moved).orElse(moved);
        }
        return moved;
    }

    private Optional<Instant> maintenanceEnd(Instant moment) {
        for (MaintenanceWindow window : config.windows()) {
            Optional<Instant> end = window.endOf(moment);
            if (end.isPresent()) {
                return end;
            }
        }
        return Optional.empty();
    }

    /** The schedule of instances that have none of their own. */
    public CronSchedule platform() {
        return config.platform();
    }

    /** The schedule that counts for an instance. */
    public CronSchedule schedule(Instance instance) {
        return schedule(instance.scheduleCron(), instance.scheduleTimeZone());
    }

    private CronSchedule schedule(Scheduled instance) {
        return schedule(instance.scheduleCron(), instance.scheduleTimeZone());
    }

    private CronSchedule schedule(@Nullable String cron, @Nullable String zone) {
        if (cron == null) {
            return config.platform();
        }
        ZoneId own = zone == null ? config.platform().zone() : CronSchedule.zone(zone);
        return new CronSchedule(CronExpression.parse(cron), own);
    }

    /**
     * By when a schedule wanted its latest backup to be there: whoever has none since is overdue.
     *
     * @param cron the instance's own, or null for the platform's
     * @return empty when no backups are scheduled
     */
    public Optional<Instant> wantedBy(@Nullable String cron, @Nullable String zone, Instant now) {
        Duration late = cron == null ? LATE.plus(config.spread()) : LATE;
        return config.enabled() ? schedule(cron, zone).latest(now.minus(late)) : Optional.empty();
    }

    /** Whether backups of this instance are scheduled. */
    public boolean isScheduled(Instance instance) {
        return config.enabled() && slots.scheduled(instance.id()).isPresent();
    }

    /** The instance's share of the platform's spread; a schedule of its own is meant as it says. */
    private Duration offset(Scheduled instance) {
        long seconds = config.spread().toSeconds();
        return instance.scheduleCron() != null || seconds == 0
                ? Duration.ZERO
                : Duration.ofSeconds(Math.floorMod(hash(instance.instanceId()), seconds));
    }

    /** The same for ever and everywhere, unlike what is left to the JVM. */
    private static long hash(String instanceId) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(instanceId.getBytes(StandardCharsets.UTF_8));
            return ByteBuffer.wrap(digest).getLong();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
