/**
 * Redis and Valkey: a dump is what a new replica would get, and a restore lets the live server follow a second one that
 * has the backup. The few words of the protocol that this needs are spoken here, because no client library speaks those
 * of replication, and {@code redis-cli --rdb -} leaves its own end mark in the stream. See {@code docs/adapters/redis.md}.
 */
@NullMarked
package io.holdfast.agent.adapter.redis;

import org.jspecify.annotations.NullMarked;
