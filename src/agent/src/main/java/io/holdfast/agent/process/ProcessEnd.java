package io.holdfast.agent.process;

/**
 * How a program ended.
 *
 * @param program its name
 * @param exitCode its exit code; 128 and the signal's number when a signal ended it
 * @param timedOut that it was killed because it ran into one of its limits
 * @param errors the beginning and the end of what it wrote to standard error
 * @param errorLines how many lines it wrote there in all
 */
public record ProcessEnd(String program, int exitCode, boolean timedOut, String errors, long errorLines) {
    public boolean good() {
        return exitCode == 0 && !timedOut;
    }

    ProcessEnd withErrors(String text, long lines) {
        return new ProcessEnd(program, exitCode, timedOut, text, lines);
    }

    /** What happened, in words. */
    public String description() {
        String how = timedOut
                ? "was stopped because it took too long"
                : exitCode > 128 ? "was ended by signal " + (exitCode - 128) : "ended with exit code " + exitCode;
        String said = errors.strip().replaceAll("[\\p{Cntrl}&&[^\n\t]]", "?"); // not every database takes them
        return program + " " + how + (said.isEmpty() ? "" : ": " + said);
    }
}
