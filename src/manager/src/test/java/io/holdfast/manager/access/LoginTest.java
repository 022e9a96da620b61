package io.holdfast.manager.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.manager.access.Browser.Answer;
import io.holdfast.manager.config.LoginConfig;
import io.holdfast.manager.config.ManagerConfig.User;
import io.holdfast.manager.http.Body;
import io.holdfast.manager.http.Reply;
import io.holdfast.manager.http.Request;
import io.holdfast.manager.http.Router;
import io.holdfast.manager.identity.Attempts;
import io.holdfast.manager.identity.Logins;
import io.holdfast.manager.instance.Instances;
import io.holdfast.manager.sql.Database;
import io.holdfast.manager.sql.TestDatabase;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Logging in with a name and a password, what a session may do, and its end. */
@Tag("state")
class LoginTest {
    private static final Map<String, String> GOOD = Map.of("name", "admin", "password", "a long password");
    private static final String SESSION = "__Host-holdfast";

    @TempDir
    Path folder;

    private Database database;
    private Router router;
    private Instant now = Instant.EPOCH;

    @BeforeEach
    void open() {
        database = TestDatabase.open(folder);
        router = routes();
    }

    @AfterEach
    void close() {
        database.close();
    }

    /** A body with one field. */
    record Text(@Nullable String text) {}

    /** What a manager serves; each has the same database. */
    private Router routes() {
        Router made = new Router();
        SecureRandom random = new SecureRandom();
        List<User> operators = List.of(new User("admin", "a long password"));
        Logins logins = new Logins(
                database,
                new LoginConfig(Duration.ofMinutes(30), Duration.ofHours(12), null),
                null,
                random,
                Clock.systemUTC());
        Attempts attempts = new Attempts(() -> now);
        Pages pages = new PlainPages();
        GuardedRoutes guarded = new GuardedRoutes(
                made,
                new Callers(
                        operators,
                        List.of(),
                        null,
                        attempts,
                        logins,
                        new Rights(new Instances(database), Permissions.NOBODYS)),
                new Idempotency(database),
                pages);
        new LoginRoutes(operators, null, attempts, logins, pages, random).addTo(made, guarded);
        guarded.page(
                        "/",
                        Right.CALL,
                        (access, request) -> Reply.bytes(
                                200,
                                Map.of("Content-Type", "text/html"),
                                ("<input type=\"hidden\" name=\"csrf_token\" value=\"" + access.csrfToken() + "\">")
                                        .getBytes(StandardCharsets.UTF_8)))
                .post(
                        "/texts",
                        Right.OPERATE,
                        (Request request) -> Reply.json(201, request.read(Text.class, GuardedRoutes.BODY)));
        return made;
    }

    private Browser loggedIn() throws Exception {
        Browser browser = new Browser(router);
        browser.get("/login");
        assertThat(browser.submit("/login", GOOD).status()).isEqualTo(303);
        browser.get("/");
        return browser;
    }

    @Test
    void whoHasNotLoggedInIsLedThereAndBack() throws Exception {
        Browser browser = new Browser(router);
        assertThat(browser.get("/").location()).isEqualTo("/login");
        browser.get("/login?to=%2Fi%2Fshop-1");
        Answer answer = browser.submit("/login", GOOD);
        assertThat(answer.status()).isEqualTo(303);
        assertThat(answer.location()).isEqualTo("/i/shop-1");
        assertThat(browser.get("/").status()).isEqualTo(200);
    }

    @Test
    void anotherHostIsNoPlaceToBeLedTo() throws Exception {
        for (String to : List.of("https://elsewhere", "//elsewhere", "/\\elsewhere", "\\/elsewhere", "/\t/elsewhere")) {
            Browser browser = new Browser(router);
            browser.get("/login");
            Answer answer = browser.submit("/login", Map.of("name", "admin", "password", "a long password", "to", to));
            assertThat(answer.location()).as(to).isEqualTo("/");
        }
    }

    @Test
    void aWrongPasswordAndAnUnknownNameAreRefusedInTheSameWords() throws Exception {
        Browser browser = new Browser(router);
        browser.get("/login");
        Answer wrong = browser.submit("/login", Map.of("name", "admin", "password", "wrong"));
        Answer unknown = browser.submit("/login", Map.of("name", "<b>", "password", "a long password"));
        assertThat(wrong.status()).isEqualTo(401);
        assertThat(wrong.body()).contains("wrong name or password").isEqualTo(unknown.body());
        assertThat(browser.get("/").location()).isEqualTo("/login");
    }

    @Test
    void afterManyWrongPasswordsNotEvenTheRightOneIsLookedAtForAWhile() throws Exception {
        Browser browser = new Browser(router);
        browser.get("/login");
        for (int i = 0; i < Attempts.MOST; i++) {
            assertThat(browser.submit("/login", Map.of("name", "admin", "password", "wrong" + i))
                            .status())
                    .isEqualTo(401);
        }
        assertThat(browser.submit("/login", GOOD).status()).isEqualTo(429);
        assertThat(browser.submit("/login", Map.of("name", "other", "password", "wrong"))
                        .status())
                .isEqualTo(401);
        now = now.plusSeconds(2);
        assertThat(browser.submit("/login", GOOD).status()).isEqualTo(303);
    }

