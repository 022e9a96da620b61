package io.holdfast.agent.adapter;

import io.holdfast.agent.attempt.JobException;
import io.holdfast.format.json.Json;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.core.JacksonException;

/**
 * The parts of a backup that a restore leaves out, with the reasons, for people. Only a restore of which somebody has
 * asked that ({@code skip_broken}) leaves out what cannot come back; any other one fails. It lies beside the staged
 * backup, so that a restore that goes on after a crash knows it. For one thread.
 */
public final class LeftOut {
    /** What is added to the hint of a failure which only one part is the reason of. */
    public static final String HINT = "or restore the rest with skip_broken (CLI: --skip-broken)";

    private static final String FILE = "left-out.json";

    private final Path file;
    private Content content;

    /**
     * What the file holds.
     *
     * @param allowed whether parts may be left out
     * @param parts the sentence of each part, by what tells it from others
     * @param notes further sentences
     */
    private record Content(boolean allowed, Map<String, String> parts, List<String> notes) {}

    private LeftOut(Path file, Content content) {
        this.file = file;
        this.content = content;
    }

    /** Begins with nothing left out, before anything is staged. */
    static void begin(RestoreFiles files, boolean allowed) throws IOException {
        new LeftOut(files.backup().resolve(FILE), new Content(allowed, Map.of(), List.of())).write();
    }

    /** What the restore has left out so far; a restore of an older agent leaves out nothing. */
    public static LeftOut of(RestoreFiles files) throws IOException {
        Path file = files.backup().resolve(FILE);
        try {
            return new LeftOut(
                    file,
                    Files.exists(file)
                            ? Json.mapper().readValue(Files.readAllBytes(file), Content.class)
                            : new Content(false, Map.of(), List.of()));
        } catch (JacksonException e) {
            throw JobException.corrupt("the restore's " + FILE + " cannot be read", e);
        }
    }

    /** That of a way back, which leaves out nothing. */
    public static LeftOut nothing(RestoreFiles files) {
        return new LeftOut(files.backup().resolve(FILE), new Content(false, Map.of(), List.of()));
    }

    /** Whether what cannot come back may be left out. */
    public boolean allowed() {
        return content.allowed();
    }

    /** Whether a part is left out. */
    public boolean has(String part) {
        return content.parts().containsKey(part);
    }

    /** The parts that are left out. */
    public List<String> parts() {
        return List.copyOf(content.parts().keySet());
    }

    /**
     * Leaves out a part.
     *
     * @param sentence what it is, and why
     */
    public void add(String part, String sentence) throws IOException {
        Map<String, String> parts = new TreeMap<>(content.parts());
        parts.put(part, sentence);
        content = new Content(content.allowed(), parts, content.notes());
        write();
    }

    /** Notes what came back otherwise than it was. */
    public void note(List<String> sentences) throws IOException {
        List<String> notes = new ArrayList<>(content.notes());
        notes.addAll(sentences);
        content = new Content(content.allowed(), content.parts(), notes);
        write();
    }

    /** All sentences, for the restore's result. */
    public List<String> sentences() {
        List<String> sentences = new ArrayList<>();
        content.parts().values().forEach(part -> sentences.add("left out: " + part));
        sentences.addAll(content.notes());
        return sentences;
    }

    private void write() throws IOException {
        RestoreFiles.write(
                new ByteArrayInputStream(Json.mapper().writeValueAsBytes(content)), file, OutputCheck.ANYTHING);
    }
}
