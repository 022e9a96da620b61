package io.holdfast.agent.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * All processes of one session: a program that was started in a session of its own, with everything that it started in
 * turn. Found in {@code /proc} (see proc_pid_stat(5)).
 */
final class Session {
    private static final Duration PATIENCE = Duration.ofSeconds(2);
    private static final long LOOK_MILLIS = 20;

    private final Process leader;
    private final long id;

    Session(Process leader) {
        this.leader = leader;
        this.id = leader.pid();
    }

    /** Asks all members to end, then ends them. Returns when none is left, or after twice the patience. */
    void kill() {
        signal(false);
        if (!empty(PATIENCE)) {
            signal(true);
            if (!empty(PATIENCE)) {
                signal(true);
            }
        }
    }

    /** Ends all members at once. */
    void killNow() {
        if (signal(true)) {
            empty(PATIENCE);
        }
    }

    /** Gives whether there was anybody to be told: to look takes a while. */
    private boolean signal(boolean forcibly) {
        // A member may fork while the list is read, so it is read until nothing new is found.
        for (int round = 0; round < (forcibly ? 5 : 1); round++) {
            List<ProcessHandle> members = members();
            if (members.isEmpty()) {
                return round > 0;
            }
            for (ProcessHandle member : members) {
                if (forcibly) {
                    member.destroyForcibly();
                } else {
                    member.destroy();
                }
            }
        }
        return true;
    }

    private boolean empty(Duration wait) {
        long end = System.nanoTime() + wait.toNanos();
        boolean interrupted = false;
        try {
            while (!members().isEmpty()) {
                if (System.nanoTime() - end > 0) {
                    return false;
                }
                try {
                    if (leader.isAlive()) {
                        leader.waitFor(LOOK_MILLIS, TimeUnit.MILLISECONDS);
                    } else {
                        Thread.sleep(LOOK_MILLIS);
                    }
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
            return true;
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private List<ProcessHandle> members() {
        List<ProcessHandle> members = new ArrayList<>();
        if (leader.isAlive()) {
            members.add(leader.toHandle()); // it may not have made its session yet
        }
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (Path process : processes) {
                if (belongs(process)) {
                    ProcessHandle.of(Long.parseLong(process.getFileName().toString()))
                            .ifPresent(members::add);
                }
            }
        } catch (IOException e) {
            throw new IllegalStateException("/proc cannot be read", e);
        }
        return members;
    }

    private boolean belongs(Path process) {
        try {
            String stat = Files.readString(process.resolve("stat"), StandardCharsets.ISO_8859_1);
            // After the name in brackets, which may hold anything: state, parent, group, session.
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", 5);
            return !fields[0].equals("Z") && Long.parseLong(fields[3]) == id;
        } catch (IOException e) {
            return false; // it has ended in between
        }
    }
}
