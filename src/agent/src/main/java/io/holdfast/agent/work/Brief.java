package io.holdfast.agent.work;

import java.util.ArrayList;
import java.util.List;

/**
 * Keeps reports as short as the manager takes them, see {@code docs/agent-protocol.md}: what is longer is cut, and says so.
 * Of a text the beginning and the end stay: programs say last why they gave up.
 */
final class Brief {
    private static final int LONGEST_TEXT = 4_000;
    private static final int MOST_SENTENCES = 40;
    private static final int LONGEST_SENTENCE = 400;
    private static final int MOST_NAMES = 1_000;

    private Brief() {}

    /** A text for people. */
    static String text(String text) {
        return text(text, LONGEST_TEXT);
    }

    private static String text(String text, int most) {
        int left = text.length() - most;
        return left <= 0
                ? text
                : text.substring(0, most / 2)
                        + " … (" + left + " characters are in the agent's log) … "
                        + text.substring(text.length() - (most - most / 2));
    }

    /** Several sentences for people. */
    static List<String> sentences(List<String> sentences) {
        return list(sentences.stream().map(each -> text(each, LONGEST_SENTENCE)).toList(), MOST_SENTENCES);
    }

    /** Names of databases, files and the like. */
    static List<String> names(List<String> names) {
        return list(names, MOST_NAMES);
    }

    private static List<String> list(List<String> list, int most) {
        if (list.size() <= most) {
            return list;
        }
        List<String> some = new ArrayList<>(list.subList(0, most));
        some.add("… and " + (list.size() - most) + " more");
        return some;
    }
}
