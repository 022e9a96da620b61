/**
 * What the agent asks of a data service: which programs are there, a dump as a row of streams, and a restore in phases.
 *
 * <p>An adapter for another data service is one class that implements {@link io.holdfast.agent.adapter.Adapter}. It
 * knows neither the manager nor the store: it gives and takes plain streams.
 */
@NullMarked
package io.holdfast.agent.adapter;

import org.jspecify.annotations.NullMarked;
