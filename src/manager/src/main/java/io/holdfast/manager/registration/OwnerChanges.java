package io.holdfast.manager.registration;

import io.holdfast.manager.instance.Instance;
import io.holdfast.manager.instance.Lives;
import org.jspecify.annotations.Nullable;

/** What happens when an operator gives instances to somebody. May be used by any thread. */
public final class OwnerChanges {
    private final Lives lives;
    private final Ownership ownership;

    public OwnerChanges(Lives lives, Ownership ownership) {
        this.lives = lives;
        this.ownership = ownership;
    }

    /**
     * Gives an instance to an owner, or with null to nobody.
     *
     * @throws OwnershipRefused when the manager's configuration does not have the owner
     */
    public void give(Instance instance, @Nullable String owner) {
        if (owner != null) {
            ownership.requireKnown(owner);
        }
        lives.giveTo(instance.id(), owner);
    }

    /**
     * Gives all instances of one owner to another, deleted ones too. Returns how many.
     *
     * @throws OwnershipRefused when the manager's configuration does not have the other
     */
    public int giveAll(String from, String to) {
        ownership.requireKnown(to);
        return lives.giveAll(from, to);
    }
}
