package io.holdfast.manager;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.format.json.Json;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * Who may do what: every route, asked by everybody on the real listeners, is as the table of {@code docs/security.md}
 * says. The instance is shop-1, which broker-1 has registered; developer alice may manage it, bob may see it, and
 * mallory and broker-2 have nothing to do with it. What the routes then do is not looked at: the numbers that they
 * are asked with are not there.
 */
class RightsTest {
    private static final String INSTANCE = "shop-1";
    private static final String NOTHING = "no such instance";
    private static final Pattern ROW = Pattern.compile("\\| `([A-Z]+ [^`]+)` \\| (.*) \\|");

    @TempDir
    static Path folder;

    private static RunningManager running;
    private static final Map<String, Caller> CALLERS = new LinkedHashMap<>();

    /** How somebody asks: with a header for the API, and with a session where the route is for browsers. */
    private record Caller(Map<String, String> api, Map<String, String> browser) {}

    @BeforeAll
    static void start() throws Exception {
        running = new RunningManager(folder);
        running.cloud.allow("alice", INSTANCE, true, true);
        running.cloud.allow("bob", INSTANCE, true, false);
        assertThat(running.send("PUT", "/instances/" + INSTANCE, "{}", RunningManager.basic("broker-1"))
                        .statusCode())
                .isEqualTo(201);
        CALLERS.put("operator", new Caller(RunningManager.basic("admin"), running.operatorsSession()));
        CALLERS.put("broker, own", new Caller(RunningManager.basic("broker-1"), RunningManager.basic("broker-1")));
        CALLERS.put("broker, foreign", new Caller(RunningManager.basic("broker-2"), RunningManager.basic("broker-2")));
        CALLERS.put("developer, manages", new Caller(bearer("alice"), session("alice")));
        CALLERS.put("developer, reads", new Caller(bearer("bob"), session("bob")));
        CALLERS.put("developer, foreign", new Caller(bearer("mallory"), session("mallory")));
        CALLERS.put("nobody", new Caller(Map.of(), Map.of()));
    }

    @AfterAll
    static void stop() {
        running.close();
    }

    @Test
    void everyRouteAnswersEverybodyAsTheTableSays() throws Exception {
        Map<String, List<String>> table = new TreeMap<>();
        for (String line : Files.readAllLines(Path.of("../../docs/security.md"))) {
            Matcher row = ROW.matcher(line);
            if (row.matches()) {
                List<String> cells = List.of(row.group(2).split(" \\| ", -1));
                // Most routes of an instance are there twice.
                table.put(row.group(1).replace("[/v1]", ""), cells);
                table.put(row.group(1).replace("[/v1]", "/v1"), cells);
            }
        }
        Map<String, List<String>> found = new TreeMap<>();
        // Last what ends the sessions with which the others are asked.
        List<String> endings = List.of("POST /logout", "DELETE /sessions");
        List<String> routes = new ArrayList<>(running.manager.routes());
        routes.removeAll(endings);
        routes.addAll(endings);
        for (String route : routes) {
            List<String> cells = new ArrayList<>();
            for (Caller caller : CALLERS.values()) {
                cells.add(answer(route, caller));
            }
            found.put(route, cells);
        }
        assertThat(found)
                .as(() -> "the table would be:\n"
                        + found.entrySet().stream()
                                .map(row -> "| `" + row.getKey() + "` | " + String.join(" | ", row.getValue()) + " |")
                                .collect(Collectors.joining("\n")))
                .isEqualTo(table);
    }

