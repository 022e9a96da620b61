package io.holdfast.manager;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.format.json.Json;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A request that is refused changes nothing: every changing route is asked with bodies that are right but for their last
 * field, and the database is compared, row by row. A new route needs its bodies here.
 */
class AllOrNothingTest {
    private static final String PASSPHRASE = "correct horse battery staple";
    private static final String ALL_OF_IT =
            "\"service\":\"redis\",\"exclude_from_auto_backup\":true,\"schedule\":{\"cron\":\"0 4 * * *\"},"
                    + "\"retention\":{\"last\":9}";

    /** What says how often something was tried or seen, and so changes with refusals too. */
    private static final Set<String> COUNTS =
            Set.of("instance.key_tries", "instance.key_tries_from", "agent.last_seen_at", "session.seen_at");

    private static final Set<String> OTHERS = Set.of("task_lease", "schema_version");

    /** Bodies for each route that changes something; what they ask for is refused. */
    private static final Map<String, List<String>> BODIES = new HashMap<>();

    static {
        List<String> plain = List.of("{\"unknown\": 1}", "[]", "{\"reason\":", "7");
        for (String route : List.of(
                "DELETE /instances/{id}/backups/{n}",
                "DELETE /instances/{id}/backups/{n}/hold",
                "DELETE /instances/{id}/pause",
                "DELETE /queue/pauses/everything",
                "DELETE /queue/pauses/store",
                "DELETE /sessions",
                "POST /backup_agent/backup_all",
                "POST /i/{id}/jobs/{n}/cancel",
                "POST /i/{id}/key/strength",
                "POST /instances/{id}/backups",
                "DELETE /agents/refused/{kind}/{value}",
                "POST /instances/{id}/cancel",
                "POST /instances/{id}/backups/{n}/cancel",
                "POST /instances/{id}/backups/{n}/verify",
                "POST /instances/{id}/restores/{n}/cancel",
                "POST /login",
                "POST /logout",
                "POST /o/jobs/{n}/cancel",
                "POST /o/jobs/{n}/first",
                "POST /queue/jobs/{n}/cancel")) {
            BODIES.put(route, plain);
        }
        List<String> instance = List.of(
                "{" + ALL_OF_IT + ",\"encryption_key\":\"short\"}",
                "{" + ALL_OF_IT + ",\"encryption_key\":\"another good passphrase\",\"custody\":\"user\"}",
                "{" + ALL_OF_IT + ",\"custody\":\"user\",\"confirm_custody\":true}",
                "{" + ALL_OF_IT + ",\"encryption_key\":\"another good passphrase\","
                        + "\"custody\":\"managed\",\"confirm_custody\":7}",
                "{" + ALL_OF_IT + ",\"custody\":\"nobody\"}",
                "{\"exclude_from_auto_backup\":true,\"schedule\":{\"cron\":\"0 4 * * *\"},\"retention\":{\"last\":-9}}",
                "{\"exclude_from_auto_backup\":true,\"retention\":{\"last\":9},\"schedule\":{\"cron\":\"never\"}}",
                "{" + ALL_OF_IT + ",\"unknown\":1}");
        BODIES.put("PUT /instances/{id}", instance);
        BODIES.put("PUT /v1/instances/{id}", instance);
        BODIES.put("PUT /instances/{id}/owner", List.of("{}", "{\"owner\": \"nobody-known\"}", "{\"owner\": 7}"));
        BODIES.put("POST /owners/{owner}/hand-over", List.of("{}", "{\"to\": \"nobody-known\"}", "{\"to\": 7}"));
        List<String> pause = List.of("{\"reason\": \"maintenance\", \"unknown\": 1}", "{\"reason\": \"\"}", "{}");
        BODIES.put("PUT /instances/{id}/pause", pause);
        BODIES.put("PUT /agents/refused/{kind}/{value}", pause);
        BODIES.put("PUT /queue/pauses/everything", pause);
        BODIES.put("PUT /queue/pauses/store", pause);
        BODIES.put(
                "DELETE /instances/{id}",
                List.of("{}", "{\"delete_backups\": 1}", "{\"cancel_jobs\":true,\"delete_backups\":true,\"x\":1}"));
        BODIES.put(
                "POST /instances/{id}/backups/{n}/hold",
                List.of(
                        "{\"reason\": \"audit\", \"expires_at\": \"2001-01-01T00:00:00Z\"}",
                        "{\"reason\": \"audit\", \"expires_at\": \"soon\"}",
                        "{\"reason\": \"audit\", \"unknown\": 1}"));
        BODIES.put(
                "POST /instances/{id}/backups/{n}/restore",
                List.of("{\"encryption_key\": 7}", "{\"encryption_key\":\"" + PASSPHRASE + "\",\"unknown\": 1}"));
        BODIES.put(
                "POST /instances/{id}/keys",
                List.of(
                        "{\"encryption_key\":\"a wrong passphrase\"}",
                        "{}",
                        "{\"encryption_key\":\"" + PASSPHRASE + "\",\"unknown\":1}"));
        BODIES.put(
                "POST /backup_agent/backup",
                List.of("{\"instance_guid\": \"shop-1\", \"unknown\": 1}", "{\"instance_guid\": \"not-there\"}", "{}"));
        BODIES.put(
                "POST /backup_agent/restores",
                List.of(
                        "{\"instance_id\": \"shop-1\", \"backup_id\": 999999}",
                        "{\"backup_id\": 1, \"instance_id\": \"shop-1\", \"encryption_key\": 7}"));
        BODIES.put("POST /queue/jobs/{n}/move", List.of("{\"to\": \"first\", \"unknown\": 1}", "{\"to\": \"aside\"}"));
        BODIES.put(
                "POST /i/{id}/plan",
                List.of("excluded=on&own_schedule=on&cron=0+4+*+*+*&own_rules=on&last=-9", "unknown=1"));
        BODIES.put("POST /i/{id}/backups", List.of("unknown=1"));
        BODIES.put(
                "POST /i/{id}/backups/{n}/restore",
                List.of(
                        "encryption_key=a+good+passphrase",
                        "confirm_instance=shop-3",
                        "confirm_instance=shop-1&encryption_key=a+wrong+passphrase",
                        "confirm_instance=shop-1&unknown=1"));
        BODIES.put("POST /i/{id}/plan/preview", List.of("unknown=1"));
        BODIES.put(
                "POST /i/{id}/key",
                List.of(
                        "encryption_key=another+good+passphrase&repeated=another+good+passphrase&custody=user",
                        "encryption_key=another+good+passphrase&repeated=a+different+passphrase",
                        "unknown=1"));
    }

