/**
 * What people see in a browser: pages made on the server from templates (src/main/jte), and what happens to an instance
 * while they look. It decides nothing: who may see or do what is {@code access}'s, and what is done is the API's.
 *
 * <p>Every page works without scripts: forms, links, redirects. The two scripts only save reloading.
 */
@NullMarked
package io.holdfast.manager.dashboard;

import org.jspecify.annotations.NullMarked;
