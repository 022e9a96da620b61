package io.holdfast.agent.attempt;

/**
 * Which attempt at which job.
 *
 * @param epoch the attempt's number: those with smaller ones are over
 */
public record AttemptId(JobId job, int epoch) {
    @Override
    public String toString() {
        return "job " + job + ", attempt " + epoch;
    }
}
