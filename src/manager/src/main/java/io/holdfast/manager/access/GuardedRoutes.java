package io.holdfast.manager.access;

import io.holdfast.manager.http.ErrorCode;
import io.holdfast.manager.http.HttpError;
import io.holdfast.manager.http.RefusalLog;
import io.holdfast.manager.http.Reply;
import io.holdfast.manager.http.Request;
import io.holdfast.manager.http.Route;
import io.holdfast.manager.http.Router;
import io.holdfast.manager.identity.Caller;
import io.holdfast.manager.identity.Secrets;
import io.holdfast.manager.instance.Instance;
import io.holdfast.manager.jobs.InstanceGone;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Adds routes with the right that each needs: before a route is asked, its caller is known and has the right on the
 * instance {@code {id}} of the path. A {@code POST} may be repeated with its {@code Idempotency-Key}.
 *
 * <p>What app developers may do to an instance is there below {@code /v1} too, as they know it.
 *
 * <p>A browser with a session proves with the session's token that a page of the dashboard makes it change something: in
 * the header {@code X-CSRF-Token}, or in the form's field {@code csrf_token}. A form that also has {@code return_to}, the
 * path of a page, leads there when all went well; without, and in the API, the answer is the route's. A refusal is a page
 * for a browser that wants one.
 */
public final class GuardedRoutes {
    /** The most bytes of a body. */
    public static final int BODY = 64 * 1024;

    private static final String INSTANCE = "/instances/{id}";
    private static final Set<Right> DEVELOPERS = EnumSet.of(Right.SEE, Right.MANAGE);
    private static final String TOKEN_FIELD = "csrf_token";
    private static final String RETURN_FIELD = "return_to";

    private static final Logger log = LoggerFactory.getLogger(GuardedRoutes.class);

    private final Router router;
    private final Callers callers;
    private final Idempotency idempotency;
    private final Pages pages;

    public GuardedRoutes(Router router, Callers callers, Idempotency idempotency, Pages pages) {
        this.router = router;
        this.callers = callers;
        this.idempotency = idempotency;
        this.pages = pages;
    }

    public GuardedRoutes get(String pattern, Right right, Route route) {
        return get(pattern, right, (access, request) -> route.handle(request));
    }

    public GuardedRoutes get(String pattern, Right right, CallerRoute route) {
        return add("GET", pattern, right, route);
    }

    public GuardedRoutes put(String pattern, Right right, Route route) {
        return put(pattern, right, (access, request) -> route.handle(request));
    }

    public GuardedRoutes put(String pattern, Right right, CallerRoute route) {
        return add("PUT", pattern, right, route);
    }

    public GuardedRoutes delete(String pattern, Right right, Route route) {
        return add("DELETE", pattern, right, (access, request) -> route.handle(request));
    }

    public GuardedRoutes post(String pattern, Right right, Route route) {
        return post(pattern, right, (access, request) -> route.handle(request));
    }

    /** A {@code POST} whose effects are in the database alone. */
    public GuardedRoutes post(String pattern, Right right, CallerRoute route) {
        return add("POST", pattern, right, once(pattern, route));
    }

    /** A {@code POST} of which a part is done before the transaction. */
    public GuardedRoutes postPrepared(String pattern, Right right, Preparation preparation) {
        return add("POST", pattern, right, prepared(pattern, preparation));
    }

    private CallerRoute prepared(String pattern, Preparation preparation) {
        return (access, request) ->
                preparedAbout(inPath(pattern, request), preparation).handle(access, request);
    }

    private CallerRoute preparedAbout(@Nullable String instanceId, Preparation preparation) {
        return (access, request) -> {
            Preparation.Prepared prepared = preparation.prepare(request);
            byte[] counts = prepared.body().getBytes(StandardCharsets.UTF_8);
            return onceAbout(instanceId, (_, each) -> prepared.route().handle(each))
                    .handle(access, request.withBody(counts));
        };
    }

    /** Finds the instance that a body names. */
    public interface NamedInstance {
        /**
         * The instance.
         *
         * @throws HttpError when the body names none, or one that is not there
         */
        Instance in(Request request) throws IOException;
    }

    /** The same, to manage the instance that its body names. */
    public GuardedRoutes postNamed(String pattern, NamedInstance named, Route route) {
        return addNamed(
                pattern, named, instanceId -> onceAbout(instanceId, (access, request) -> route.handle(request)));
    }

    /** The same, with a part that is done before the transaction. */
    public GuardedRoutes postNamedPrepared(String pattern, NamedInstance named, Preparation preparation) {
        return addNamed(pattern, named, instanceId -> preparedAbout(instanceId, preparation));
    }

    private GuardedRoutes addNamed(String pattern, NamedInstance named, Function<String, CallerRoute> routeAbout) {
        return add("POST", pattern, Right.CALL, (access, request) -> {
            byte[] body = request.bytes(BODY);
            // Before the transaction: whoever is asked about rights may take its time.
            Instance instance = named.in(request.withBody(body));
            access.require(Right.MANAGE, instance);
            return routeAbout.apply(instance.instanceId()).handle(access, request.withBody(body));
        });
    }

