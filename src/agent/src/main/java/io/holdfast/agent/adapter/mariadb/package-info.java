/**
 * MariaDB through its own client programs: one dump of all schemas at one moment, the accounts beside it, and restores in
 * place with a safety copy. See {@code docs/adapters/mariadb.md}.
 */
@NullMarked
package io.holdfast.agent.adapter.mariadb;

import org.jspecify.annotations.NullMarked;
