/**
 * Who is calling, and what may they do. {@link io.holdfast.manager.access.Callers} finds out who makes a request,
 * {@link io.holdfast.manager.access.Rights} decides, and {@link io.holdfast.manager.access.GuardedRoutes} lets no route
 * be asked before both were. Agents are not among the callers: they have a listener of their own, and their certificate
 * names their instance.
 */
@NullMarked
package io.holdfast.manager.access;

import org.jspecify.annotations.NullMarked;