    /** Whether the caller gets through to the route, or what keeps it from there. */
    private static String answer(String route, Caller caller) throws Exception {
        String method = route.substring(0, route.indexOf(' '));
        String path = route.substring(route.indexOf(' ') + 1)
                .replaceAll("\\{(id|instance_id)\\}", INSTANCE)
                .replaceAll("\\{[a-z_]+\\*?\\}", "999999");
        String body = switch (path) {
            case "/backup_agent/backup" -> "{\"instance_guid\": \"" + INSTANCE + "\"}";
            case "/backup_agent/restores" -> "{\"backup_id\": 999999, \"instance_id\": \"" + INSTANCE + "\"}";
            default -> "";
        };
        HttpResponse<String> answer = running.send(method, path, body, caller.api());
        if (leadsToLogin(answer)) {
            answer = running.send(method, path, body, caller.browser());
        }
        if (leadsToLogin(answer)) {
            return "login";
        }
        if (answer.statusCode() == 409 && answer.body().contains("InstanceTaken")) {
            return "409";
        }
        boolean isHidden = answer.statusCode() == 404 && answer.body().contains(NOTHING);
        assertThat(answer.statusCode()).as(route + ": " + answer.body()).isLessThan(500);
        return isHidden || answer.statusCode() == 401 || answer.statusCode() == 403
                ? Integer.toString(answer.statusCode())
                : "yes";
    }

    private static boolean leadsToLogin(HttpResponse<String> answer) {
        return answer.statusCode() == 303
                && answer.headers().firstValue("Location").orElse("").matches("/login(\\?to=.*)?")
                && answer.headers().firstValue("Set-Cookie").isEmpty();
    }

    @Test
    void agentsHaveAListenerOfTheirOwn() throws Exception {
        for (String route : running.manager.routes()) {
            HttpRequest request = RunningManager.request(
                            running.agentsPort,
                            "GET",
                            route.substring(route.indexOf(' ') + 1).replaceAll("[{}*]", ""),
                            "",
                            Map.of())
                    .build();
            assertThat(running.agent(INSTANCE)
                            .send(request, HttpResponse.BodyHandlers.ofString())
                            .statusCode())
                    .as(route)
                    .isIn(403, 404);
        }
        for (String route : running.manager.agentRoutes()) {
            String method = route.substring(0, route.indexOf(' '));
            String path = route.substring(route.indexOf(' ') + 1).replaceAll("\\{[a-z_]+\\*?\\}", "999999");
            for (Caller caller : CALLERS.values()) {
                HttpRequest request = RunningManager.request(running.agentsPort, method, path, "{}", caller.api())
                        .build();
                HttpResponse<String> answer = running.client().send(request, HttpResponse.BodyHandlers.ofString());
                assertThat(answer.statusCode()).as(route).isEqualTo(path.startsWith("/agent/") ? 401 : 403);
            }
        }
    }

    @Test
    void anAgentsCertificateOpensNothingButItsOwnListener() throws Exception {
        for (String route : running.manager.routes()) {
            String method = route.substring(0, route.indexOf(' '));
            String path = route.substring(route.indexOf(' ') + 1).replaceAll("\\{[a-z_]+\\*?\\}", INSTANCE);
            HttpRequest request = RunningManager.request(running.port, method, path, "", Map.of())
                    .build();
            HttpResponse<String> withCertificate =
                    running.agent(INSTANCE).send(request, HttpResponse.BodyHandlers.ofString());
            HttpResponse<String> without = running.client().send(request, HttpResponse.BodyHandlers.ofString());
            assertThat(withCertificate.statusCode()).as(route).isEqualTo(without.statusCode());
        }
    }

    @Test
    void aBrokerSeesOnlyWhatItHasRegisteredAndTakesNothingOver() throws Exception {
        assertThat(names(running.send("GET", "/instances", "", RunningManager.basic("broker-1"))))
                .contains(INSTANCE);
        assertThat(names(running.send("GET", "/instances", "", RunningManager.basic("broker-2"))))
                .doesNotContain(INSTANCE);
        assertThat(names(running.send("GET", "/instances", "", RunningManager.basic("admin"))))
                .contains(INSTANCE);
        assertThat(running.send("PUT", "/instances/" + INSTANCE, "{}", RunningManager.basic("broker-2"))
                        .statusCode())
                .isEqualTo(409);
        assertThat(running.send("PUT", "/instances/" + INSTANCE, "{}", RunningManager.basic("broker-1"))
                        .statusCode())
                .isEqualTo(200);
        assertThat(running.send("POST", "/backup_agent/backup_all", "", RunningManager.basic("broker-2"))
                        .body())
                .doesNotContain(INSTANCE);
        assertThat(running.send("PUT", "/instances/admins-own", "{}", RunningManager.basic("admin"))
                        .statusCode())
                .isEqualTo(201);
        assertThat(running.send("PUT", "/instances/admins-own", "{}", RunningManager.basic("broker-2"))
                        .statusCode())
                .isEqualTo(409);
    }