    @Test
    void aLoginFormOfAnotherHostLogsNobodyIn() throws Exception {
        Browser browser = new Browser(router);
        browser.get("/login");
        Answer answer = browser.post("/login", GOOD);
        assertThat(answer.status()).isEqualTo(403);
        assertThat(browser.get("/").location()).isEqualTo("/login");
    }

    @Test
    void theCookieIsForThisHostAndNotForScripts() throws Exception {
        Browser browser = new Browser(router);
        browser.get("/login");
        assertThat(browser.submit("/login", GOOD).headers().get("Set-Cookie"))
                .startsWith(SESSION + "=")
                .contains("; Path=/", "; Secure", "; HttpOnly", "; SameSite=Lax")
                .doesNotContain("Domain");
    }

    @Test
    void aSessionHasANewIdAfterEachLogin() throws Exception {
        Browser browser = loggedIn();
        String first = browser.cookies().get(SESSION);
        browser.get("/login");
        browser.submit("/login", GOOD);
        assertThat(browser.cookies().get(SESSION)).isNotEqualTo(first);
    }

    @Test
    void whatChangesSomethingNeedsTheTokenOfTheSession() throws Exception {
        Browser browser = loggedIn();
        assertThat(browser.post("/texts", Map.of("text", "x")).status()).isEqualTo(403);
        assertThat(browser.post("/texts", Map.of("text", "x", "csrf_token", "wrong"))
                        .status())
                .isEqualTo(403);
        Browser other = loggedIn();
        String others = other.cookies().get(SESSION);
        assertThat(browser.post("/texts", Map.of("text", "x", "csrf_token", Logins.csrfToken(String.valueOf(others))))
                        .status())
                .isEqualTo(403);
        assertThat(browser.submit("/texts", Map.of("text", "x")).status()).isEqualTo(201);
        String token = Logins.csrfToken(String.valueOf(browser.cookies().get(SESSION)));
        assertThat(browser.send(
                                "POST",
                                "/texts",
                                Map.of("Content-Type", "application/json", "X-CSRF-Token", token),
                                "{\"text\": \"a\"}")
                        .body())
                .isEqualTo("{\"text\":\"a\"}");
    }

    @Test
    void aFormSeesItsOwnFieldsAndLeadsBackToItsPage() throws Exception {
        Browser browser = loggedIn();
        assertThat(browser.submit("/texts", Map.of("text", "a & b=c")).body()).isEqualTo("{\"text\":\"a & b=c\"}");
        Answer back = browser.submit("/texts", Map.of("text", "x", "return_to", "/i/shop-1"));
        assertThat(back.status()).isEqualTo(303);
        assertThat(back.location()).isEqualTo("/i/shop-1");
        Answer refused = browser.submit("/texts", Map.of("colour", "red", "return_to", "/i/shop-1"));
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.body()).contains("<h1>BadRequest</h1>", "colour");
    }

    @Test
    void afterLoggingOutTheCookieOpensNothing() throws Exception {
        Browser browser = loggedIn();
        Browser copy = new Browser(router);
        copy.cookies().putAll(browser.cookies());
        assertThat(copy.get("/").status()).isEqualTo(200);
        assertThat(browser.submit("/logout", Map.of()).location()).isEqualTo("/login");
        assertThat(browser.get("/").location()).isEqualTo("/login");
        assertThat(copy.get("/").location()).isEqualTo("/login");
    }

    @Test
    void anOperatorEndsAllSessions() throws Exception {
        List<Browser> browsers = List.of(loggedIn(), loggedIn());
        String credentials =
                Base64.getEncoder().encodeToString("admin:a long password".getBytes(StandardCharsets.UTF_8));
        Reply reply = router.handle(new Request(
                "DELETE",
                "/sessions",
                "",
                Map.of(),
                Map.of("Authorization", "Basic " + credentials)::get,
                Body.of(new byte[0]),
                "127.0.0.1",
                List.of(),
                Request.Admission.NOTHING));
        assertThat(reply.status()).isLessThan(300);
        for (Browser each : browsers) {
            assertThat(each.get("/").location()).isEqualTo("/login");
        }
    }

    @Test
    void anotherManagerWithTheSameDatabaseKnowsTheSession() throws Exception {
        Browser browser = new Browser(routes());
        browser.cookies().putAll(loggedIn().cookies());
        assertThat(browser.get("/").status()).isEqualTo(200);
    }

    @Test
    void aSessionEndsWhenItIsNotUsedAndWhenItIsOld() throws Exception {
        for (String age : List.of("seen_at = seen_at - 1800000", "created_at = created_at - 43200000")) {
            Browser browser = loggedIn();
            TestDatabase.run(database, "UPDATE session SET " + age);
            assertThat(browser.get("/").location()).as(age).isEqualTo("/login");
        }
    }
}
