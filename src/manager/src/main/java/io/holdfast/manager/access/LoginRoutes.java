package io.holdfast.manager.access;

import io.holdfast.manager.config.ManagerConfig.User;
import io.holdfast.manager.http.ErrorCode;
import io.holdfast.manager.http.HttpError;
import io.holdfast.manager.http.Reply;
import io.holdfast.manager.http.Request;
import io.holdfast.manager.http.Router;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Logging in at the dashboard, and out. */
public final class LoginRoutes {
    /** Only while somebody logs in: proves that the form comes from this host. */
    private static final String COOKIE = "__Host-holdfast-login";

    private static final Logger log = LoggerFactory.getLogger(LoginRoutes.class);

    private final BasicUsers operators;
    private final Attempts attempts;
    private final Logins logins;
    private final Pages pages;
    private final SecureRandom random;

    public LoginRoutes(List<User> operators, Attempts attempts, Logins logins, Pages pages, SecureRandom random) {
        this.operators = new BasicUsers(operators);
        this.attempts = attempts;
        this.logins = logins;
        this.pages = pages;
        this.random = random;
    }

    /** Adds the routes. */
    public void addTo(Router router, GuardedRoutes guarded) {
        router.add("GET", "/login", this::show).add("POST", "/login", this::login);
        guarded.form("/logout", Right.CALL, (access, request) -> {
            GuardedRoutes.readNothing(request);
            return logins.end(Redirects.to("/login"), request);
        });
    }

    private Reply show(Request request) {
        String to = request.parameters(Set.of("to")).getOrDefault("to", "/");
        Optional<String> begun = Cookies.get(request, COOKIE);
        String secret = begun.orElseGet(() -> Secrets.random(random));
        Reply page = page(200, secret, to, null);
        return begun.isPresent() ? page : Cookies.set(page, COOKIE, secret);
    }

    private Reply page(int status, String secret, String to, @Nullable HttpError problem) {
        return pages.login(status, new Pages.Login(Secrets.derive(secret, "csrf"), to, null, problem));
    }

    /** The form. */
    record Form(
            @Nullable String name,
            @Nullable String password,
            @Nullable String csrfToken,
            @Nullable String to) {}

    private Reply login(Request request) throws IOException {
        Form given = request.read(Form.class, GuardedRoutes.BODY);
        Optional<String> secret = Cookies.get(request, COOKIE);
        String token = given.csrfToken();
        String to = given.to() == null ? "/" : given.to();
        if (secret.isEmpty() || token == null || !Secrets.same(Secrets.derive(secret.get(), "csrf"), token)) {
            HttpError problem =
                    new HttpError(ErrorCode.FORBIDDEN, "this form is too old, or from elsewhere", "try again");
            String fresh = Secrets.random(random);
            return Cookies.set(page(problem.code().status(), fresh, to, problem), COOKIE, fresh);
        }
        try {
            String name = operator(request, given);
            log.info("login of operator {} from {}", name, request.client());
            return logins.begin(Redirects.to(to), new Caller.Operator(name), name);
        } catch (HttpError e) {
            log.warn("login from {} refused: {}", request.client(), e.getMessage());
            return page(e.code().status(), secret.get(), to, e);
        }
    }

    private String operator(Request request, Form given) {
        String name = given.name();
        String password = given.password();
        if (name == null || password == null) {
            throw new HttpError(ErrorCode.BAD_REQUEST, "name and password are needed");
        }
        return attempts.attempt(
                        request.client(), name, () -> operators.find(new BasicUsers.Credentials(name, password)))
                .orElseThrow(() -> new HttpError(ErrorCode.UNAUTHORIZED, "name or password are wrong"));
    }
}
