/**
 * PostgreSQL: logical dumps with the server's own client programs, and restores into new databases that change names
 * with the live ones in one transaction.
 *
 * <p>How it works, and what it needs, is told in {@code docs/adapters/postgresql.md}.
 */
@NullMarked
package io.holdfast.agent.adapter.postgresql;

import org.jspecify.annotations.NullMarked;
