package io.holdfast.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** Collects what is wrong with answers that ought to say no, so that a test over many calls tells all at once. */
final class Refusals {
    private static final Set<String> FIELDS = Set.of("error", "description", "hint");

    private final List<String> wrong = new ArrayList<>();
    private int seen;

    /** An answer must be one of these, in the shape of all errors. */
    void expect(String what, Api.Answer answer, Integer... statuses) {
        seen++;
        String problem = problem(answer, List.of(statuses));
        if (!problem.isEmpty()) {
            String text = answer.text().length() > 300 ? answer.text().substring(0, 300) + "…" : answer.text();
            wrong.add(what + ": " + problem + ": " + answer.status() + " " + text);
        }
    }

    private static String problem(Api.Answer answer, List<Integer> statuses) {
        if (!statuses.contains(answer.status())) {
            return "not " + statuses;
        }
        try {
            JsonNode error = answer.json();
            boolean shaped = error.isObject()
                    && error.path("error").asString("").matches("[A-Z][A-Za-z]+")
                    && !error.path("description").asString("").isBlank()
                    && FIELDS.containsAll(error.propertyNames());
            if (!shaped) {
                return "not in the shape of errors";
            }
        } catch (JacksonException e) {
            return "not JSON";
        }
        return answer.text().contains("Exception") || answer.text().contains(".java")
                ? "tells about the program's inside"
                : "";
    }

    void assertAll(Landscape landscape) {
        assertThat(seen).isPositive();
        assertThat(wrong)
                .as(() -> seen + " calls; the manager's log:\n" + landscape.logs())
                .isEmpty();
    }
}
