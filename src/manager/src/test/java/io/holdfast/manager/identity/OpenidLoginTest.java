package io.holdfast.manager.identity;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jwt.JWTClaimsSet;
import io.holdfast.format.json.Json;
import io.holdfast.manager.access.Browser;
import io.holdfast.manager.access.Browser.Answer;
import io.holdfast.manager.access.Callers;
import io.holdfast.manager.access.CloudController;
import io.holdfast.manager.access.GuardedRoutes;
import io.holdfast.manager.access.Idempotency;
import io.holdfast.manager.access.LoginRoutes;
import io.holdfast.manager.access.PlainPages;
import io.holdfast.manager.access.Right;
import io.holdfast.manager.access.Rights;
import io.holdfast.manager.config.CloudControllerConfig;
import io.holdfast.manager.config.LoginConfig;
import io.holdfast.manager.config.LoginConfig.Openid;
import io.holdfast.manager.http.Reply;
import io.holdfast.manager.http.Request;
import io.holdfast.manager.http.Router;
import io.holdfast.manager.instance.Instances;
import io.holdfast.manager.sql.Database;
import io.holdfast.testbed.Certificates;
import io.holdfast.testbed.OpenidServer;
import io.holdfast.testbed.StandInCloudController;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** App developers and operators whom a certified OpenID provider knows, and what Cloud Controller allows them. */
class OpenidLoginTest {
    private static final String URL = "https://dashboard.test";
    private static final Map<String, String> JSON = Map.of("Accept", "application/json");

    @TempDir
    static Path shared;

    private static Certificates certificates;
    private static OpenidServer openid;

    @TempDir
    Path folder;

    private Database database;
    private OpenidProvider provider;
    private StandInCloudController stand;
    private CloudController cloud;
    private Router router;

    @BeforeAll
    static void startProvider() {
        certificates = new Certificates(shared);
        openid = OpenidServer.start(certificates, URL + "/login/callback");
    }

    @AfterAll
    static void stopProvider() {
        openid.close();
    }

    private static Openid config(String audience) {
        return new Openid(
                URI.create(openid.issuer()),
                URI.create(URL),
                OpenidServer.CLIENT_ID,
                openid.clientSecret(),
                List.of("openid", "groups", "cloud_controller.read"),
                OpenidServer.OPERATOR_GROUP,
                audience,
                certificates.caFile());
    }

    @BeforeEach
    void open() throws IOException {
        database = Database.sqlite(folder, Clock.systemUTC());
        Instances instances = new Instances(database);
        instances.register("shop-1", "postgresql");
        Openid config = config(OpenidServer.AUDIENCE);
        LoginConfig login = new LoginConfig(Duration.ofMinutes(30), Duration.ofHours(12), config);
        provider = new OpenidProvider(config, Clock.systemUTC());
        stand = StandInCloudController.start(certificates);
        cloud = new CloudController(
                new CloudControllerConfig(URI.create(stand.url()), certificates.caFile()), Clock.systemUTC());
        SecureRandom random = new SecureRandom();
        Logins logins = new Logins(database, login, provider, random, Clock.systemUTC());
        Attempts attempts = new Attempts(Clock.systemUTC());
        router = new Router();
        GuardedRoutes guarded = new GuardedRoutes(
                router,
                new Callers(List.of(), List.of(), provider, attempts, logins, new Rights(instances, cloud)),
                new Idempotency(database),
                new PlainPages());
        new LoginRoutes(List.of(), provider, attempts, logins, new PlainPages(), random).addTo(router, guarded);
        guarded.page(
                        "/",
                        Right.CALL,
                        (access, request) -> Reply.bytes(
                                200,
                                Map.of("Content-Type", "text/html"),
                                access.caller().toString().getBytes(StandardCharsets.UTF_8)))
                .get("/instances/{id}", Right.SEE, (Request request) -> Reply.nothing())
                .post("/instances/{id}/backups", Right.MANAGE, (Request request) -> Reply.nothing())
                .get("/queue", Right.OPERATE, (Request request) -> Reply.nothing());
    }

    @AfterEach
    void close() {
        cloud.close();
        stand.close();
        provider.close();
        database.close();
    }

    private Answer login(Browser browser, String user, String to) throws Exception {
        Answer out = browser.get("/login/openid?to=" + to);
        return browser.get(path(openid.login(URI.create(String.valueOf(out.location())), user)));
    }

    private static String path(URI back) {
        assertThat(back.toString()).startsWith(URL + "/login/callback?");
        return back.toString().substring(URL.length());
    }

