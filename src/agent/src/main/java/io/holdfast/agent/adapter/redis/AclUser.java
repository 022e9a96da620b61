package io.holdfast.agent.adapter.redis;

import java.util.ArrayList;
import java.util.List;

/**
 * An ACL user.
 *
 * @param rules as {@code ACL LIST} gives them; passwords are hashes
 */
record AclUser(String name, String rules) {
    /** Reads a line of {@code ACL LIST}: {@code user NAME RULES}. */
    static AclUser parse(String line) {
        int end = line.indexOf(' ', "user ".length());
        return new AclUser(line.substring("user ".length(), end), line.substring(end + 1));
    }

    /** The command that makes the user just like this. */
    List<String> make() {
        List<String> command = new ArrayList<>(List.of("ACL", "SETUSER", name, "reset"));
        StringBuilder rule = new StringBuilder();
        int depth = 0;
        for (char c : (rules + " ").toCharArray()) {
            depth += c == '(' ? 1 : c == ')' ? -1 : 0;
            if (c != ' ' || depth > 0) {
                rule.append(c); // a selector in brackets is one word
            } else if (!rule.isEmpty()) {
                command.add(rule.toString());
                rule.setLength(0);
            }
        }
        return command;
    }

    String line() {
        return "user " + name + " " + rules;
    }
}
