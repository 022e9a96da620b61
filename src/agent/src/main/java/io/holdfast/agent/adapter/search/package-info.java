/**
 * OpenSearch and Elasticsearch. The engine writes a snapshot into a folder that it shares with the agent, which archives
 * it ({@link io.holdfast.agent.adapter.search.SharedFolder}), or to a repository of its own
 * ({@link io.holdfast.agent.adapter.search.EngineStore}); a restore goes the same way back. What the snapshot API leaves
 * out, or would restore all or nothing of, is in a second artifact.
 *
 * <p>The two engines have one API but for what {@link io.holdfast.agent.adapter.search.Engine} says.
 */
@NullMarked
package io.holdfast.agent.adapter.search;

import org.jspecify.annotations.NullMarked;
