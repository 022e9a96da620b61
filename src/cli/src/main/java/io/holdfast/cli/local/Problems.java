package io.holdfast.cli.local;

import java.util.ArrayList;
import java.util.List;

/** What is damaged, in sentences: the first thousand of them, and how many more there are. */
final class Problems {
    private static final int MOST = 1000;

    private final List<String> first = new ArrayList<>();
    private long more;

    void add(String problem) {
        if (first.size() < MOST) {
            first.add(problem);
        } else {
            more++;
        }
    }

    List<String> all() {
        List<String> all = new ArrayList<>(first);
        if (more > 0) {
            all.add("and " + more + " more");
        }
        return List.copyOf(all);
    }
}
