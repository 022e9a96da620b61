/**
 * MariaDB and MySQL through their own client programs: one dump of all schemas at one moment, the accounts beside it, and
 * restores in place with a pre-restore copy. What the two do otherwise is in {@link Product}. See {@code docs/adapters/mariadb.md}
 * and {@code docs/adapters/mysql.md}.
 */
@NullMarked
package io.holdfast.agent.adapter.mariadb;

import org.jspecify.annotations.NullMarked;
