package io.holdfast.manager.http;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Finds the route for a request: fixed path segments before {@code {variables}}, a last segment {@code {name*}} takes
 * the rest of the path. Routes are added before serving; finding is safe for any thread.
 */
public final class Router implements Route {
    private final List<Entry> entries = new ArrayList<>();

    /** Adds a route, such as {@code add("GET", "/instances/{id}", …)}. */
    public Router add(String method, String pattern, Route route) {
        entries.add(new Entry(method, pattern, List.of(pattern.substring(1).split("/", -1)), route));
        return this;
    }

    /** All routes, as {@code METHOD pattern}. */
    public List<String> routes() {
        return entries.stream()
                .map(entry -> entry.method() + " " + entry.pattern())
                .toList();
    }

    @Override
    public Reply handle(Request request) throws Exception {
        List<String> segments = List.of(request.path().substring(1).split("/", -1));
        TreeSet<String> otherMethods = new TreeSet<>();
        for (Entry entry : entries) {
            Map<String, String> variables = match(entry.segments(), segments);
            if (variables != null) {
                if (entry.method().equals(request.method())) {
                    return entry.route().handle(request.with(variables));
                }
                otherMethods.add(entry.method());
            }
        }
        if (!otherMethods.isEmpty()) {
            throw new HttpError(
                    ErrorCode.METHOD_NOT_ALLOWED,
                    "this path does not take that method",
                    "use " + String.join(" or ", otherMethods));
        }
        throw new HttpError(ErrorCode.NOT_FOUND, "there is no such path");
    }

    private static @Nullable Map<String, String> match(List<String> pattern, List<String> segments) {
        Map<String, String> variables = new HashMap<>();
        for (int i = 0; i < pattern.size(); i++) {
            String expected = pattern.get(i);
            if (expected.endsWith("*}")) {
                variables.put(
                        expected.substring(1, expected.length() - 2),
                        String.join("/", segments.subList(Math.min(i, segments.size()), segments.size())));
                return variables;
            }
            if (i >= segments.size()) {
                return null;
            }
            String actual = segments.get(i);
            if (expected.startsWith("{")) {
                if (actual.isEmpty()) {
                    return null;
                }
                variables.put(expected.substring(1, expected.length() - 1), actual);
            } else if (!expected.equals(actual)) {
                return null;
            }
        }
        return pattern.size() == segments.size() ? variables : null;
    }

    private record Entry(String method, String pattern, List<String> segments, Route route) {}
}
