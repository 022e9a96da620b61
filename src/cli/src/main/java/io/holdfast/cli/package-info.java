/**
 * The program {@code holdfast}: an operator's client of the manager's API, and, without any manager, the decryption and
 * the verification of backups.
 *
 * <p>Each command is a class; {@link io.holdfast.cli.Holdfast} puts them together and turns what goes wrong into a
 * message and an exit code. What people read goes to standard output as tables, or as the API's JSON with
 * {@code --json}; progress and errors go to standard error.
 */
@NullMarked
package io.holdfast.cli;

import org.jspecify.annotations.NullMarked;
