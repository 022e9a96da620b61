package io.holdfast.protocol.settings;

import io.holdfast.format.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads a configuration file of JSON and collects every mistake in it, so that all are named at once, each with its key.
 *
 * <p>A getter that finds a mistake notes it and returns a stand-in; {@link #finish} then throws. A key that nobody asked
 * for is a mistake too. Values are never part of a message: they may be secrets. Not for use by several threads.
 */
public final class SettingsReader {
    private final JsonNode node;
    private final String path;
    private final List<String> mistakes;
    private final List<SettingsReader> children = new ArrayList<>();
    private final Set<String> asked = new HashSet<>();

    private SettingsReader(JsonNode node, String path, List<String> mistakes) {
        this.node = node;
        this.path = path;
        this.mistakes = mistakes;
    }

    /**
     * Opens a configuration file.
     *
     * @throws IOException when it cannot be read or is no JSON object
     */
    public static SettingsReader of(Path file) throws IOException {
        JsonNode tree;
        try {
            tree = Json.mapper().readTree(Files.readAllBytes(file));
        } catch (JacksonException e) {
            throw new IOException(
                    file + " is not valid JSON at line " + e.getLocation().getLineNr(), null);
        }
        if (!(tree instanceof ObjectNode)) {
            throw new IOException(file + " is not a JSON object");
        }
        return new SettingsReader(tree, "", new ArrayList<>());
    }

    /** Whether there is anything under a key. */
    public boolean has(String key) {
        return value(key) != null;
    }

    /** A text that must be there and must not be empty. */
    public String text(String key) {
        String value = optionalText(key);
        if (value == null) {
            mistake(key, "is missing");
            return "";
        }
        return value;
    }

    /** A text, or null when the key is not there. */
    public @Nullable String optionalText(String key) {
        JsonNode value = value(key);
        if (value == null) {
            return null;
        }
        if (!value.isString()) {
            mistake(key, "must be a text");
            return null;
        }
        if (value.stringValue().isEmpty()) {
            mistake(key, "must not be empty");
        }
        return value.stringValue();
    }

    /** A text that is turned into something; the conversion's {@link IllegalArgumentException} says what is wrong. */
    public <T> @Nullable T converted(String key, Function<String, T> conversion) {
        String value = text(key);
        if (value.isEmpty()) {
            return null;
        }
        try {
            return conversion.apply(value);
        } catch (IllegalArgumentException e) {
            mistake(key, String.valueOf(e.getMessage()));
            return null;
        }
    }

    /** The path of a file that must be readable. */
    public Path file(String key) {
        Path value = optionalFile(key);
        if (value == null) {
            mistake(key, "is missing");
            return Path.of("");
        }
        return value;
    }

    /** The path of a file that must be readable, or null when the key is not there. */
    public @Nullable Path optionalFile(String key) {
        String value = optionalText(key);
        if (value == null) {
            return null;
        }
        Path file = Path.of(value);
        if (!Files.isReadable(file)) {
            mistake(key, "names a file that cannot be read: " + file);
        }
        return file;
    }

    /** The paths of files that must be readable; none when the key is not there. */
    public List<Path> files(String key) {
        List<Path> files = new ArrayList<>();
        for (String name : texts(key)) {
            Path file = Path.of(name);
            if (!Files.isReadable(file)) {
                mistake(key, "names a file that cannot be read: " + file);
            }
            files.add(file);
        }
        return files;
    }

    /** Texts; none when the key is not there. */
    public List<String> texts(String key) {
        JsonNode value = value(key);
        List<String> texts = new ArrayList<>();
        if (value != null && !value.isArray()) {
            mistake(key, "must be an array of texts");
        } else if (value != null) {
            for (JsonNode element : value) {
                if (element.isString()) {
                    texts.add(element.stringValue());
                } else {
                    mistake(key, "must have nothing but texts in it");
                }
            }
        }
        return texts;
    }

    /** A whole number between two limits, both included. */
    public int integer(String key, int whenMissing, int least, int most) {
        return (int) longInteger(key, whenMissing, least, most);
    }

    /** A whole number between two limits, both included. */
    public long longInteger(String key, long whenMissing, long least, long most) {
        JsonNode value = value(key);
        if (value == null) {
            return whenMissing;
        }
        if (!value.isIntegralNumber() || !value.canConvertToLong()) {
            mistake(key, "must be a whole number");
            return whenMissing;
        }
        long number = value.longValue();
        if (number < least || number > most) {
            mistake(key, "must be between " + least + " and " + most);
        }
        return number;
    }

    /** True or false. */
    public boolean flag(String key, boolean whenMissing) {
        JsonNode value = value(key);
        if (value == null) {
            return whenMissing;
        }
        if (!value.isBoolean()) {
            mistake(key, "must be true or false");
            return whenMissing;
        }
        return value.booleanValue();
    }

    /** An object with settings of its own. One that is missing reads as an empty one. */
    public SettingsReader object(String key) {
        JsonNode value = value(key);
        if (value != null && !value.isObject()) {
            mistake(key, "must be an object");
            value = null;
        }
        return child(value == null ? Json.mapper().createObjectNode() : value, path + key + ".");
    }

    /** An object of texts, numbers and flags under any keys, all as texts; an empty one when the key is not there. */
    public Map<String, String> map(String key) {
        JsonNode value = value(key);
        Map<String, String> map = new TreeMap<>();
        if (value != null && !value.isObject()) {
            mistake(key, "must be an object");
        } else if (value != null) {
            for (Map.Entry<String, JsonNode> entry : value.properties()) {
                if (entry.getValue().isString()
                        || entry.getValue().isNumber()
                        || entry.getValue().isBoolean()) {
                    map.put(entry.getKey(), entry.getValue().asString());
                } else {
                    mistake(key + "." + entry.getKey(), "must be a text, a number, or true or false");
                }
            }
        }
        return map;
    }

    /** Objects with settings of their own; none when the key is not there. */
    public List<SettingsReader> objects(String key) {
        JsonNode value = value(key);
        List<SettingsReader> found = new ArrayList<>();
        if (value != null && !value.isArray()) {
            mistake(key, "must be an array of objects");
        } else if (value != null) {
            for (JsonNode element : value) {
                if (element.isObject()) {
                    found.add(child(element, path + key + "[" + found.size() + "]."));
                } else {
                    mistake(key, "must have nothing but objects in it");
                }
            }
        }
        return found;
    }

    /** Notes a mistake that only the caller can see. */
    public void mistake(String key, String what) {
        mistakes.add(path + key + " " + what);
    }

    /** The object's other keys are no mistakes: nobody can know which there should be. */
    public void disregardOthers() {
        node.propertyNames().forEach(asked::add);
    }

    /**
     * Ends the reading of the whole file.
     *
     * @throws IllegalArgumentException with one line for each mistake
     */
    public void finish() {
        noteUnknownKeys();
        if (!mistakes.isEmpty()) {
            throw new IllegalArgumentException(String.join("\n", mistakes));
        }
    }

    private void noteUnknownKeys() {
        for (String key : node.propertyNames()) {
            if (!asked.contains(key)) {
                mistake(key, "is not a known key");
            }
        }
        children.forEach(SettingsReader::noteUnknownKeys);
    }

    private SettingsReader child(JsonNode value, String childPath) {
        SettingsReader child = new SettingsReader(value, childPath, mistakes);
        children.add(child);
        return child;
    }

    private @Nullable JsonNode value(String key) {
        asked.add(key);
        JsonNode value = node.get(key);
        return value == null || value.isNull() ? null : value;
    }
}
