package io.holdfast.manager.wire;

import io.holdfast.format.json.Json;
import io.holdfast.manager.http.ErrorCode;
import io.holdfast.manager.http.HttpError;
import io.holdfast.manager.http.PieceStream;
import io.holdfast.manager.http.Reply;
import io.holdfast.manager.http.Request;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Answers lists. A request with {@code limit} or {@code after} gets a page, and a header {@code Link} that leads to the
 * next one. Without them it gets all rows, as clients of the older API expect; then rows are read while they are sent,
 * so that no list, however long, is in memory at once.
 *
 * @param <R> a row
 */
public final class Listing<R> {
    private static final int USUAL = 100;
    private static final int MOST = 1000;

    private final Rows<R> rows;
    private final Function<R, String> name;
    private final Function<R, ?> view;

    /**
     * Makes it.
     *
     * @param rows finds rows
     * @param name what {@code after} says to get the rows behind this one
     * @param view what the caller sees of a row
     */
    public Listing(Rows<R> rows, Function<R, String> name, Function<R, ?> view) {
        this.rows = rows;
        this.name = name;
        this.view = view;
    }

    /** Finds rows in the list's order. */
    public interface Rows<R> {
        /** At most so many of those behind the named one; from the beginning when the name is empty. */
        List<R> after(String name, int most);
    }

    /** The number that a page is to begin behind, in a list that begins with the largest. */
    public static long before(String after) {
        if (after.isEmpty()) {
            return Long.MAX_VALUE;
        }
        if (!after.matches("[0-9]{1,18}")) {
            throw new HttpError(ErrorCode.BAD_REQUEST, "parameter 'after' is not a number");
        }
        return Long.parseLong(after);
    }

    public Reply reply(Request request) {
        Map<String, String> wish = request.parameters(Set.of("limit", "after"));
        return wish.isEmpty()
                ? whole()
                : page(request.path(), limit(wish.get("limit")), wish.getOrDefault("after", ""));
    }

    private static int limit(@Nullable String text) {
        if (text == null) {
            return USUAL;
        }
        if (!text.matches("[1-9][0-9]{0,3}") || Integer.parseInt(text) > MOST) {
            throw new HttpError(ErrorCode.BAD_REQUEST, "parameter 'limit' is not a number from 1 to " + MOST);
        }
        return Integer.parseInt(text);
    }

    private Reply page(String path, int limit, String after) {
        // One more tells whether there is a next page.
        List<R> found = rows.after(after, limit + 1);
        if (found.size() <= limit) {
            return Reply.json(200, views(found));
        }
        List<R> shown = found.subList(0, limit);
        String next = path + "?limit=" + limit + "&after="
                + URLEncoder.encode(name.apply(shown.getLast()), StandardCharsets.UTF_8);
        return Reply.json(200, views(shown)).withHeader("Link", "<" + next + ">; rel=\"next\"");
    }

    private Reply whole() {
        List<R> first = rows.after("", MOST);
        return first.size() < MOST
                ? Reply.json(200, views(first))
                : Reply.json(200, new PieceStream(new Pieces(first)));
    }

    private List<?> views(List<R> found) {
        return found.stream().map(view).toList();
    }

    /** The JSON array, a page's worth at a time. */
    private final class Pieces implements Iterator<byte[]> {
        private List<R> page;
        private boolean begun;
        private boolean ended;

        Pieces(List<R> first) {
            this.page = first;
        }

        @Override
        public boolean hasNext() {
            return !ended;
        }

        @Override
        public byte[] next() {
            if (ended) {
                throw new NoSuchElementException();
            }
            String array = Json.mapper().writeValueAsString(views(page));
            String inner = array.substring(1, array.length() - 1);
            String piece = (begun && !inner.isEmpty() ? "," : begun ? "" : "[") + inner;
            begun = true;
            ended = page.size() < MOST;
            if (!ended) {
                page = rows.after(name.apply(page.getLast()), MOST);
            }
            return (ended ? piece + "]" : piece).getBytes(StandardCharsets.UTF_8);
        }
    }
}