    private static String token(String user, String which) {
        return Json.mapper().readTree(openid.tokens(user)).path(which).asString();
    }

    private int status(String method, String path, String token) throws Exception {
        return new Browser(router)
                .send(method, path, Map.of("Authorization", "bearer " + token, "Accept", "application/json"), "")
                .status();
    }

    @Test
    void aDeveloperLogsInAndSeesWhatCloudControllerAllows() throws Exception {
        Browser browser = new Browser(router);
        Answer back = login(browser, "alice", "%2Finstances%2Fshop-1");
        assertThat(back.status()).as(back.body()).isEqualTo(303);
        assertThat(back.location()).isEqualTo("/instances/shop-1");
        assertThat(browser.get("/").body()).startsWith("Developer[userId=alice");
        assertThat(browser.send("GET", "/instances/shop-1", JSON, "").status()).isEqualTo(404);
        stand.allow("bob", "shop-1", true, false);
        Browser other = new Browser(router);
        login(other, "bob", "/");
        assertThat(other.send("GET", "/instances/shop-1", JSON, "").status()).isEqualTo(204);
    }

    @Test
    void theOperatorsGroupMakesAnOperator() throws Exception {
        Browser browser = new Browser(router);
        login(browser, "operator-1", "/");
        assertThat(browser.get("/").body()).isEqualTo("Operator[id=user:operator-1]");
        assertThat(browser.send("GET", "/queue", JSON, "").status()).isEqualTo(204);
    }

    @Test
    void anAnswerOfAnotherLoginIsRefused() throws Exception {
        Browser victim = new Browser(router);
        Browser attacker = new Browser(router);
        victim.get("/login/openid?to=/");
        Answer out = attacker.get("/login/openid?to=/");
        String back = path(openid.login(URI.create(String.valueOf(out.location())), "mallory"));
        assertThat(victim.get(back).status()).isEqualTo(403);
        assertThat(attacker.get(back.replace("state=", "state=x")).status()).isEqualTo(403);
        assertThat(attacker.get(back.replaceAll("iss=[^&]*", "iss=https%3A%2F%2Felsewhere"))
                        .status())
                .isEqualTo(401);
        assertThat(new Browser(router).get(back).status()).isEqualTo(403);
        assertThat(attacker.get(back).status()).isEqualTo(303);
    }

    @Test
    void aCodeOpensOneSessionAlone() throws Exception {
        Browser browser = new Browser(router);
        Answer out = browser.get("/login/openid?to=/");
        String back = path(openid.login(URI.create(String.valueOf(out.location())), "alice"));
        Browser copy = new Browser(router);
        copy.cookies().putAll(browser.cookies());
        assertThat(browser.get(back).status()).isEqualTo(303);
        assertThat(copy.get(back).status()).isEqualTo(401);
    }

    @Test
    void neitherTokensNorSessionsCanBeReadInTheDatabase() throws Exception {
        Browser browser = new Browser(router);
        login(browser, "alice", "/");
        String session = String.valueOf(browser.cookies().get("__Host-holdfast"));
        SessionTable.Row row = new SessionTable(database)
                .use(Secrets.hash(session), Duration.ofHours(1), Duration.ofHours(1))
                .orElseThrow();
        assertThat(Secrets.open(session, String.valueOf(row.tokens()))).contains("eyJ");
        for (Path file : List.of(folder.resolve("manager.db"), folder.resolve("manager.db-wal"))) {
            String content = Files.exists(file) ? Files.readString(file, StandardCharsets.ISO_8859_1) : "";
            assertThat(content).doesNotContain(session, "eyJ");
        }
    }

    @Test
    void tokensThatEndAreReplacedAndTheSessionEndsWhenThereAreNoMore() throws Exception {
        Browser browser = new Browser(router);
        login(browser, "brief-1", "/");
        assertThat(browser.get("/").body()).startsWith("Developer[userId=brief-1");
        assertThat(browser.get("/").body()).startsWith("Developer[userId=brief-1");
        openid.kill();
        assertThat(browser.get("/").body()).contains("IDENTITY_PROVIDER_UNAVAILABLE");
        openid.restart();
        assertThat(browser.get("/").location()).isEqualTo("/login");
    }

