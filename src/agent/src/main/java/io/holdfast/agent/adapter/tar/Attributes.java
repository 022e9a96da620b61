package io.holdfast.agent.adapter.tar;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The extended attributes of an archive's files, see xattr(7). Backups have all of the name spaces {@code user},
 * {@code security} and {@code trusted}; restores give back those of {@code user} and, where the agent is root, also
 * {@code security.capability}, which lets a program do some of what root may, and {@code trusted}. The others, such as labels
 * of SELinux, are made by the machine's own rules.
 */
public final class Attributes {
    /** What tar is told to read. */
    static final List<String> SAVED = List.of("user.*", "security.*", "trusted.*");

    private static final String PREFIX = "SCHILY.xattr.";
    private static final String USER = "user.";
    private static final String CAPABILITY = "security.capability";
    private static final String TRUSTED = "trusted.";
    private static final int NAMED = 10;

    private final Map<String, Long> privileged = new TreeMap<>();

    /** Whether an extended header's key is that of an attribute that a backup may have. */
    public static boolean isOne(String key) {
        return key.startsWith(PREFIX + USER)
                || key.startsWith(PREFIX + "security.")
                || key.startsWith(PREFIX + TRUSTED);
    }

    /**
     * What tar is told to write.
     *
     * @param all whether also attributes that only root can set, and that give rights
     */
    public static List<String> restored(boolean all) {
        return all ? List.of(USER + "*", CAPABILITY, TRUSTED + "*") : List.of(USER + "*");
    }

    /** The attributes of one more file. */
    public void add(Set<String> keys) {
        for (String key : keys) {
            if (isOne(key) && !key.startsWith(PREFIX + USER)) {
                privileged.merge(shown(key), 1L, Long::sum);
            }
        }
    }

    /** What a restore does not give back, in sentences. */
    public List<String> notRestored(boolean all) {
        List<String> names = new ArrayList<>();
        privileged.forEach((name, files) -> {
            if (!all || !(name.equals(CAPABILITY) || name.startsWith(TRUSTED))) {
                names.add(name + " of " + files + (files == 1 ? " file" : " files"));
            }
        });
        if (names.isEmpty()) {
            return List.of();
        }
        int more = names.size() - NAMED;
        return List.of("a restore does not bring back the attributes "
                + String.join(", ", names.subList(0, Math.min(NAMED, names.size())))
                + (more > 0 ? ", and of " + more + " more names" : ""));
    }

    private static String shown(String key) {
        return key.substring(PREFIX.length()).replaceAll("[^\\x21-\\x7e]", "?");
    }
}