    @Test
    void everyAnswerTellsBrowsersToBeCareful() throws Exception {
        for (String path : List.of("/healthz", "/login", "/instances", "/nowhere")) {
            HttpResponse<String> answer = running.send("GET", path, "", Map.of("Origin", "https://elsewhere.example"));
            assertThat(answer.headers().map())
                    .noneSatisfy((name, _) -> assertThat(name).startsWithIgnoringCase("Access-Control-"));
            assertThat(answer.headers().firstValue("Content-Security-Policy").orElse(""))
                    .contains("default-src 'none'", "frame-ancestors 'none'")
                    .doesNotContain("unsafe");
            assertThat(answer.headers().firstValue("Strict-Transport-Security")).isPresent();
            assertThat(answer.headers().firstValue("Referrer-Policy")).contains("no-referrer");
            assertThat(answer.headers().firstValue("X-Content-Type-Options")).contains("nosniff");
            assertThat(answer.headers().firstValue("Cache-Control")).contains("no-store");
            assertThat(answer.headers().firstValue("Server")).isEmpty();
        }
    }

    @Test
    void pathTricksLeadNowhere() throws Exception {
        for (String path : List.of(
                "/instances/../instances/" + INSTANCE,
                "/instances/%2e%2e/instances/" + INSTANCE,
                "/instances/x/../" + INSTANCE,
                "/instances/x%2f..%2f" + INSTANCE,
                "/instances//" + INSTANCE,
                "//instances/" + INSTANCE,
                "/./instances/" + INSTANCE,
                "/instances/" + INSTANCE + "/",
                "/instances/" + INSTANCE + "/.",
                "/instances/" + INSTANCE + ";x=y",
                "/instances;x/" + INSTANCE,
                "/%69nstances/" + INSTANCE,
                "/INSTANCES/" + INSTANCE,
                "/instances/%73hop-1",
                "/instances/" + INSTANCE + "%00",
                "/instances/" + INSTANCE + "%0a",
                "/v1/instances/../../queue",
                "/healthz/../queue",
                "/healthz;/../queue",
                "/login/..%2fqueue")) {
            for (String user : List.of("broker-2", "admin")) {
                HttpResponse<String> answer = running.send("GET", path, "", RunningManager.basic(user));
                assertThat(answer.statusCode()).as(path + " by " + user).isIn(400, 404);
            }
        }
    }

    private static List<String> names(HttpResponse<String> list) {
        return Json.mapper()
                .readTree(list.body())
                .valueStream()
                .map(each -> each.path("instance_id").asString())
                .toList();
    }

    private static Map<String, String> bearer(String user) {
        JsonNode tokens = Json.mapper().readTree(running.openid.tokens(user));
        return Map.of("Authorization", "bearer " + tokens.path("access_token").asString());
    }

    /** The headers of a browser in which a developer has logged in. */
    private static Map<String, String> session(String user) throws Exception {
        HttpResponse<String> out = running.send("GET", "/login/openid?to=/", "", Map.of());
        String cookie = RunningManager.cookie(out);
        URI back = running.openid.login(
                URI.create(out.headers().firstValue("Location").orElseThrow()), user);
        return running.inSession(RunningManager.cookie(
                running.send("GET", back.getRawPath() + "?" + back.getRawQuery(), "", Map.of("Cookie", cookie))));
    }
}
