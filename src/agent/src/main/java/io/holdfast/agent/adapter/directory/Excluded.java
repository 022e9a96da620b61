package io.holdfast.agent.adapter.directory;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Pattern;

/** What {@code adapter.exclude} leaves out, by the same rules as tar's {@code --anchored --no-wildcards-match-slash}. */
final class Excluded {
    private final List<Pattern> patterns;

    Excluded(List<String> patterns) {
        this.patterns = patterns.stream().map(Excluded::pattern).toList();
    }

    /**
     * Whether a path, or one above it, is left out.
     *
     * @param path below the directory, each byte a character
     */
    boolean contains(String path) {
        return patterns.stream().anyMatch(pattern -> pattern.matcher(path).lookingAt());
    }

    private static Pattern pattern(String wildcards) {
        String bytes = new String(wildcards.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
        StringBuilder regex = new StringBuilder();
        for (int i = 0; i < bytes.length(); i++) {
            char each = bytes.charAt(i);
            int close = each == '[' ? bytes.indexOf(']', i + 2) : -1;
            if (each == '*') {
                regex.append("[^/]*");
            } else if (each == '?') {
                regex.append("[^/]");
            } else if (close > 0) {
                String set = bytes.substring(i + 1, close);
                boolean not = set.startsWith("!") || set.startsWith("^");
                regex.append(not ? "[^" : "[")
                        .append((not ? set.substring(1) : set).replaceAll("[\\[\\]\\\\&^]", "\\\\$0"))
                        .append(']');
                i = close;
            } else {
                char literal = each == '\\' && i + 1 < bytes.length() ? bytes.charAt(++i) : each;
                regex.append(Pattern.quote(String.valueOf(literal)));
            }
        }
        return Pattern.compile(regex + "(?:/|$)", Pattern.DOTALL);
    }
}
