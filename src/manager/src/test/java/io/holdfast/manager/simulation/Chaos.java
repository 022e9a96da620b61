package io.holdfast.manager.simulation;

import io.holdfast.manager.layout.StoreLayout;
import io.holdfast.manager.simulation.UnreliableStore.Mood;
import io.holdfast.manager.store.Store.StoredObject;
import java.time.Duration;
import java.util.List;

/** What goes wrong from outside: crashes, partitions, clocks that jump, and the moods of the store. */
final class Chaos {
    private final World world;
    private final Chance chance;

    Chaos(World world) {
        this.world = world;
        this.chance = world.chance();
    }

    void start() {
        world.coroutines().start(this, "chaos", () -> {
            while (true) {
                // Most of the time nothing is going on that a fault could hit.
                world.coroutines().await(Duration.ofHours(6), world::isBusy);
                world.coroutines().sleep(chance.seconds(1, 240));
                if (!world.isChaotic()) {
                    return;
                }
                happen();
            }
        });
    }

    private void happen() {
        int what = chance.below(100);
        if (what < 12) {
            chance.oneOf(world.managers()).crash(chance.seconds(2, 900));
        } else if (what < 27) {
            chance.oneOf(world.agents()).crash(chance.seconds(1, 600));
        } else if (what < 31) {
            // Started again, although the old process is still there.
            chance.oneOf(world.agents()).start();
        } else if (what < 46) {
            cut();
        } else if (what < 56) {
            jump();
        } else if (what < 60) {
            Duration skew = chance.seconds(0, 1200).minusSeconds(600);
            world.trace().add("chaos", "the store's clock is off by " + skew);
            world.plainStore().setSkew(skew);
        } else if (what < 66) {
            rot();
        } else {
            mood();
        }
    }

    private void cut() {
        String agent = chance.oneOf(world.agents()).name();
        String other = chance.oneOf(List.of(
                "store", world.managers().get(0).name(), world.managers().get(1).name()));
        Duration length = chance.seconds(5, 600);
        world.trace().add("chaos", agent + " cannot reach " + other + " for " + length.toSeconds() + " s");
        world.network().cut(agent, other, length);
    }

    private void jump() {
        Duration by = chance.perMille(100)
                ? Duration.ofHours(chance.between(20, 60))
                : chance.seconds(0, 5400).minusSeconds(2700);
        world.trace().add("chaos", "the clock jumps by " + by);
        world.time().jump(by);
    }

    private void rot() {
        List<StoredObject> objects = world.plainStore().list(StoreLayout.instances()).stream()
                .filter(each -> each.key().contains("/backups/"))
                .toList();
        if (!objects.isEmpty() && chance.perMille(500)) {
            world.store().rot(chance.oneOf(objects).key());
        }
    }

    private void mood() {
        Mood mood = chance.oneOf(List.of(Mood.values()));
        world.trace().add("chaos", "the store is " + mood);
        world.store().setMood(mood);
        world.coroutines().start(this, "mood", () -> {
            world.coroutines().sleep(chance.seconds(10, mood == Mood.DOWN ? 600 : 3600));
            world.store().setMood(Mood.GOOD);
        });
    }
}
