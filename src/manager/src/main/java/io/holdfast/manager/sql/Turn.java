package io.holdfast.manager.sql;

/** Which other writing transactions one keeps out while it runs, at all managers that share the database. */
sealed interface Turn {
    /** All others: it may look at anything, and change anything by what it saw. */
    record OfAll() implements Turn {}

    /** Those of one instance, and those of all: it decides by what belongs to that instance alone. */
    record OfInstance(long id) implements Turn {}

    /** None: each of its statements decides by the rows alone that it changes, or by what never changes again. */
    record Unordered() implements Turn {}
}
