/**
 * The whole manager under a simulation that a seed determines: time, chance, network, store and crashes are its own, the
 * rest is what runs in production. See {@code docs/simulation.md}.
 */
@NullMarked
package io.holdfast.manager.simulation;

import org.jspecify.annotations.NullMarked;