    @Test
    void aBearerTokenIsADevelopersOrAnOperators() throws Exception {
        stand.allow("alice", "shop-1", true, false);
        stand.allow("carol", "shop-1", true, true);
        String alice = token("alice", "access_token");
        assertThat(status("GET", "/v1/instances/shop-1", alice)).isEqualTo(204);
        assertThat(status("POST", "/v1/instances/shop-1/backups", alice)).isEqualTo(403);
        assertThat(status("GET", "/v1/instances/shop-2", alice)).isEqualTo(404);
        assertThat(status("GET", "/queue", alice)).isEqualTo(403);
        String carol = token("carol", "access_token");
        assertThat(status("POST", "/v1/instances/shop-1/backups", carol)).isEqualTo(204);
        assertThat(status("GET", "/queue", token("operator-1", "access_token"))).isEqualTo(204);
    }

    @Test
    void whatIsNoAccessTokenOfTheProviderIsNobodys() throws Exception {
        stand.allow("alice", "shop-1", true, true);
        String token = token("alice", "access_token");
        String[] parts = token.split("\\.", -1);
        for (String wrong : List.of(
                "",
                "x",
                token("alice", "id_token"),
                parts[0] + "." + parts[1] + "." + "A".repeat(parts[2].length()),
                parts[0] + "." + parts[1] + "x." + parts[2],
                // {"alg":"none"}
                "eyJhbGciOiJub25lIn0." + parts[1] + ".")) {
            assertThat(status("GET", "/v1/instances/shop-1", wrong)).as(wrong).isEqualTo(401);
        }
    }

    @Test
    void whatMayBeSeenIsBelievedForAMomentAndWhatMayBeDoneIsAskedEachTime() throws Exception {
        stand.allow("alice", "shop-1", true, true);
        String alice = token("alice", "access_token");
        for (int i = 0; i < 3; i++) {
            assertThat(status("GET", "/v1/instances/shop-1", alice)).isEqualTo(204);
        }
        assertThat(stand.asked()).isEqualTo(1);
        for (int i = 0; i < 3; i++) {
            assertThat(status("POST", "/v1/instances/shop-1/backups", alice)).isEqualTo(204);
        }
        assertThat(stand.asked()).isEqualTo(4);
        stand.allow("alice", "shop-1", false, false);
        assertThat(status("POST", "/v1/instances/shop-1/backups", alice)).isEqualTo(404);
        assertThat(status("GET", "/v1/instances/shop-1", alice)).isEqualTo(404);
    }

    @Test
    void s14_anIdTokenCallsNoApiWhateverItsAudience() throws Exception {
        String idToken =
                Json.mapper().readTree(openid.tokens("alice")).get("id_token").asString();
        try (OpenidProvider askedForItself = new OpenidProvider(config(OpenidServer.CLIENT_ID), Clock.systemUTC())) {
            assertThat(askedForItself.bearer(idToken, why -> {})).isEmpty();
        }
        assertThat(provider.bearer(idToken, why -> {})).isEmpty();
    }

    @Test
    void s14_tokensThatAreNotMarkedAreToldApartByWhatIsInThem() {
        JWTClaimsSet.Builder uaa = new JWTClaimsSet.Builder()
                .subject("a user")
                .audience(List.of("cf", "cloud_controller"))
                .claim("nonce", "UAA has it in both")
                .claim("azp", "cf");
        assertThat(TokenVerifier.isIdToken(uaa.claim("scope", List.of("openid", "cloud_controller.read"))
                        .build()))
                .isFalse();
        assertThat(TokenVerifier.isIdToken(uaa.claim("scope", "openid profile").build()))
                .isFalse();
        assertThat(TokenVerifier.isIdToken(uaa.claim("scope", List.of("openid")).build()))
                .isTrue();
        assertThat(TokenVerifier.isIdToken(uaa.claim("scope", null).build())).isTrue();
        assertThat(TokenVerifier.isIdToken(uaa.claim("scp", List.of("backups")).build()))
                .isFalse();
        assertThat(TokenVerifier.isIdToken(uaa.claim("at_hash", "x").build())).isTrue();
        assertThat(TokenVerifier.isIdToken(
                        uaa.claim("at_hash", null).claim("typ", "ID").build()))
                .isTrue();
    }

    @Test
    void withoutCloudControllerNobodyMayDoAnything() throws Exception {
        stand.allow("alice", "shop-1", true, true);
        String alice = token("alice", "access_token");
        stand.down(true);
        assertThat(status("GET", "/v1/instances/shop-1", alice)).isEqualTo(503);
        assertThat(status("POST", "/v1/instances/shop-1/backups", alice)).isEqualTo(503);
        stand.close();
        assertThat(status("POST", "/v1/instances/shop-1/backups", alice)).isEqualTo(503);
    }
}
