/** The manager's memory: all SQL, and nothing but SQL. Rows go in and out as records. */
@NullMarked
package io.holdfast.manager.database;

import org.jspecify.annotations.NullMarked;
