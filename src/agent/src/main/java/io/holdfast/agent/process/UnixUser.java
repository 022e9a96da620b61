package io.holdfast.agent.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

/** A user of the machine, with one group. */
public record UnixUser(int uid, int gid) {
    /** {@code nogroup}: the kernel's number for groups that it cannot tell. */
    private static final int NO_GROUP = 65534;

    /** Who owns a file; links are followed. */
    public static UnixUser ownerOf(Path file) throws IOException {
        return new UnixUser(number(file, "unix:uid"), number(file, "unix:gid"));
    }

    private static int number(Path file, String attribute) throws IOException {
        return (int) Objects.requireNonNull(Files.getAttribute(file, attribute));
    }

    /** Who the agent is. */
    public static UnixUser self() throws IOException {
        return ownerOf(Path.of("/proc/self"));
    }

    /** The same user with a group that may do nothing, when it is in the one of {@code root}. */
    public UnixUser withoutRootsGroup() {
        return gid == 0 ? new UnixUser(uid, NO_GROUP) : this;
    }

    /** Whether it may do everything. */
    public boolean isRoot() {
        return uid == 0;
    }
}
