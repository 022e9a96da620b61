/**
 * RabbitMQ's definitions: users, virtual hosts, permissions, parameters, policies, queues, exchanges and bindings, but no
 * messages. A dump is an export over the management API, element by element, so that a cluster of any size takes little
 * memory; a restore is an import, which adds and changes, and removes nothing. See {@code docs/adapters/rabbitmq.md}.
 */
@NullMarked
package io.holdfast.agent.adapter.rabbitmq;

import org.jspecify.annotations.NullMarked;
