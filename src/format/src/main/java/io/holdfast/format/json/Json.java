package io.holdfast.format.json;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.cfg.CoercionAction;
import tools.jackson.databind.cfg.CoercionInputShape;
import tools.jackson.databind.cfg.EnumFeature;
import tools.jackson.databind.deser.std.StdDeserializer;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.type.LogicalType;

/**
 * The one JSON dialect of all of Holdfast's own messages and files: snake_case names, unknown names refused, a
 * missing primitive refused, no type taken for another, absent values left out. Times are RFC 3339 texts.
 *
 * <p>The mapper is immutable and may be used by any thread.
 */
public final class Json {
    private static final int DEEPEST_NESTING = 50;

    private static final JsonMapper MAPPER = mapper(StreamReadConstraints.builder());

    private static final JsonMapper TOLERANT = MAPPER.rebuild()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    private Json() {}

    /** The mapper to read and write with; its exceptions are unchecked {@code JacksonException}s. */
    public static JsonMapper mapper() {
        return MAPPER;
    }

    /** The same for what a newer release may have written: names that are not known are passed over. */
    public static JsonMapper tolerantMapper() {
        return TOLERANT;
    }

    /**
     * A mapper that refuses texts with more names, values, beginnings and ends than that: what is made of a short value
     * takes many times the memory of its text.
     */
    public static JsonMapper mapper(long mostTokens) {
        return mapper(StreamReadConstraints.builder().maxTokenCount(mostTokens));
    }

    private static JsonMapper mapper(StreamReadConstraints.Builder constraints) {
        return JsonMapper.builder(JsonFactory.builder()
                        .streamReadConstraints(
                                constraints.maxNestingDepth(DEEPEST_NESTING).build())
                        .build())
                .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
                .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .enable(EnumFeature.FAIL_ON_NUMBERS_FOR_ENUMS)
                .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
                .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
                .withCoercionConfig(
                        LogicalType.Textual,
                        text -> text.setCoercion(CoercionInputShape.Integer, CoercionAction.Fail)
                                .setCoercion(CoercionInputShape.Float, CoercionAction.Fail)
                                .setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail))
                .addModule(new SimpleModule().addDeserializer(Instant.class, new Timestamps()))
                .changeDefaultPropertyInclusion(inclusion -> inclusion.withValueInclusion(JsonInclude.Include.NON_NULL))
                .build();
    }

    /** Times as texts with a year of four digits (RFC 3339), and nothing else that may stand for one, such as a number. */
    private static final class Timestamps extends StdDeserializer<Instant> {
        private static final Instant FIRST = Instant.parse("0000-01-01T00:00:00Z");
        private static final Instant AFTER_LAST = Instant.parse("+10000-01-01T00:00:00Z");

        Timestamps() {
            super(Instant.class);
        }

        @Override
        public Instant deserialize(JsonParser parser, DeserializationContext context) {
            if (parser.currentToken() != JsonToken.VALUE_STRING) {
                return (Instant) context.handleUnexpectedToken(Instant.class, parser);
            }
            String text = parser.getString();
            try {
                Instant time = Instant.parse(text);
                if (!time.isBefore(FIRST) && time.isBefore(AFTER_LAST)) {
                    return time;
                }
            } catch (DateTimeParseException e) {
                // Told below.
            }
            throw context.weirdStringException(text, Instant.class, "not a time such as 2026-11-30T06:00:00Z");
        }
    }
}
