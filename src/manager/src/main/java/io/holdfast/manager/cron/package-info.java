/** When something recurs: cron expressions in time zones, and windows in which nothing is begun. No clock of its own. */
@NullMarked
package io.holdfast.manager.cron;

import org.jspecify.annotations.NullMarked;
