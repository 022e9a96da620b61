/** What the benchmark needs in Java: rows to back up, and the pipeline alone. Not part of the product. */
@NullMarked
package io.holdfast.testbed.speed;

import org.jspecify.annotations.NullMarked;
