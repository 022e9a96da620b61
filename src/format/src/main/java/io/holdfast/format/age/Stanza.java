package io.holdfast.format.age;

import java.util.List;

/** One recipient's part of a header: a type, its arguments, and the wrapped file key. */
final class Stanza {
    private final String type;
    private final List<String> arguments;
    private final byte[] body;

    Stanza(String type, List<String> arguments, byte[] body) {
        this.type = type;
        this.arguments = List.copyOf(arguments);
        this.body = body;
    }

    String type() {
        return type;
    }

    List<String> arguments() {
        return arguments;
    }

    byte[] body() {
        return body;
    }
}
