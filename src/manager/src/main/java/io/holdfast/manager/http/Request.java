package io.holdfast.manager.http;

import io.holdfast.format.json.Json;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.databind.DatabindException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.exc.InvalidFormatException;
import tools.jackson.databind.exc.UnrecognizedPropertyException;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A request as a route sees it.
 *
 * @param method in capitals
 * @param path as sent, without the query
 * @param query as sent, or empty
 * @param variables the values of the route's {@code {names}}
 * @param headers gives a header's value, or null
 * @param body not yet read
 * @param client the address that the request comes from
 * @param clientChain the client's certificates, its own first; none when it showed none. <b>Not verified yet</b>
 * @param admission what follows when it is found out who makes the request
 */
public record Request(
        String method,
        String path,
        String query,
        Map<String, String> variables,
        HeaderLookup headers,
        Body body,
        String client,
        List<X509Certificate> clientChain,
        Admission admission) {

    /** Enough for what an agent reports of a server with 8,000 databases. */
    private static final int MOST_TOKENS = 300_000;

    private static final JsonMapper STRICT = Json.mapper(MOST_TOKENS)
            .rebuild()
            .annotationIntrospector(new RequiredNumbers())
            .build();

    private static final JsonMapper TOLERANT = STRICT.rebuild()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    private static final String FORM = "application/x-www-form-urlencoded";
    private static final String BROKEN_FORM = "the form's encoding is broken";

    /** Finds a header by its name. */
    public interface HeaderLookup {
        /** The value, or null. */
        @Nullable String get(String name);
    }

    /** What follows when it is found out who makes a request. */
    public interface Admission {
        /** Nothing does. */
        Admission NOTHING = caller -> {};

        /**
         * The caller is known.
         *
         * @throws HttpError 503 when it has too many requests at once, and none ends for a while
         */
        void known(String caller);
    }

    /**
     * Says who makes the request. Before that it is a stranger's: its body is small, and its connection the first to be
     * closed when there are too many. From now on it counts as one of the caller's, and waits for its turn as such.
     *
     * @param caller a word that no other caller has
     * @throws HttpError 503 when the caller has too many requests at once, and none ends for a while
     */
    public void known(String caller) {
        admission.known(caller);
    }

    Request with(Map<String, String> found) {
        return new Request(method, path, query, found, headers, body, client, clientChain, admission);
    }

    /** The same request with another body, such as one that was read to be looked at. */
    public Request withBody(byte[] other) {
        return new Request(method, path, query, variables, headers, Body.of(other), client, clientChain, admission);
    }

    /** The value of a path variable of the route. */
    public String variable(String name) {
        String value = variables.get(name);
        if (value == null) {
            throw new IllegalArgumentException("the route has no " + name);
        }
        return value;
    }

    /** The value of a path variable that has to be a number; no number is ever found. */
    public long number(String name) {
        String text = variable(name);
        if (!text.matches("[0-9]{1,18}")) {
            throw new HttpError(ErrorCode.BAD_REQUEST, "'" + name + "' in the path is not a number");
        }
        return Long.parseLong(text);
    }

    /**
     * The query's parameters.
     *
     * @param known those that the route takes
     * @throws HttpError 400 with the parameter's name when it is not known or comes twice
     */
    public Map<String, String> parameters(Set<String> known) {
        Map<String, String> found = new HashMap<>();
        pairs(query, "the query's encoding is broken", (name, value) -> {
            if (!known.contains(name)) {
                throw new HttpError(ErrorCode.BAD_REQUEST, "unknown parameter '" + name + "'");
            }
            if (found.put(name, value) != null) {
                throw new HttpError(ErrorCode.BAD_REQUEST, "parameter '" + name + "' is there twice");
            }
        });
        return found;
    }

    /**
     * Reads the body, which must not be longer than stated.
     *
     * @throws HttpError 413 when it is longer
     */
    public byte[] bytes(int most) throws IOException {
        return body.bytes(most);
    }

    /**
     * Reads the body as JSON, or as a form whose values are texts. An empty body is an empty object.
     *
     * @throws HttpError 400 with the field's name, 413, or 415
     */
    public <T extends Record> T read(Class<T> type, int most) throws IOException {
        return complete(parse(STRICT, type, bytes(most)));
    }

    /** The same for what a newer release may have sent: fields that are not known are passed over. */
    public <T extends Record> T readTolerantly(Class<T> type, int most) throws IOException {
        return complete(parse(TOLERANT, type, bytes(most)));
    }

    private static <T extends Record> T complete(T message) {
        RequiredFields.firstMissing(message).ifPresent(field -> {
            throw wrongField(field);
        });
        return message;
    }

    /**
     * A form without some of its fields.
     *
     * @param taken the fields that were asked for, those that were there
     * @param rest the request with all others
     */
    public record Form(Map<String, String> taken, Request rest) {}

    /** Takes fields out of a form, so that the route sees the others alone. A body that is no form is left as it is. */
    public Form takeFields(Set<String> names, int most) throws IOException {
        if (!mediaType().equals(FORM)) {
            return new Form(Map.of(), this);
        }
        Map<String, String> taken = new HashMap<>();
        List<String> others = new ArrayList<>();
        for (String pair : new String(bytes(most), StandardCharsets.UTF_8).split("&", -1)) {
            pairs(pair, BROKEN_FORM, (name, value) -> {
                if (names.contains(name)) {
                    taken.put(name, value);
                } else {
                    others.add(pair);
                }
            });
        }
        byte[] rest = String.join("&", others).getBytes(StandardCharsets.UTF_8);
        return new Form(taken, withBody(rest));
    }

    private String mediaType() {
        String header = headers.get("Content-Type");
        return header == null ? "" : header.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
    }

    private <T extends Record> T parse(JsonMapper mapper, Class<T> type, byte[] content) {
        try {
            if (content.length == 0) {
                return mapper.readValue("{}", type);
            }
            return switch (mediaType()) {
                case "application/json" -> mapper.readValue(content, type);
                case FORM -> mapper.treeToValue(form(content), type);
                default ->
                    throw new HttpError(
                            ErrorCode.UNSUPPORTED_MEDIA_TYPE,
                            "the body's type is not supported",
                            "send application/json or application/x-www-form-urlencoded");
            };
        } catch (UnrecognizedPropertyException e) {
            throw new HttpError(ErrorCode.BAD_REQUEST, "unknown field '" + e.getPropertyName() + "'");
        } catch (InvalidFormatException e) {
            throw e.getTargetType().isEnum() ? unknownWord(fieldOf(e), e.getTargetType()) : wrongField(fieldOf(e));
        } catch (DatabindException e) {
            throw wrongField(fieldOf(e));
        } catch (StreamConstraintsException e) {
            throw new HttpError(
                    ErrorCode.BODY_TOO_LARGE,
                    "the body has too many values in it, too long ones, or is nested too deeply");
        } catch (JacksonException e) {
            throw new HttpError(ErrorCode.BAD_REQUEST, "the body is not valid JSON");
        }
    }

    private static HttpError wrongField(String field) {
        return new HttpError(
                ErrorCode.BAD_REQUEST,
                field.isEmpty()
                        ? "the body is not a JSON object"
                        : "field '" + field + "' is missing or has the wrong type");
    }

    private static HttpError unknownWord(String field, Class<?> words) {
        return new HttpError(
                ErrorCode.BAD_REQUEST,
                "field '" + field + "' has a value that is not known here",
                "one of "
                        + Arrays.stream(words.getEnumConstants())
                                .map(word -> Json.mapper().convertValue(word, String.class))
                                .collect(Collectors.joining(", ")));
    }

    /** The field's name as JSON has it; empty for the body as a whole. */
    private static String fieldOf(DatabindException e) {
        StringBuilder field = new StringBuilder();
        for (JacksonException.Reference step : e.getPath()) {
            if (step.getPropertyName() != null) {
                field.append(field.isEmpty() ? "" : ".").append(step.getPropertyName());
            }
        }
        return field.toString();
    }

    private static ObjectNode form(byte[] content) {
        ObjectNode node = Json.mapper().createObjectNode();
        pairs(new String(content, StandardCharsets.UTF_8), BROKEN_FORM, node::put);
        return node;
    }

    /** Takes {@code name=value&…} apart; what is no such pair is passed over. */
    private static void pairs(String text, String mistake, BiConsumer<String, String> action) {
        for (String pair : text.split("&", -1)) {
            int equals = pair.indexOf('=');
            if (equals > 0) {
                String name;
                String value;
                try {
                    name = URLDecoder.decode(pair.substring(0, equals), StandardCharsets.UTF_8);
                    value = URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8);
                } catch (IllegalArgumentException e) {
                    throw new HttpError(ErrorCode.BAD_REQUEST, mistake);
                }
                action.accept(name, value);
            }
        }
    }
}
