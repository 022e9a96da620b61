package io.holdfast.cli.manager;

import io.holdfast.cli.outcome.ExitCode;
import io.holdfast.cli.outcome.Failure;
import io.holdfast.format.json.Json;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The body of a good answer. */
public final class Answer {
    private static final JsonMapper MAPPER = Json.mapper()
            .rebuild()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    private static final Pattern NEXT = Pattern.compile("<(?<path>/[^/>][^>]*)>; *rel=\"next\"");

    private final byte[] body;
    private final String link;

    /**
     * Takes an answer.
     *
     * @param link its header {@code Link}, or empty
     */
    Answer(byte[] body, String link) {
        this.body = body;
        this.link = link;
    }

    /** The pages of a list as one. */
    static Answer joined(List<Answer> pages) {
        List<JsonNode> all = new ArrayList<>();
        pages.forEach(page -> all.addAll(page.asListOf(JsonNode.class)));
        return new Answer(MAPPER.writeValueAsBytes(all), "");
    }

    /** Where at the manager the next page of a list lies, if there is one. */
    Optional<String> next() {
        Matcher next = NEXT.matcher(link);
        return next.matches() ? Optional.of(next.group("path")) : Optional.empty();
    }

    /** As it came. */
    public byte[] bytes() {
        return body.clone();
    }

    /** As it came, as text. */
    public String text() {
        return new String(body, StandardCharsets.UTF_8);
    }

    /** As one record. */
    public <T> T as(Class<T> type) {
        try {
            return MAPPER.readValue(body, type);
        } catch (JacksonException e) {
            throw senseless(e);
        }
    }

    /** As a list of records. */
    public <T> List<T> asListOf(Class<T> type) {
        try {
            return MAPPER.readerForListOf(type).readValue(body);
        } catch (JacksonException e) {
            throw senseless(e);
        }
    }

    private static Failure senseless(JacksonException cause) {
        return new Failure(
                ExitCode.MANAGER_ERROR,
                "UnexpectedResponse",
                "unexpected answer for a manager of this version: " + cause.getOriginalMessage(),
                "does --manager lead to a Holdfast manager?",
                cause);
    }
}
