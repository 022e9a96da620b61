package io.holdfast.protocol.phrases;

import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * What people read of a file: all else is blanked, and lines stay where they are.
 *
 * @param comments of Java; empty for other files
 * @param texts literals of Java, and all of other files
 */
record Wording(String comments, String texts) {
    private static final String BLANK = "\0";

    private static final String STRING = "\"[^\"\\\\\\n]*+(?:\\\\.[^\"\\\\\\n]*+)*+\"";
    private static final Pattern TOKEN = Pattern.compile(
            "(?<comment>//[^\\n]*|/\\*.*?\\*/)|(?<text>\"\"\".*?(?<!\\\\)\"\"\"|" + STRING + "(?:\\s*\\+\\s*" + STRING
                    + ")*)|'(?:[^'\\\\]|\\\\.)[^']*'",
            Pattern.DOTALL);
    private static final Pattern JOINT = Pattern.compile("\"\\s*\\+\\s*\"");
    private static final Pattern NAME_IN_COMMENT = Pattern.compile("\\{@(?:link|linkplain|code|value)\\b[^}]*\\}");
    private static final Pattern CODE_IN_PAGE = Pattern.compile("```.*?```|`[^`\\n]+`", Pattern.DOTALL);

    static Wording of(String file, String content) {
        if (file.endsWith(".java")) {
            return ofJava(content);
        }
        return new Wording("", file.endsWith(".md") ? replaced(CODE_IN_PAGE, content, BLANK) : content);
    }

    private static Wording ofJava(String source) {
        StringBuilder comments = new StringBuilder();
        StringBuilder texts = new StringBuilder();
        int end = 0;
        for (MatchResult token : TOKEN.matcher(source).results().toList()) {
            String between = blank(source.substring(end, token.start()), BLANK);
            boolean comment = token.group("comment") != null;
            boolean text = token.group("text") != null;
            comments.append(between).append(comment ? token.group() : blank(token.group(), BLANK));
            texts.append(between).append(text ? replaced(JOINT, token.group(), " ") : blank(token.group(), BLANK));
            end = token.end();
        }
        return new Wording(replaced(NAME_IN_COMMENT, comments.toString(), BLANK), texts.toString());
    }

    private static String replaced(Pattern pattern, String text, String with) {
        return pattern.matcher(text).replaceAll(found -> blank(found.group(), with));
    }

    private static String blank(String text, String with) {
        return text.replaceAll("\\S", with);
    }
}
