package io.holdfast.manager.access;

import io.holdfast.manager.config.ManagerConfig.User;
import io.holdfast.manager.http.ErrorCode;
import io.holdfast.manager.http.HttpError;
import io.holdfast.manager.http.RefusalLog;
import io.holdfast.manager.http.Reply;
import io.holdfast.manager.http.Request;
import io.holdfast.manager.http.Router;
import io.holdfast.manager.identity.Attempts;
import io.holdfast.manager.identity.BasicUsers;
import io.holdfast.manager.identity.Caller;
import io.holdfast.manager.identity.Logins;
import io.holdfast.manager.identity.OpenidProvider;
import io.holdfast.manager.identity.Secrets;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logging in at the dashboard, with a name and a password or at the identity provider, and out. What has to be known
 * again when somebody comes back, such as the form's token and the provider's state, nonce and code verifier, is derived
 * from the browser's secret: nothing of it is kept, and any manager knows it.
 */
public final class LoginRoutes {
    private static final Logger log = LoggerFactory.getLogger(LoginRoutes.class);

    /** The most bytes of a form with a name and a password. */
    private static final int FORM = 4096;

    /** What providers are known to send back. */
    private static final Set<String> FROM_PROVIDER =
            Set.of("code", "state", "iss", "scope", "session_state", "error", "error_description", "error_uri");

    private final BasicUsers operators;
    private final @Nullable OpenidProvider provider;
    private final Attempts attempts;
    private final Logins logins;
    private final Pages pages;
    private final SecureRandom random;

    public LoginRoutes(
            List<User> operators,
            @Nullable OpenidProvider provider,
            Attempts attempts,
            Logins logins,
            Pages pages,
            SecureRandom random) {
        this.operators = new BasicUsers(operators);
        this.provider = provider;
        this.attempts = attempts;
        this.logins = logins;
        this.pages = pages;
        this.random = random;
    }

    /** Adds the routes. */
    public void addTo(Router router, GuardedRoutes guarded) {
        router.add("GET", "/login", this::show).add("POST", "/login", this::login);
        if (provider != null) {
            router.add("GET", "/login/openid", request -> toProvider(request, provider))
                    .add("GET", "/login/callback", request -> fromProvider(request, provider));
        }
        guarded.delete("/sessions", Right.OPERATE, request -> {
            GuardedRoutes.readNothing(request);
            logins.endAll();
            return Reply.nothing();
        });
        guarded.form("/logout", Right.CALL, (access, request) -> {
            GuardedRoutes.readNothing(request);
            return logins.end(Redirects.to("/login"), request);
        });
    }

    private Reply show(Request request) {
        return page(request, 200, wanted(request), null);
    }

    private static String wanted(Request request) {
        return request.parameters(Set.of("to")).getOrDefault("to", "/");
    }

    /** The login page; a browser without a secret gets one with it. */
    private Reply page(Request request, int status, String to, @Nullable HttpError problem) {
        Optional<String> had = logins.secret(request);
        String secret = had.orElseGet(() -> Secrets.random(random));
        String openid = provider == null ? null : "/login/openid?to=" + URLEncoder.encode(to, StandardCharsets.UTF_8);
        Reply page = pages.login(status, new Pages.Login(Logins.csrfToken(secret), to, openid, problem));
        return had.isPresent() ? page : logins.withSecret(page, secret);
    }

    /** The form. */
    record Form(
            @Nullable String name,
            @Nullable String password,
            @Nullable String csrfToken,
            @Nullable String to) {
        @Override
        public String toString() {
            return "Form[]";
        }
    }

    private Reply login(Request request) throws IOException {
        Form given = request.read(Form.class, FORM);
        String to = given.to() == null ? "/" : given.to();
        return orPage(request, to, () -> {
            String token = given.csrfToken();
            String secret = logins.secret(request).orElse(null);
            if (secret == null || token == null || !Secrets.same(Logins.csrfToken(secret), token)) {
                throw new HttpError(ErrorCode.FORBIDDEN, "this form has expired, or is from another site", "try again");
            }
            String name = operator(request, given);
            log.info("login of {} from {}", name, request.client());
            return logins.begin(Redirects.to(to), request, new Caller.Operator(name), name);
        });
    }

    private String operator(Request request, Form given) {
        String name = given.name();
        String password = given.password();
        if (name == null || password == null) {
            throw new HttpError(ErrorCode.BAD_REQUEST, "name and password are needed");
        }
        return attempts.attempt(request, name, () -> operators.find(new BasicUsers.Credentials(name, password)))
                .orElseThrow(() -> new HttpError(ErrorCode.UNAUTHORIZED, "wrong name or password"));
    }

    private Reply toProvider(Request request, OpenidProvider openid) throws IOException {
        String to = wanted(request);
        return orPage(request, to, () -> {
            Optional<String> had = logins.secret(request);
            String secret = had.orElseGet(() -> Secrets.random(random));
            Reply reply = Redirects.elsewhere(openid.address(
                    state(secret, to), Secrets.derive(secret, "nonce"), Secrets.derive(secret, "verifier")));
            return had.isPresent() ? reply : logins.withSecret(reply, secret);
        });
    }

    private static String state(String secret, String to) {
        return Secrets.derive(secret, "state " + to) + "."
                + Base64.getUrlEncoder().withoutPadding().encodeToString(to.getBytes(StandardCharsets.UTF_8));
    }

    private Reply fromProvider(Request request, OpenidProvider openid) throws IOException {
        Map<String, String> given = request.parameters(FROM_PROVIDER);
        String secret = logins.secret(request).orElse("");
        String state = given.getOrDefault("state", "");
        String to = target(state);
        return orPage(request, to, () -> {
            if (secret.isEmpty() || !Secrets.same(state(secret, to), state)) {
                throw new HttpError(
                        ErrorCode.FORBIDDEN, "this login was not started here, or took too long", "log in again");
            }
            String code = given.get("code");
            if (code == null || !openid.isFrom(given.get("iss"))) {
                RefusalLog.refused(
                        request, "login", "the identity provider says: " + given.getOrDefault("error", "no code"));
                throw new HttpError(
                        ErrorCode.UNAUTHORIZED, "the identity provider did not confirm the login", "try again");
            }
            OpenidProvider.Entry entry =
                    openid.enter(code, Secrets.derive(secret, "nonce"), Secrets.derive(secret, "verifier"));
            log.info("login of {} ({}) from {}", entry.caller().id(), entry.name(), request.client());
            return logins.begin(Redirects.to(to), request, entry);
        });
    }

    /** Where to, as a state says; nothing to rely on before the state is checked. */
    private static String target(String state) {
        try {
            return new String(
                    Base64.getUrlDecoder().decode(state.substring(state.indexOf('.') + 1)), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return "/";
        }
    }

    private interface Step {
        Reply take() throws IOException;
    }

    /** Shows a refusal on the login page. */
    private Reply orPage(Request request, String to, Step step) throws IOException {
        try {
            return step.take();
        } catch (HttpError e) {
            RefusalLog.refused(request, "login", String.valueOf(e.getMessage()));
            return page(request, e.code().status(), to, e);
        }
    }
}
