package io.holdfast.cli.outcome;

/** What the program tells the one that started it. The numbers are a promise: see {@code docs/cli.md}. */
public enum ExitCode {
    /** All went well. */
    OK(0, "all went well"),
    /** The job failed, or what was verified is damaged. */
    FAILED(1, "the job failed, or what was checked is damaged"),
    /** The command line is wrong. */
    USAGE(2, "the command line is wrong, or a question was answered with no"),
    /** The manager cannot be reached, or its certificate is not trusted. */
    UNREACHABLE(3, "the manager cannot be reached, or its certificate is not trusted"),
    /** The manager refused the call (4xx). */
    REFUSED(4, "the manager refused the call (4xx)"),
    /** The manager failed (5xx), or its answer makes no sense. */
    MANAGER_ERROR(5, "the manager failed (5xx), or what answered is not a manager"),
    /** None of the given keys opens the file. */
    KEY_MISMATCH(6, "none of the given keys opens the file"),
    /** A local file cannot be read or written. */
    LOCAL_FILE(7, "a local file cannot be read or written");

    private final int number;
    private final String meaning;

    ExitCode(int number, String meaning) {
        this.number = number;
        this.meaning = meaning;
    }

    /** The process's exit status. */
    public int number() {
        return number;
    }

    /** What it means, for the help text. */
    public String meaning() {
        return meaning;
    }
}
