/**
 * Who calls: users with passwords, tokens of an OpenID provider, and sessions of people who have logged in. What they may is
 * {@code access}'s to say.
 */
@NullMarked
package io.holdfast.manager.identity;

import org.jspecify.annotations.NullMarked;
