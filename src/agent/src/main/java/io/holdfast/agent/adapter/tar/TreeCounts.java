package io.holdfast.agent.adapter.tar;

import io.holdfast.agent.attempt.JobException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a tree has.
 *
 * @param files files, each once however many names it has
 * @param hardLinks further names of files and of symbolic links
 * @param symbolicLinks symbolic links, each once
 * @param directories directories, the topmost one included
 * @param bytes content of all files, holes included
 */
public record TreeCounts(long files, long hardLinks, long symbolicLinks, long directories, long bytes) {
    static final TreeCounts NONE = new TreeCounts(0, 0, 0, 0, 0);

    private static final String FILES = "files";
    private static final String HARD_LINKS = "hard_links";
    private static final String SYMBOLIC_LINKS = "symbolic_links";
    private static final String DIRECTORIES = "directories";
    private static final String BYTES = "bytes";

    /** As facts of a manifest. */
    public Map<String, Long> facts() {
        return new TreeMap<>(Map.of(
                FILES,
                files,
                HARD_LINKS,
                hardLinks,
                SYMBOLIC_LINKS,
                symbolicLinks,
                DIRECTORIES,
                directories,
                BYTES,
                bytes));
    }

    public static TreeCounts of(Map<String, Long> facts) throws JobException {
        return new TreeCounts(
                fact(facts, FILES),
                fact(facts, HARD_LINKS),
                fact(facts, SYMBOLIC_LINKS),
                fact(facts, DIRECTORIES),
                fact(facts, BYTES));
    }

    private static long fact(Map<String, Long> facts, String name) throws JobException {
        Long count = facts.get(name);
        if (count == null) {
            throw JobException.corrupt("the backup's manifest does not count the " + name, null);
        }
        return count;
    }

    public TreeCounts plus(TreeCounts other) {
        return new TreeCounts(
                files + other.files,
                hardLinks + other.hardLinks,
                symbolicLinks + other.symbolicLinks,
                directories + other.directories,
                bytes + other.bytes);
    }

    /** Whether any count is larger than the other's. */
    public boolean exceeds(TreeCounts most) {
        return files > most.files
                || hardLinks > most.hardLinks
                || symbolicLinks > most.symbolicLinks
                || directories > most.directories
                || bytes > most.bytes;
    }

    /** Names of all but directories: in a file system a file's first name is not told from its others. */
    public long otherNames() {
        return files + hardLinks + symbolicLinks;
    }

    /** In what a tree on the disk differs from this; empty when in nothing. */
    public List<String> differences(TreeOnDisk found) {
        List<String> differences = new ArrayList<>();
        difference(differences, DIRECTORIES, directories, found.directories());
        difference(differences, "files and links", otherNames(), found.otherNames());
        difference(differences, BYTES, bytes, found.bytes());
        return differences;
    }

    private static void difference(List<String> differences, String what, long expected, long found) {
        if (expected != found) {
            differences.add(found + " " + what + " instead of " + expected);
        }
    }
}