    /** A page, for browsers: somebody who has not logged in is led there. */
    public GuardedRoutes page(String pattern, Right right, CallerRoute route) {
        router.add("GET", pattern, request -> {
            Access access = callers.of(request);
            return access.session() == null ? toLogin(request) : inSession(access, right, request, route);
        });
        return this;
    }

    /** What a page's form posts. Not in a transaction, and for browsers alone. */
    public GuardedRoutes form(String pattern, Right right, CallerRoute route) {
        router.add("POST", pattern, request -> {
            Access access = callers.of(request);
            return access.session() == null ? toLogin(request) : inSession(access, right, request, unlessGone(route));
        });
        return this;
    }

    /** Once, whatever the path names. */
    private CallerRoute once(String pattern, CallerRoute route) {
        return (access, request) -> onceAbout(inPath(pattern, request), route).handle(access, request);
    }

    private static @Nullable String inPath(String pattern, Request request) {
        return pattern.startsWith(INSTANCE) ? request.variables().get("id") : null;
    }

    private CallerRoute onceAbout(@Nullable String instanceId, CallerRoute route) {
        return unlessGone((access, request) ->
                idempotency.handle(access.caller().id(), instanceId, request, each -> route.handle(access, each)));
    }

    private static CallerRoute unlessGone(CallerRoute route) {
        return (access, request) -> {
            try {
                return route.handle(access, request);
            } catch (InstanceGone e) {
                throw deleted();
            }
        };
    }

    private GuardedRoutes add(String method, String pattern, Right right, CallerRoute route) {
        Route guarded = request -> {
            Access access = callers.of(request);
            return access.session() == null
                    ? ask(access, right, request, route)
                    : inSession(access, right, request, route);
        };
        router.add(method, pattern, guarded);
        if (DEVELOPERS.contains(right) && pattern.startsWith(INSTANCE)) {
            router.add(method, "/v1" + pattern, guarded);
        }
        return this;
    }

    private static Reply ask(Access access, Right right, Request request, CallerRoute route) throws Exception {
        try {
            access.rights().require(access.caller(), right, request.variables().get("id"));
        } catch (HttpError e) {
            boolean noted = access.caller() instanceof Caller.Nobody
                    && request.headers().get("Authorization") != null;
            if (!noted) {
                RefusalLog.refused(request, access.caller().id(), e.code().toString());
            }
            throw e;
        }
        Reply reply = route.handle(access, request);
        if (!request.method().equals("GET")) {
            log.info(
                    "{} {} by {} from {}: {}",
                    request.method(),
                    request.path(),
                    access.caller().id(),
                    request.client(),
                    reply.status());
        }
        return reply;
    }

    private Reply inSession(Access access, Right right, Request request, CallerRoute route) throws Exception {
        try {
            if (request.method().equals("GET")) {
                return ask(access, right, request, route);
            }
            Request.Form form = request.takeFields(Set.of(TOKEN_FIELD, RETURN_FIELD), BODY);
            requireToken(access, request, form.taken().get(TOKEN_FIELD));
            String to = form.taken().get(RETURN_FIELD);
            Reply reply = ask(access, right, form.rest(), route);
            if (to == null) {
                return reply;
            }
            reply.body().close();
            return Redirects.to(to);
        } catch (HttpError e) {
            String accepted = request.headers().get("Accept");
            if (accepted == null || !accepted.contains("text/html")) {
                throw e;
            }
            return pages.error(e, access);
        }
    }

    private static void requireToken(Access access, Request request, @Nullable String field) {
        String header = request.headers().get("X-CSRF-Token");
        String given = header == null ? field : header;
        if (given == null || !Secrets.same(access.csrfToken(), given)) {
            RefusalLog.refused(request, access.caller().id(), "not from a page of the session");
            throw new HttpError(
                    ErrorCode.FORBIDDEN,
                    "this request does not come from a page of your session",
                    "reload the page and try again");
        }
    }

    private static Reply toLogin(Request request) {
        boolean isPage = request.method().equals("GET");
        String wanted = request.path() + (request.query().isEmpty() ? "" : "?" + request.query());
        return Redirects.to(
                isPage && !wanted.equals("/")
                        ? "/login?to=" + URLEncoder.encode(wanted, StandardCharsets.UTF_8)
                        : "/login");
    }

    /** The answer when a job is wanted of an instance that is no more. */
    public static HttpError deleted() {
        return new HttpError(
                ErrorCode.INSTANCE_DELETED,
                "the instance is deleted, only its backups are kept for some days",
                "register it again with PUT /instances/{id}");
    }

    /** A body without any field. */
    private record Nothing() {}

    /** Refuses a body that has fields in it: they would be passed over silently. */
    public static void readNothing(Request request) throws IOException {
        request.read(Nothing.class, BODY);
    }
}