    @TempDir
    static Path folder;

    private static RunningManager running;
    private static Map<String, String> browser = Map.of();

    @BeforeAll
    static void start() throws Exception {
        running = new RunningManager(folder);
        running.send(
                "PUT",
                "/instances/shop-1",
                "{\"encryption_key\":\"" + PASSPHRASE + "\"}",
                RunningManager.basic("broker-1"));
        running.send("POST", "/instances/shop-1/backups", "", RunningManager.basic("broker-1"));
        browser = running.operatorsSession();
    }

    @AfterAll
    static void stop() {
        running.close();
    }

    @Test
    void everyChangingRouteHasBodiesHere() {
        Set<String> changing = new TreeSet<>();
        for (String route : running.manager.routes()) {
            if (!route.startsWith("GET ")) {
                changing.add(route.startsWith("PUT /v1/instances/{id}") ? route : route.replace("/v1/", "/"));
            }
        }
        assertThat(new TreeSet<>(BODIES.keySet())).isEqualTo(changing);
    }

    @Test
    void a3_aRefusedRequestChangesNothing() throws Exception {
        String number = Json.mapper()
                .readTree(running.send("GET", "/instances/shop-1/backups", "", RunningManager.basic("admin"))
                        .body())
                .get(0)
                .path("id")
                .asString();
        // One that is there, and one that its PUT would register.
        for (String id : List.of("shop-1", "shop-2")) {
            for (Map.Entry<String, List<String>> each : new TreeMap<>(BODIES).entrySet()) {
                for (String body : each.getValue()) {
                    settle();
                    Map<String, List<String>> before = rows();
                    String route = each.getKey();
                    HttpResponse<String> answer = ask(route, id, number, body);
                    assertThat(answer.statusCode())
                            .as(route + " " + body + ": " + answer.body())
                            .isBetween(400, 499);
                    settle();
                    assertThat(rows()).as(route + " " + body).isEqualTo(before);
                }
            }
        }
        assertThat(running.send("GET", "/instances/shop-2", "", RunningManager.basic("admin"))
                        .statusCode())
                .isEqualTo(404);
    }

    private static HttpResponse<String> ask(String route, String id, String number, String body) throws Exception {
        String method = route.substring(0, route.indexOf(' '));
        String path = route.substring(route.indexOf(' ') + 1)
                .replace("{id}", id)
                .replace("{n}", number)
                .replace("{owner}", "broker-1")
                .replace("{kind}", "instance")
                .replace("{value}", id);
        Map<String, String> headers = new HashMap<>();
        if (path.startsWith("/i/") || path.startsWith("/o/") || path.equals("/logout")) {
            headers.putAll(browser);
        } else if (!path.equals("/login")) {
            headers.putAll(RunningManager.basic("admin"));
        }
        if (body.contains("=") && !body.startsWith("{")) {
            headers.put("Content-Type", "application/x-www-form-urlencoded");
        }
        return running.send(method, path, body, headers);
    }

    /** Waits until the store has the records: what follows them is noted in the database too. */
    private static void settle() throws Exception {
        try (Connection database = open()) {
            while (!column(database, "SELECT id FROM instance WHERE revision <> stored_revision")
                    .isEmpty()) {
                Thread.sleep(100);
            }
        }
    }

    private static Connection open() throws SQLException {
        return DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("state/manager.db") + "?busy_timeout=10000");
    }

    private static List<String> column(Connection database, String sql) throws SQLException {
        List<String> found = new ArrayList<>();
        try (Statement statement = database.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            while (rows.next()) {
                found.add(rows.getString(1));
            }
        }
        return found;
    }

    /** All rows of all tables. */
    private static Map<String, List<String>> rows() throws SQLException {
        Map<String, List<String>> found = new TreeMap<>();
        try (Connection database = open()) {
            for (String table : column(
                    database, "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")) {
                if (!OTHERS.contains(table)) {
                    found.put(table, rows(database, table));
                }
            }
        }
        return found;
    }

    private static List<String> rows(Connection database, String table) throws SQLException {
        List<String> found = new ArrayList<>();
        try (Statement statement = database.createStatement();
                ResultSet rows = statement.executeQuery("SELECT * FROM " + table)) {
            while (rows.next()) {
                StringBuilder row = new StringBuilder();
                for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
                    String column = rows.getMetaData().getColumnName(i);
                    if (!COUNTS.contains(table + "." + column)) {
                        row.append(column).append('=').append(rows.getString(i)).append(' ');
                    }
                }
                found.add(row.toString());
            }
        }
        return found;
    }
}
