/**
 * BOSH jobs that bring their own backup and restore scripts, as BOSH Backup and Restore calls them
 * (docs.cloudfoundry.org/bbr/bbr-devguide.html). See {@code docs/adapters/bbr.md}.
 */
@NullMarked
package io.holdfast.agent.adapter.bbr;

import org.jspecify.annotations.NullMarked;
