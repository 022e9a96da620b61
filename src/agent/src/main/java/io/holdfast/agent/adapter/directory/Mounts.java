package io.holdfast.agent.adapter.directory;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Where file systems are mounted, see proc_pid_mountinfo(5). */
final class Mounts {
    private static final Path LIST = Path.of("/proc/self/mountinfo");
    private static final int MOUNT_POINT = 4;

    private Mounts() {}

    /** Mount points that are the directory itself or below it, as text for messages. */
    static List<String> within(Path directory) throws IOException {
        // Byte by byte, because names need not be UTF-8.
        String wanted = latin(directory.toRealPath());
        try (Stream<String> lines = Files.lines(LIST, StandardCharsets.ISO_8859_1)) {
            return lines.map(line -> unescaped(line.split(" ", MOUNT_POINT + 2)[MOUNT_POINT]))
                    .filter(point -> point.equals(wanted) || point.startsWith(wanted + "/"))
                    .toList();
        }
    }

    /** Whether the directory itself is a mount point. */
    static boolean isMountPoint(Path directory) throws IOException {
        return within(directory).contains(latin(directory.toRealPath()));
    }

    private static String latin(Path path) {
        return new String(path.toString().getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }

    /** The kernel writes space, tab, new line and backslash in octal. */
    private static String unescaped(String text) {
        return text.replace("\\040", " ")
                .replace("\\011", "\t")
                .replace("\\012", "\n")
                .replace("\\134", "\\");
    }
}
