package io.holdfast.protocol;

import java.util.List;

/**
 * {@code POST /agent/v1/jobs/{id}/restore-complete}: the restored data is live and checked. Repeating it is fine.
 *
 * @param epoch the attempt's
 * @param restored names of what was replaced, such as databases
 * @param leftAlone names of live things that the backup does not have and that were not touched
 * @param kept names under which the replaced data is kept until the rollback time is over
 * @param notes what an operator should know, in sentences
 */
public record RestoreResult(
        int epoch, List<String> restored, List<String> leftAlone, List<String> kept, List<String> notes) {}
