package io.holdfast.manager.jobs;

import io.holdfast.manager.sql.Database;
import java.util.Arrays;
import java.util.stream.Collectors;

/** What holds jobs back, as conditions on rows. This is the one place that knows: claims and people are told the same. */
final class WaitTable {
    private WaitTable() {}

    /**
     * Whether a reason holds a queued job {@code q} back, in SQL. {@code :silence} is how long an agent may be silent.
     *
     * @param mostRunning how many jobs may run at once at all managers together, {@link Integer#MAX_VALUE} for any number
     */
    private static String holdsBack(WaitReason reason, int mostRunning) {
        return switch (reason) {
            case PAUSED -> """
                    EXISTS (SELECT 1 FROM pause p
                      WHERE p.scope IN ('everything', 'store') OR p.scope = 'instance' AND p.instance = q.instance)""";
            case INSTANCE_BUSY -> """
                    EXISTS (SELECT 1 FROM job r
                      WHERE r.instance = q.instance AND r.id <> q.id AND r.state IN ('RUNNING', 'COMMITTING'))""";
            case NOT_DUE -> "q.not_before > " + Database.NOW;
            case NO_AGENT -> "NOT " + online("1");
            case NO_FIT_AGENT -> "NOT " + online(worth("a.role"));
            // Restores are not held back by it. Where there is no limit nobody counts: counting, claims of all
            // instances would get in each other's way.
            case MOST_RUNNING ->
                mostRunning == Integer.MAX_VALUE
                        ? "1 = 0"
                        : "(q.kind <> 'RESTORE' AND (SELECT count(*) FROM job WHERE state = 'RUNNING') >= %d)"
                                .formatted(mostRunning);
            case ITS_AGENT -> "1 = 1";
        };
    }

    private static String online(String worth) {
        return "EXISTS (SELECT 1 FROM agent a WHERE a.instance = q.instance AND a.last_seen_at >= %s - :silence AND %s > 0)"
                .formatted(Database.NOW, worth);
    }

    /** The first that holds a job {@code q} back, in SQL; null for one that has begun. */
    static String first(int mostRunning) {
        return Arrays.stream(WaitReason.values())
                .map(each -> "WHEN " + holdsBack(each, mostRunning) + " THEN '" + each + "'")
                .collect(Collectors.joining("\n", "CASE WHEN q.state <> 'QUEUED' THEN NULL\n", " END"));
    }

    /**
     * Whether an agent at a node of role {@code :role} may begin a job {@code q} once it is due, in SQL: nothing holds it back,
     * its node is fit, and no other that was seen recently is fitter. A backup that the fittest one could not make may be
     * made by any fit one.
     */
    static String mayBegin(int mostRunning) {
        return """
                q.state = 'QUEUED' AND NOT %s AND NOT %s AND NOT %s
                AND %s > 0 AND (q.kind = 'BACKUP' AND q.epoch > 0 OR NOT EXISTS (SELECT 1 FROM agent a
                  WHERE a.instance = q.instance AND a.position <> :position AND a.last_seen_at >= %s - :silence
                    AND %s > %s))
                """.formatted(
                        holdsBack(WaitReason.PAUSED, mostRunning),
                        holdsBack(WaitReason.INSTANCE_BUSY, mostRunning),
                        holdsBack(WaitReason.MOST_RUNNING, mostRunning),
                        worth(":role"),
                        Database.NOW,
                        worth("a.role"),
                        worth(":role"));
    }

    /**
     * What a node's role is worth for a job {@code q}: the greater, the sooner the node gets it, and not at all for 0. One
     * that does not know its role may be down.
     *
     * @param role an expression of SQL
     */
    private static String worth(String role) {
        return """
                CASE q.kind
                  WHEN 'BACKUP' THEN
                    CASE %1$s WHEN 'REPLICA' THEN 3 WHEN 'PRIMARY' THEN 2 WHEN 'UNUSED_REPLICA' THEN 0 ELSE 1 END
                  ELSE CASE %1$s WHEN 'PRIMARY' THEN 2 WHEN 'REPLICA' THEN 0 WHEN 'UNUSED_REPLICA' THEN 0 ELSE 1 END
                END""".formatted(role);
    }
}
