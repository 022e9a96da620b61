/** What looks after the manager: its health, its metrics, and what is answered while there is no database. */
@NullMarked
package io.holdfast.manager.monitoring;

import org.jspecify.annotations.NullMarked;
