package io.holdfast.agent.adapter.tar;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Demands the order in which {@code tar --sort=name} walks a tree: the directory itself first, each directory before what
 * is in it, nothing in between, names within a directory rising. So no name comes twice, and nothing is below anything
 * but a directory of the archive, such as a symbolic link that leads outside. Needs memory for the depth only.
 */
final class TreeOrder {
    private static final class Level {
        private final byte[] name;
        private byte @Nullable [] last;

        Level(byte[] name) {
            this.name = name;
        }
    }

    private final List<Level> open = new ArrayList<>();

    /** The next name; throws when it is not one that may come now. */
    void enter(byte[] path, boolean directory) throws TarException {
        List<byte[]> parts = Names.parts(path, directory);
        if (parts.isEmpty() != open.isEmpty()) {
            throw TarException.refused(
                    open.isEmpty()
                            ? "the first name is " + Names.shown(path) + " instead of ./"
                            : "the name ./ comes twice");
        }
        if (parts.isEmpty()) {
            open.add(new Level(new byte[0]));
            return;
        }
        int depth = parts.size();
        if (open.size() < depth) {
            throw outside(path);
        }
        for (int i = 1; i < depth; i++) {
            if (!Arrays.equals(open.get(i).name, parts.get(i - 1))) {
                throw outside(path);
            }
        }
        open.subList(depth, open.size()).clear();
        Level parent = open.getLast();
        byte[] name = parts.getLast();
        byte[] last = parent.last;
        if (last != null && Arrays.compareUnsigned(last, name) >= 0) {
            throw TarException.refused("the name " + Names.shown(path) + " comes twice or too late");
        }
        parent.last = name;
        if (directory) {
            open.add(new Level(name));
        }
    }

    private static TarException outside(byte[] path) {
        return TarException.refused("the name " + Names.shown(path) + " is not in a directory that came right before");
    }
}
