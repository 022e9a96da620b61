/** What the manager answers: the routes for operators, for agents and for the directory store's transfers. */
@NullMarked
package io.holdfast.manager.api;

import org.jspecify.annotations.NullMarked;
