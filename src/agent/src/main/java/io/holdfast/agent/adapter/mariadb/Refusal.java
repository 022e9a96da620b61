package io.holdfast.agent.adapter.mariadb;

import io.holdfast.agent.attempt.JobException;
import io.holdfast.protocol.FailureCode;
import java.util.Set;

/**
 * A statement that the server refused.
 *
 * @param error the error's number, see the server's list of error codes
 */
record Refusal(String statement, int error) {
    /** No such database, column, table or routine; a view whose tables or definer are not there. */
    static final Set<Integer> GONE = Set.of(1049, 1054, 1146, 1305, 1356, 1449);

    private static final int HEAD = 150;
    private static final int TAIL = 250;

    /** Whether it would give a right to something that is gone: servers keep such rights for ever. */
    boolean givesWhatIsGone() {
        return statement.startsWith("GRANT ") && GONE.contains(error);
    }

    /** Whether it was refused for a lack of rights. */
    boolean denied() {
        return new ServerError(error, 0).denied();
    }

    JobException failure(String what) {
        return new ServerError(error, 0).failure(what + ": " + this, FailureCode.RESTORE_FAILED);
    }

    /** For people: without what may be a password's hash; of a long one the end is kept, which names object and account. */
    @Override
    public String toString() {
        int secret = statement.indexOf(" IDENTIFIED ");
        String shown = secret < 0 ? statement : statement.substring(0, secret);
        if (shown.length() > HEAD + TAIL) {
            shown = shown.substring(0, HEAD) + " … " + shown.substring(shown.length() - TAIL);
        }
        return shown + " (error " + error + ")";
    }
}
