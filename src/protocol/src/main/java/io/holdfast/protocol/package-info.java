/**
 * What the manager and its agents say to each other: one record per message, travelling as the JSON of
 * {@link io.holdfast.format.json.Json}.
 *
 * <p>Agents call, the manager answers; every call is a {@code POST} of JSON below {@code /agent/v1/} over mutual
 * TLS, see {@code docs/agent-protocol.md}. Which instance and agent is calling comes from the certificate and is in no
 * message. Every message about a job names the job's {@code epoch}: the manager refuses all but the newest one, so
 * an attempt that was given up can change nothing any more. Both sides pass over fields that they do not know, as those of a
 * newer release; {@link io.holdfast.protocol.ProtocolVersion} says which releases understand each other.
 *
 * <p>No behaviour lives here but checks of shape; both sides depend on it, it depends on neither.
 */
@NullMarked
package io.holdfast.protocol;

import org.jspecify.annotations.NullMarked;
