package io.holdfast.agent.adapter.mariadb;

import io.holdfast.agent.attempt.JobException;
import io.holdfast.format.json.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;

/**
 * Makes the definitions of a file, which has one in each line, in portions that fit into memory. One that needs another, such as
 * a view, is made once that is there.
 */
final class Definitions {
    private static final long PORTION = 1024 * 1024;

    private final Client client;
    private final Form form;
    private boolean skipped;

    /** What is run for a definition; nothing when it is empty. */
    interface Form {
        List<String> statements(Definition definition);
    }

    /**
     * One that the server refused.
     *
     * @param error the error's number
     */
    record Refused(Definition definition, int error) {
        /** Whether it lacks something that it is about. */
        boolean gone() {
            return Refusal.GONE.contains(error);
        }

        /** Such as {@code CREATE VIEW `app`.`v` (error 1146)}. */
        @Override
        public String toString() {
            return definition + " (error " + error + ")";
        }
    }

    Definitions(Client client, Form form) {
        this.client = client;
        this.form = form;
    }

    /** Whether there was one for which nothing was run. */
    boolean skipped() {
        return skipped;
    }

    /** Makes all of a file, as far as the server takes them; gives the others. */
    List<Refused> make(Path file) throws IOException, InterruptedException {
        List<Refused> refused = new ArrayList<>();
        if (!Files.exists(file)) {
            return refused;
        }
        List<Definition> portion = new ArrayList<>();
        long size = 0;
        try (BufferedReader lines = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                portion.add(Json.mapper().readValue(line, Definition.class));
                size += line.length();
                if (size > PORTION) {
                    refused.addAll(attempt(portion));
                    portion.clear();
                    size = 0;
                }
            }
        } catch (JacksonException e) {
            throw JobException.corrupt("the definitions in " + file.getFileName() + " cannot be read", e);
        }
        refused.addAll(attempt(portion));
        return again(refused);
    }

    /** Tries those that were refused again, as long as that makes them fewer. */
    List<Refused> again(List<Refused> refused) throws IOException, InterruptedException {
        List<Refused> left = refused;
        while (!left.isEmpty()) {
            List<Refused> now = attempt(left.stream().map(Refused::definition).toList());
            if (now.size() == left.size()) {
                return now;
            }
            left = now;
        }
        return left;
    }

    private List<Refused> attempt(List<Definition> definitions) throws IOException, InterruptedException {
        List<List<String>> groups = definitions.stream().map(form::statements).toList();
        skipped |= groups.stream().anyMatch(List::isEmpty);
        Map<Integer, Integer> errors = client.attempt(groups, StandardCharsets.ISO_8859_1);
        List<Refused> refused = new ArrayList<>();
        errors.forEach((index, error) -> refused.add(new Refused(definitions.get(index), error)));
        return refused;
    }
}
