package io.holdfast.agent.adapter.search;

import io.holdfast.agent.attempt.JobException;
import io.holdfast.protocol.FailureCode;
import java.util.Locale;

/** What an engine's texts mean. */
final class Failure {
    private static final String CAUSED_BY = "Caused by: ";
    private static final String NESTED = "nested: ";

    private Failure() {}

    /** Whether a disk was full, or too full for the engine to write to it. */
    static boolean full(String text) {
        String lower = text.toLowerCase(Locale.ROOT);
        return lower.contains("no space left on device")
                || lower.contains("disk_threshold")
                || lower.contains("flood-stage");
    }

    static JobException diskFull(String message) {
        return new JobException(
                FailureCode.DISK_FULL,
                message,
                "make room on the nodes' disks and in adapter.repository_path; a restore needs it twice");
    }

    /** The engine says so of a shard, with all its inner causes; the innermost one is for people. */
    static String innermost(String details) {
        int caused = details.lastIndexOf(CAUSED_BY);
        int nested = details.lastIndexOf(NESTED);
        String cause = caused >= 0
                ? details.substring(caused + CAUSED_BY.length())
                        .lines()
                        .findFirst()
                        .orElse("")
                : nested >= 0 ? details.substring(nested + NESTED.length()) : details;
        return RestClient.shortened(cause);
    }
}
