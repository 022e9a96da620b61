/** The routes of the a9s Backup Manager that are not the operators' API's own too. */
@NullMarked
package io.holdfast.manager.a9s;

import org.jspecify.annotations.NullMarked;
