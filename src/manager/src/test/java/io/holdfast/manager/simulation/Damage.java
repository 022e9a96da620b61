package io.holdfast.manager.simulation;

import java.util.HashSet;
import java.util.Set;

/** What the lying store has done: the only excuse for a backup that cannot be read, and for objects left behind. */
final class Damage {
    private final Set<String> hidden = new HashSet<>();
    private final Set<String> changed = new HashSet<>();
    private final Set<String> spoiled = new HashSet<>();

    /** An object is not what was written. */
    void spoiled(String key) {
        spoiled.add(key);
    }

    /** An object was changed or lost in a way that only reading it to its end can find. */
    void changed(String key) {
        changed.add(key);
    }

    /** An object was written anew. */
    void healed(String key) {
        changed.remove(key);
        spoiled.remove(key);
    }

    /** A listing did not name an object that is there. */
    void hidden(String key) {
        hidden.add(key);
    }

    boolean isSpoiled(String key) {
        return spoiled.contains(key);
    }

    /** Whether anything below a folder was changed. */
    boolean isAnyChanged(String folder) {
        return changed.stream().anyMatch(each -> each.startsWith(folder));
    }

    boolean wasHidden(String key) {
        return hidden.contains(key);
    }
}
