package io.holdfast.protocol.phrases;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Phrases that are not used, see {@code docs/phrases.txt}. */
record Phrases(List<Phrase> list) {
    private static final String EVERYWHERE = "[everywhere]";
    private static final String NOT_IN_COMMENTS = "[not in comments of Java]";

    /** White space, and where a comment goes on in the next line, the mark of its beginning. */
    private static final String GAP = "\\s+(?:(?:\\*|#|//|--)\\s+)?";

    /**
     * One of them.
     *
     * @param better what is said instead
     * @param inComments whether comments of Java are looked at too
     * @param first its first word in lower case: what lacks it has no need of the pattern, which takes longer
     */
    record Phrase(String text, String better, boolean inComments, String first, Pattern pattern) {
        private static Phrase of(String line, boolean inComments) {
            String[] sides = line.split(" => ", -1);
            if (sides.length != 2 || sides[0].isBlank() || sides[1].isBlank()) {
                throw new IllegalArgumentException("not PHRASE => BETTER: " + line);
            }
            String words = Arrays.stream(sides[0].toLowerCase(Locale.ROOT).split(" ", -1))
                    .map(Pattern::quote)
                    .collect(Collectors.joining(GAP));
            Pattern pattern = Pattern.compile("(?<![\\w-])" + words + "(?![\\w-])");
            String first = sides[0].toLowerCase(Locale.ROOT).split(" ", -1)[0];
            return new Phrase(sides[0], sides[1], inComments, first, pattern);
        }
    }

    /** Reads the list: one in a line, sections in brackets, comments. */
    static Phrases read(String text) {
        List<Phrase> phrases = new ArrayList<>();
        boolean inComments = true;
        for (String line : text.lines().map(String::strip).toList()) {
            if (line.startsWith("[")) {
                if (!line.equals(EVERYWHERE) && !line.equals(NOT_IN_COMMENTS)) {
                    throw new IllegalArgumentException("an unknown section: " + line);
                }
                inComments = line.equals(EVERYWHERE);
            } else if (!line.isEmpty() && !line.startsWith("#")) {
                phrases.add(Phrase.of(line, inComments));
            }
        }
        return new Phrases(List.copyOf(phrases));
    }

    /** Where a file has some of them, each with what to say instead. */
    List<String> findings(String file, String content) {
        Wording wording = Wording.of(file, content);
        String texts = wording.texts().toLowerCase(Locale.ROOT);
        String comments = wording.comments().toLowerCase(Locale.ROOT);
        List<String> findings = new ArrayList<>();
        for (Phrase phrase : list) {
            addFindings(file, phrase, texts, findings);
            if (phrase.inComments()) {
                addFindings(file, phrase, comments, findings);
            }
        }
        return findings;
    }

    private static void addFindings(String file, Phrase phrase, String text, List<String> findings) {
        if (!text.contains(phrase.first())) {
            return;
        }
        phrase.pattern().matcher(text).results().forEach(found -> {
            long line = 1
                    + text.substring(0, found.start())
                            .chars()
                            .filter(c -> c == '\n')
                            .count();
            findings.add(file + ":" + line + ": '" + phrase.text() + "', say instead: " + phrase.better());
        });
    }
}
