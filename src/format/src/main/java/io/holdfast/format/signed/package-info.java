/**
 * Signed JSON files: the one layout of manifests and of instances' records, and what it takes to believe them.
 *
 * <p>Whoever can write to a store can put any file anywhere in it. So a reader believes a file only when a trusted key
 * signed it, and when its content says that it is what, and of what, its place says.
 */
@NullMarked
package io.holdfast.format.signed;

import org.jspecify.annotations.NullMarked;
