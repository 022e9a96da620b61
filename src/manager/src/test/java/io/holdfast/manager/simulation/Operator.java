package io.holdfast.manager.simulation;

import io.holdfast.manager.ManagerCore;
import io.holdfast.manager.backup.Backup;
import io.holdfast.manager.backup.BackupState;
import io.holdfast.manager.deletion.SegmentsInDoubt;
import io.holdfast.manager.http.ErrorCode;
import io.holdfast.manager.http.HttpError;
import io.holdfast.manager.instance.Instance;
import io.holdfast.manager.keys.EncryptionKeyRefused;
import io.holdfast.manager.restore.RestoreRefused;
import io.holdfast.manager.restore.RestoreRequests;
import io.holdfast.manager.sql.SimulationDatabase;
import io.holdfast.manager.sql.TestDatabase;
import io.holdfast.manager.store.StoreException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Somebody who uses the operators' API: wants backups and restores, cancels, deletes, holds, rotates keys. */
final class Operator {
    private static final String NAME = "operator";

    private final World world;

    Operator(World world) {
        this.world = world;
    }

    void start() {
        world.coroutines().start(this, NAME, this::run);
    }

    private void run() {
        while (world.isChaotic()) {
            world.coroutines().sleep(world.chance().seconds(60, world.chance().perMille(500) ? 600 : 4 * 3600));
            if (world.isChaotic()) {
                int kind = world.chance().below(100);
                String wish = kind < 40
                        ? "backup"
                        : kind < 62
                                ? "restore"
                                : kind < 72
                                        ? "cancel"
                                        : kind < 84 ? "delete" : kind < 90 ? "verify" : kind < 97 ? "hold" : "rotate";
                String instance = world.chance().oneOf(world.instanceIds());
                try {
                    world.network()
                            .ask(
                                    NAME,
                                    wish + " " + instance,
                                    manager -> manager.instances
                                            .find(instance)
                                            .map(found -> handle(manager, found, wish))
                                            .orElse(false));
                } catch (Network.NoAnswer | HttpError | StoreException e) {
                    world.trace().add(NAME, wish + ": " + e.getMessage());
                }
            }
        }
    }

    private boolean handle(ManagerCore manager, Instance instance, String wish) {
        return switch (wish) {
            case "backup" -> backup(manager, instance);
            case "restore" -> restore(manager, instance);
            case "cancel" -> cancel(manager);
            case "rotate" -> manager.keys.rotate(instance).version() > 0;
            default -> {
                List<Backup> listed = SimulationDatabase.listed(world.database());
                yield !listed.isEmpty() && change(manager, world.chance().oneOf(listed), wish);
            }
        };
    }

    private boolean backup(ManagerCore manager, Instance instance) {
        if (world.sabotage() == Sabotage.REQUESTS_ARE_FORGOTTEN) {
            world.invariants().accepted(world.chance().between(1000, 2000));
            return true;
        }
        long backup = manager.backupRequests.queue(instance).number();
        world.invariants().accepted(manager.backups.get(backup).job().id());
        return true;
    }

    private boolean restore(ManagerCore manager, Instance instance) {
        Optional<Backup> wanted = manager.backups.list(instance.id()).stream()
                .filter(each -> each.state().isGood())
                .skip(world.chance().below(3))
                .findFirst();
        if (wanted.isEmpty()) {
            return false;
        }
        long number;
        try {
            RestoreRequests.Prepared restore = manager.restoreRequests.prepare(instance, wanted.get(), null, false);
            world.coroutines().preempt();
            number = restore.queue();
        } catch (RestoreRefused e) {
            return false;
        } catch (EncryptionKeyRefused e) {
            throw new AssertionError("nobody has set a passphrase", e);
        }
        world.invariants()
                .accepted(manager.restores
                        .find(instance.id(), number)
                        .orElseThrow()
                        .job()
                        .id());
        return true;
    }

    private boolean cancel(ManagerCore manager) {
        List<Long> open = world.openJobs();
        return !open.isEmpty() && manager.queue.cancel(world.chance().oneOf(open));
    }

    private boolean change(ManagerCore manager, Backup backup, String wish) {
        switch (wish) {
            case "verify" -> manager.verifications.request(backup);
            case "hold" -> {
                if (backup.hold() == null) {
                    manager.holds.hold(backup, "held", manager.database.now().plus(Duration.ofHours(20)));
                } else {
                    manager.holds.release(backup);
                }
            }
            default -> delete(manager, backup);
        }
        return true;
    }

    private void delete(ManagerCore manager, Backup backup) {
        if (world.sabotage() == Sabotage.DELETIONS_ARE_NOT_GUARDED) {
            TestDatabase.run(
                    manager.database,
                    "UPDATE backup SET state = '" + BackupState.DELETING + "' WHERE id = " + backup.id());
        } else if (!manager.deletion.begin(backup)) {
            throw new HttpError(ErrorCode.LOCKED, "it may not go");
        }
        try {
            manager.deletion.remove(backup);
        } catch (SegmentsInDoubt e) {
            throw new HttpError(ErrorCode.BAD_REQUEST, String.valueOf(e.getMessage()));
        }
    }
}
