package io.holdfast.manager.simulation;

/** Mistakes made on purpose, to see that the simulation finds them. */
enum Sabotage {
    NONE,
    /** Whoever names a job may change it, whatever its epoch. */
    EPOCHS_ARE_NOT_CHECKED,
    /** A deletion that is asked for begins without any condition. */
    DELETIONS_ARE_NOT_GUARDED,
    /** A request is answered before it is durable. */
    REQUESTS_ARE_FORGOTTEN,
    /** The store changes what nobody can have looked at, and the simulation is not told. */
    LIES_ARE_NOT_ADMITTED
}
