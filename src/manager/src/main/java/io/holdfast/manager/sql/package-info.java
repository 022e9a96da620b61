/** The database: its two engines, transactions, migrations, records of rows, signals and leases. What is kept there is the nouns' own. */
@NullMarked
package io.holdfast.manager.database;

import org.jspecify.annotations.NullMarked;
