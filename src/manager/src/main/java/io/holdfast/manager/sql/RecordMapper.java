package io.holdfast.manager.sql;

import io.holdfast.protocol.Phase;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.Constructor;
import java.lang.reflect.RecordComponent;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Locale;
import org.jdbi.v3.core.mapper.ColumnMapper;
import org.jdbi.v3.core.mapper.RowMapper;
import org.jdbi.v3.core.statement.StatementContext;
import org.jspecify.annotations.Nullable;

/**
 * Makes records of rows: each component is the column of its name. Looks at a record once in the life of the program;
 * Jdbi's own mapper does so for each query, which takes longer than the query. Any thread may use it.
 *
 * @param <R> a record whose components are texts, numbers, truth values, enumerations or {@link Instant}s, or
 *     something that a column mapper of the query makes
 */
public final class RecordMapper<R> implements RowMapper<R> {
    private static final ClassValue<RecordMapper<?>> MAPPERS = new ClassValue<>() {
        @Override
        protected RecordMapper<?> computeValue(Class<?> type) {
            return new RecordMapper<>(type);
        }
    };

    private final MethodHandle constructor;
    private final String[] columns;
    private final Class<?>[] types;

    private RecordMapper(Class<?> type) {
        RecordComponent[] components = type.getRecordComponents();
        types = Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
        columns = Arrays.stream(components)
                .map(component ->
                        component.getName().replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT))
                .toArray(String[]::new);
        try {
            Constructor<?> canonical = type.getDeclaredConstructor(types);
            canonical.setAccessible(true); // a table's rows are its package's own
            constructor =
                    MethodHandles.lookup().unreflectConstructor(canonical).asSpreader(Object[].class, types.length);
        } catch (ReflectiveOperationException e) {
            throw new IllegalArgumentException(type + " cannot be made of rows", e);
        }
    }

    /** The mapper of a record. */
    @SuppressWarnings("unchecked") // the mapper of a class makes its objects
    public static <R extends Record> RecordMapper<R> of(Class<R> type) {
        return (RecordMapper<R>) MAPPERS.get(type);
    }

    @Override
    public R map(ResultSet row, StatementContext context) throws SQLException {
        return specialize(row, context).map(row, context);
    }

    @Override
    public RowMapper<R> specialize(ResultSet rows, StatementContext context) throws SQLException {
        int[] places = new int[columns.length];
        for (int i = 0; i < places.length; i++) {
            places[i] = rows.findColumn(columns[i]);
        }
        return (row, its) -> record(row, places, its);
    }

    @SuppressWarnings("unchecked") // the constructor is the one of R
    private R record(ResultSet row, int[] places, StatementContext context) throws SQLException {
        @Nullable Object[] values = new Object[places.length];
        for (int i = 0; i < places.length; i++) {
            values[i] = value(row, places[i], types[i], context);
        }
        try {
            return (R) constructor.invoke(values);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    private static @Nullable Object value(ResultSet row, int place, Class<?> type, StatementContext context)
            throws SQLException {
        if (type == String.class) {
            return row.getString(place);
        }
        if (type == long.class || type == Long.class) {
            return unlessNull(row, row.getLong(place), type);
        }
        if (type == int.class || type == Integer.class) {
            return unlessNull(row, row.getInt(place), type);
        }
        if (type == boolean.class) {
            return row.getBoolean(place);
        }
        if (type == Instant.class) {
            return unlessNull(row, Instant.ofEpochMilli(row.getLong(place)), type);
        }
        if (type == Phase.class) {
            String word = row.getString(place);
            return word == null ? null : Phase.of(word).orElse(null);
        }
        if (type.isEnum()) {
            String name = row.getString(place);
            return name == null ? null : constant(type, name);
        }
        ColumnMapper<?> mapper = context.findColumnMapperFor(type)
                .orElseThrow(() -> new IllegalArgumentException("nothing makes a " + type + " of a column"));
        return mapper.map(row, place, context);
    }

    /** A null in a column that must not have one is 0, as JDBC has it. */
    private static @Nullable Object unlessNull(ResultSet row, Object value, Class<?> type) throws SQLException {
        return row.wasNull() && !type.isPrimitive() ? null : value;
    }

    @SuppressWarnings({"unchecked", "rawtypes"}) // it is an enumeration
    private static Object constant(Class<?> type, String name) {
        return Enum.valueOf((Class<Enum>) type, name);
    }
}
