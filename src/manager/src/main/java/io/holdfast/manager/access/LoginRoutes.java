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

/** Logging in at the dashboard, and out. */
public final class LoginRoutes {
    /** Only while somebody logs in: proves that the form comes from this host. */
    private static final String COOKIE = "__Host-holdfast-login";

    private final BasicUsers operators;
    private final Logins logins;
    private final Pages pages;
    private final SecureRandom random;

    public LoginRoutes(List<User> operators, Logins logins, Pages pages, SecureRandom random) {
        this.operators = new BasicUsers(operators);
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
    record Credentials(
            @Nullable String name,
            @Nullable String password,
            @Nullable String csrfToken,
            @Nullable String to) {}

    private Reply login(Request request) throws IOException {
        Credentials given = request.read(Credentials.class, GuardedRoutes.BODY);
        Optional<String> secret = Cookies.get(request, COOKIE);
        String token = given.csrfToken();
        String to = given.to() == null ? "/" : given.to();
        if (secret.isEmpty() || token == null || !Secrets.same(Secrets.derive(secret.get(), "csrf"), token)) {
            HttpError problem =
                    new HttpError(ErrorCode.FORBIDDEN, "this form is too old, or from elsewhere", "try again");
            String fresh = Secrets.random(random);
            return Cookies.set(page(problem.code().status(), fresh, to, problem), COOKIE, fresh);
        }
        Optional<String> operator = given.name() == null || given.password() == null
                ? Optional.empty()
                : operators.find(given.name(), given.password());
        if (operator.isEmpty()) {
            HttpError problem = new HttpError(ErrorCode.UNAUTHORIZED, "name or password are wrong");
            return page(problem.code().status(), secret.get(), to, problem);
        }
        return logins.begin(Redirects.to(to), new Caller.Operator(operator.get()), operator.get());
    }
}
