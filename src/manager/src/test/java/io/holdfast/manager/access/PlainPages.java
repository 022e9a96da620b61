package io.holdfast.manager.access;

import io.holdfast.manager.http.HttpError;
import io.holdfast.manager.http.Reply;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** Pages without any looks. */
public final class PlainPages implements Pages {
    @Override
    public Reply login(int status, Login login) {
        HttpError problem = login.problem();
        String openid = login.openid();
        return page(status, "Log in", """
                %s
                <form method="post" action="/login">
                <input type="hidden" name="csrf_token" value="%s"><input type="hidden" name="to" value="%s">
                <p><label>Name <input name="name" autocomplete="username" required></label></p>
                <p><label>Password <input name="password" type="password" autocomplete="current-password" required>\
                </label></p>
                <p><button>Log in</button></p>
                </form>
                %s
                """.formatted(
                problem == null ? "" : text(problem),
                escaped(login.csrfToken()),
                escaped(login.to()),
                openid == null ? "" : "<p><a href=\"" + escaped(openid) + "\">Log in with the platform</a></p>"));
    }

    @Override
    public Reply error(HttpError error, Access access) {
        return page(error.code().status(), error.code().code(), text(error));
    }

    private static String text(HttpError error) {
        String hint = error.hint();
        return "<p>" + escaped(String.valueOf(error.getMessage())) + "</p>"
                + (hint == null ? "" : "<p>" + escaped(hint) + "</p>");
    }

    private static Reply page(int status, String title, String body) {
        String page = "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>" + escaped(title)
                + "</title></head><body><main><h1>" + escaped(title) + "</h1>" + body + "</main></body></html>";
        return Reply.bytes(
                status, Map.of("Content-Type", "text/html; charset=utf-8"), page.getBytes(StandardCharsets.UTF_8));
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
