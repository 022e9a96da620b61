package io.holdfast.agent.adapter;

/** An adapter that locks its service for a dump, in a way that outlives the programs that did it. */
public interface Locking {
    /**
     * Unlocks what an agent that was killed, or could not unlock, has left locked; called first of all, and without the
     * manager. What fails is tried again later.
     */
    void unlockLeft();
}
