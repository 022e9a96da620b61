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
        StringBuilder selector = new StringBuilder();
        for (String word : List.of(rules.strip().split(" ", -1))) {
            if (selector.isEmpty() && !word.startsWith("(")) {
                command.add(word); // brackets within a pattern are a part of it
                continue;
            }
            selector.append(selector.isEmpty() ? "" : " ").append(word);
            if (word.endsWith(")")) {
                command.add(selector.toString()); // a selector in brackets is one word
                selector.setLength(0);
            }
        }
        return command;
    }

    String line() {
        return "user " + name + " " + rules;
    }
}
