package io.holdfast.manager.http;

import java.lang.reflect.RecordComponent;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Finds what a message lacks. JSON can leave out or null any field; a record says with {@link Nullable} which of its
 * components may be. What is found here would otherwise show up later, as a failure of the program.
 */
final class RequiredFields {
    private RequiredFields() {}

    /** The name of a field that is missing in a record, or in the records in it, as JSON has it. */
    static Optional<String> firstMissing(@Nullable Object value) {
        return switch (value) {
            case null -> Optional.of("");
            case Record message -> inRecord(message);
            case List<?> list -> inAll(list);
            case Map<?, ?> map -> inAll(map.values());
            default -> Optional.empty();
        };
    }

    private static Optional<String> inAll(Iterable<?> values) {
        for (Object value : values) {
            Optional<String> missing = firstMissing(value);
            if (missing.isPresent()) {
                return missing;
            }
        }
        return Optional.empty();
    }

    private static Optional<String> inRecord(Record message) {
        for (RecordComponent component : message.getClass().getRecordComponents()) {
            Object value = value(message, component);
            boolean mayBeMissing = component.getAnnotatedType().isAnnotationPresent(Nullable.class);
            if (value != null || !mayBeMissing) {
                Optional<String> missing = firstMissing(value);
                if (missing.isPresent()) {
                    String inside = missing.get();
                    return Optional.of(jsonName(component) + (inside.isEmpty() ? "" : "." + inside));
                }
            }
        }
        return Optional.empty();
    }

    private static @Nullable Object value(Record message, RecordComponent component) {
        try {
            component.getAccessor().setAccessible(true);
            return component.getAccessor().invoke(message);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String jsonName(RecordComponent component) {
        return component.getName().replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
    }
}
