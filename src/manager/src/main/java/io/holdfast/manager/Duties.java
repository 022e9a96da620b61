package io.holdfast.manager;

import io.holdfast.manager.catalogue.Reconciler.Surroundings;
import io.holdfast.manager.catalogue.Reconciliation;
import io.holdfast.manager.config.ManagerConfig;
import io.holdfast.manager.identity.Logins;
import io.holdfast.manager.state.StateCopies;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a manager that serves does without being asked, and how often. */
final class Duties {
    private static final Logger log = LoggerFactory.getLogger(Duties.class);
    private static final Duration TICK = Duration.ofMillis(500);
    private static final Duration LOOK_AT_SCHEDULES = Duration.ofSeconds(10);
    private static final Duration FORGET_SESSIONS = Duration.ofHours(1);
    private static final Duration SCRUB = Duration.ofMinutes(10);
    private static final Duration LOOK_AT_COPIES = Duration.ofMinutes(1);
    private static final Duration PROBE_AGAIN = Duration.ofSeconds(10);
    private static final Duration RENEW = ManagerCore.TASK_LEASE.dividedBy(3);
    private static final Duration NOTE_AGENTS = Duration.ofSeconds(1);
    private static final int PROBLEMS_KEPT = 50;

    private final Background background;
    private final ManagerCore core;

    Duties(Background background, ManagerCore core) {
        this.background = background;
        this.core = core;
    }

    /**
     * Begins.
     *
     * @param stateCopies null when none are made
     */
    void begin(ManagerConfig config, Logins logins, @Nullable StateCopies stateCopies) {
        background.every(RENEW, "renew leases of tasks", core.leases::renew);
        background.every(PROBE_AGAIN, "probe the store", core.probed::probe);
        background.every(RENEW, "announce that this manager runs", core.held::announce);
        background.every(TICK, "drop what ended restores needed", core.restores::dropSealed);
        background.every(LOOK_AT_SCHEDULES, "put keys into the store", unlessPaused(core.encryptionKeys::storeMissing));
        background.every(TICK, "end jobs whose lease has expired", core.queue::loseExpired);
        background.every(NOTE_AGENTS, "note which agents were seen", core.agents::noteSeen);
        background.every(TICK, "commit backups", core.commits::begin);
        alone(TICK, "collect known garbage", unlessPaused(core.garbageCollection::knownGarbage));
        alone(config.reconcileEvery(), "compare the catalogue with the store", unlessPaused(this::reconcile));
        alone(
                config.garbageCollection().every(),
                "collect unknown objects",
                unlessPaused(core.garbageCollection::unknownObjects));
        alone(LOOK_AT_SCHEDULES, "start scheduled backups", core.scheduler::startDue);
        alone(config.retention().every(), "retention", unlessPaused(() -> {
            core.retention.run();
            core.scheduler.forgetOld();
        }));
        if (stateCopies != null) {
            background.every(LOOK_AT_COPIES, "back up the catalogue", unlessPaused(stateCopies::copyWhenDue));
        }
        alone(FORGET_SESSIONS, "forget old sessions", logins::forgetOld);
        background.every(SCRUB, "scrub what was deleted", core.database::scrub);
        background.every(TICK, "verify backups", () -> {
            while (!core.pauses.isBackgroundPaused() && core.readBack.next()) {
                log.debug("verified one backup");
            }
        });
    }

    private void alone(Duration pause, String name, Background.Task task) {
        background.everyAlone(core.leases, pause, name, task);
    }

    /** Does nothing while operators have stopped everything, or the use of the store. */
    private Background.Task unlessPaused(Background.Task task) {
        return () -> {
            if (!core.pauses.isBackgroundPaused()) {
                task.run();
            }
        };
    }

    private void reconcile() {
        List<String> told = new ArrayList<>();
        Reconciliation found = core.reconciler.reconcile(
                Surroundings.MANAGER_WORKS,
                new Reconciliation.Report(
                        each -> log.warn("the catalogue differed from the store, and was corrected: {}", each),
                        each -> {
                            log.error("catalogue and store differ: {}", each);
                            if (told.size() < PROBLEMS_KEPT) {
                                told.add(each);
                            }
                        },
                        core.suspicion::replace));
        core.comparisons.note(found.instances(), found.backups(), found.differences(), found.problems(), told);
        log.info(
                "catalogue and store compared: {} instances, {} backups, {} differences, {} problems",
                found.instances(),
                found.backups(),
                found.differences(),
                found.problems());
    }
}
