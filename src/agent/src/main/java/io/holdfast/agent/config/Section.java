package io.holdfast.agent.config;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * One object of the configuration file, read key by key. Mistakes are collected, and a harmless value is given back in
 * place of a wrong one, so that all of them can be told at once.
 */
final class Section {
    private final String path;
    private final @Nullable JsonNode object;
    private final List<String> mistakes;
    private final Set<String> known = new LinkedHashSet<>();

    Section(String path, @Nullable JsonNode object, List<String> mistakes) {
        this.path = path;
        this.mistakes = mistakes;
        if (object != null && !object.isObject()) {
            mistakes.add((path.isEmpty() ? "the file" : path) + " must be an object");
            this.object = null;
        } else {
            this.object = object;
        }
    }

    Section section(String key) {
        JsonNode value = value(key);
        if (value == null) {
            mistake(key, "is missing");
        }
        return new Section(name(key), value, mistakes);
    }

    String string(String key) {
        String value = optionalString(key);
        if (value == null && !has(key)) {
            mistake(key, "is missing");
        }
        return value == null ? "" : value;
    }

    String string(String key, String otherwise) {
        String value = optionalString(key);
        return value == null ? otherwise : value;
    }

    @Nullable String optionalString(String key) {
        JsonNode value = value(key);
        if (value == null) {
            return null;
        }
        if (!value.isString() || value.asString().isEmpty()) {
            mistake(key, "must be a text that is not empty");
            return null;
        }
        return value.asString();
    }

    int number(String key, int otherwise, int least, int most) {
        JsonNode value = value(key);
        if (value == null) {
            return otherwise;
        }
        if (!value.isIntegralNumber() || !value.canConvertToInt() || value.asInt() < least || value.asInt() > most) {
            mistake(key, "must be a whole number from " + least + " to " + most);
            return otherwise;
        }
        return value.asInt();
    }

    boolean flag(String key, boolean otherwise) {
        JsonNode value = value(key);
        if (value == null) {
            return otherwise;
        }
        if (!value.isBoolean()) {
            mistake(key, "must be true or false");
            return otherwise;
        }
        return value.asBoolean();
    }

    List<String> strings(String key, List<String> otherwise) {
        JsonNode value = value(key);
        if (value == null) {
            return otherwise;
        }
        List<String> strings = new ArrayList<>();
        if (value.isArray()) {
            value.forEach(element -> strings.add(element.isString() ? element.asString() : ""));
        }
        if (!value.isArray() || strings.contains("")) {
            mistake(key, "must be a list of texts that are not empty");
            return otherwise;
        }
        return strings;
    }

    URI httpsUrl(String key) {
        String text = string(key);
        if (!text.isEmpty()) {
            try {
                URI url = new URI(text);
                if ("https".equals(url.getScheme()) && url.getHost() != null) {
                    return url;
                }
            } catch (URISyntaxException e) {
                // Told below, with the other ways of being wrong.
            }
            mistake(key, "must be an https address with a host");
        }
        return URI.create("https://invalid.");
    }

    Path readableFile(String key) {
        String text = string(key);
        Path file = Path.of(text);
        if (!text.isEmpty() && !readable(file)) {
            mistake(key, "names a file that cannot be read: " + file);
        }
        return file;
    }

    List<Path> readableFiles(String key) {
        List<Path> files = strings(key, List.of()).stream().map(Path::of).toList();
        files.stream()
                .filter(Predicate.not(Section::readable))
                .forEach(file -> mistake(key, "names a file that cannot be read: " + file));
        return files;
    }

    void mistake(String key, String what) {
        mistakes.add(name(key) + " " + what);
    }

    boolean has(String key) {
        return value(key) != null;
    }

    /** To be called last: whatever was not asked for is a mistake. */
    void refuseOthers() {
        if (object != null) {
            for (String key : object.propertyNames()) {
                if (!known.contains(key)) {
                    mistake(key, "is not known; known here are " + known);
                }
            }
        }
    }

    private static boolean readable(Path file) {
        return Files.isRegularFile(file) && Files.isReadable(file);
    }

    private @Nullable JsonNode value(String key) {
        known.add(key);
        JsonNode value = object == null ? null : object.get(key);
        return value == null || value.isNull() ? null : value;
    }

    private String name(String key) {
        return path.isEmpty() ? key : path + "." + key;
    }
}
