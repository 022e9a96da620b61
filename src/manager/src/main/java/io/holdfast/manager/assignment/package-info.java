/** What agents ask for: a session, and a job with all that its attempt needs. */
@NullMarked
package io.holdfast.manager.assignment;

import org.jspecify.annotations.NullMarked;
