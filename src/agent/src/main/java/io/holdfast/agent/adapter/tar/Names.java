package io.holdfast.agent.adapter.tar;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Names of files as Linux has them: bytes without slash and zero, in no particular encoding. */
public final class Names {
    private static final int LONGEST_SHOWN = 300;

    private Names() {}

    /**
     * Takes a path inside an archive apart: {@code ./a/b} has the parts {@code a} and {@code b}, {@code ./} has none.
     *
     * @param path with a slash at its end exactly when it is a directory's
     * @throws TarException when the path is absolute, leads outside, or is written in any but the one way
     */
    public static List<byte[]> parts(byte[] path, boolean directory) throws TarException {
        int end = path.length;
        boolean slash = end > 0 && path[end - 1] == '/';
        if (end < 2 || path[0] != '.' || path[1] != '/' || slash != directory) {
            throw TarException.refused("the name " + shown(path) + " is not one of " + (directory ? "./…/" : "./…"));
        }
        List<byte[]> parts = new ArrayList<>();
        for (int start = 2; start < end; ) {
            int stop = start;
            while (stop < end && path[stop] != '/') {
                stop++;
            }
            byte[] part = Arrays.copyOfRange(path, start, stop);
            boolean dots = part.length <= 2 && part.length > 0 && part[0] == '.' && part[part.length - 1] == '.';
            if (part.length == 0 || dots || contains(part, 0)) {
                throw TarException.refused("the name " + shown(path) + " leads elsewhere");
            }
            parts.add(part);
            start = stop + 1;
        }
        return parts;
    }

    public static boolean contains(byte[] bytes, int value) {
        for (byte each : bytes) {
            if (each == value) {
                return true;
            }
        }
        return false;
    }

    /** For messages: without control characters, and not too long. */
    public static String shown(byte[] name) {
        int length = Math.min(name.length, LONGEST_SHOWN);
        String text = new String(name, 0, length, StandardCharsets.UTF_8).replaceAll("\\p{Cntrl}", "?");
        return "\"" + text + (length < name.length ? "…" : "") + "\"";
    }
}
