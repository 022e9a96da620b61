package io.holdfast.cli.manager;

import io.holdfast.cli.outcome.ExitCode;
import io.holdfast.cli.outcome.Failure;
import io.holdfast.format.json.Json;
import java.nio.charset.StandardCharsets;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** The body of a good answer. */
public final class Answer {
    private static final JsonMapper MAPPER = Json.mapper()
            .rebuild()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    private final byte[] body;

    Answer(byte[] body) {
        this.body = body;
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
                "SenselessAnswer",
                "the answer is not what a manager of this version says: " + cause.getOriginalMessage(),
                "does --manager lead to a Holdfast manager?",
                cause);
    }
}
