package io.holdfast.manager.access;

import io.holdfast.manager.http.Body;
import io.holdfast.manager.http.HttpError;
import io.holdfast.manager.http.Reply;
import io.holdfast.manager.http.Request;
import io.holdfast.manager.http.Route;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Keeps a cookie of each name, and fills the hidden fields of the form that it saw last, as browsers do. */
public final class Browser {
    private static final Pattern HIDDEN =
            Pattern.compile("<input type=\"hidden\" name=\"([a-z_]+)\" value=\"([^\"]*)\">");

    private final Route routes;
    private final Map<String, String> cookies = new LinkedHashMap<>();
    private final Map<String, String> hidden = new HashMap<>();

    public Browser(Route routes) {
        this.routes = routes;
    }

    /** An answer, also one that says no. */
    public record Answer(int status, Map<String, String> headers, String body) {
        public @Nullable String location() {
            return headers.get("Location");
        }
    }

    public Map<String, String> cookies() {
        return cookies;
    }

    public Answer get(String path) throws Exception {
        Answer answer = send("GET", path, Map.of(), "");
        hidden.clear();
        Matcher matcher = HIDDEN.matcher(answer.body());
        while (matcher.find()) {
            hidden.put(matcher.group(1), matcher.group(2));
        }
        return answer;
    }

    /** Posts a form, with the hidden fields that were seen last. */
    public Answer submit(String path, Map<String, String> fields) throws Exception {
        Map<String, String> all = new HashMap<>(hidden);
        all.putAll(fields);
        return post(path, all);
    }

    /** Posts a form with these fields alone. */
    public Answer post(String path, Map<String, String> fields) throws Exception {
        String body = fields.entrySet().stream()
                .map(field -> field.getKey() + "=" + URLEncoder.encode(field.getValue(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("&"));
        return send("POST", path, Map.of("Content-Type", "application/x-www-form-urlencoded"), body);
    }

    public Answer send(String method, String address, Map<String, String> more, String body) throws Exception {
        Map<String, String> headers = new HashMap<>(Map.of("Accept", "text/html,application/xhtml+xml"));
        if (!cookies.isEmpty()) {
            headers.put(
                    "Cookie",
                    cookies.entrySet().stream()
                            .map(each -> each.getKey() + "=" + each.getValue())
                            .collect(Collectors.joining("; ")));
        }
        headers.putAll(more);
        String[] parts = address.split("\\?", 2);
        try {
            return read(routes.handle(new Request(
                    method,
                    parts[0],
                    parts.length == 1 ? "" : parts[1],
                    Map.of(),
                    headers::get,
                    Body.of(body.getBytes(StandardCharsets.UTF_8)),
                    "127.0.0.1",
                    List.of(),
                    Request.Admission.NOTHING)));
        } catch (HttpError e) {
            return new Answer(e.code().status(), Map.of(), e.code() + ": " + e.getMessage());
        }
    }

    private Answer read(Reply reply) throws Exception {
        String cookie = reply.headers().get("Set-Cookie");
        if (cookie != null) {
            String[] pair = cookie.split(";", 2)[0].split("=", 2);
            if (cookie.contains("Max-Age=0")) {
                cookies.remove(pair[0]);
            } else {
                cookies.put(pair[0], pair[1]);
            }
        }
        return new Answer(
                reply.status(), reply.headers(), new String(reply.body().readAllBytes(), StandardCharsets.UTF_8));
    }
}
