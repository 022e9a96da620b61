package io.holdfast.manager.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.format.json.Json;
import io.holdfast.manager.TestPlans;
import io.holdfast.manager.access.GuardedRoutes;
import io.holdfast.manager.access.Right;
import io.holdfast.manager.agents.Agents;
import io.holdfast.manager.api.BackupsApi;
import io.holdfast.manager.api.FleetApi;
import io.holdfast.manager.api.TestRoutes;
import io.holdfast.manager.backup.BackupState;
import io.holdfast.manager.catalogue.Comparisons;
import io.holdfast.manager.http.HttpError;
import io.holdfast.manager.http.Reply;
import io.holdfast.manager.instance.Instance;
import io.holdfast.manager.sql.TestDatabase;
import io.holdfast.manager.store.StoreAbilities;
import io.holdfast.manager.verification.Verifications;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Lists in pages and whole, on the routes that have them. */
@Tag("state")
class ListingTest {
    private static final String LINK = "<%s?limit=%d&after=%s>; rel=\"next\"";

    @TempDir
    Path folder;

    private TestPlans parts;
    private TestRoutes testRoutes;

    @BeforeEach
    void open() {
        parts = new TestPlans(folder);
        testRoutes = new TestRoutes(parts.database);
        GuardedRoutes routes = testRoutes.operators();
        Lookup lookup = new Lookup(parts.instances, parts.backups, parts.restores);
        Duration silence = Duration.ofSeconds(50);
        new BackupsApi(
                        lookup,
                        parts.backupRequests,
                        new Verifications(parts.database, parts.backups),
                        parts.queue,
                        parts.deletion,
                        parts.plans(TestPlans.config(TestPlans.LAST_TWO, 100, true)),
                        true,
                        parts.database::now)
                .addTo(routes);
        StoreAbilities abilities = new StoreAbilities("none", false, false, false, List.of());
        new FleetApi(new Agents(parts.database), () -> abilities, new Comparisons(parts.database), silence)
                .addTo(routes);
        routes.get(
                "/instances",
                Right.REGISTER,
                new Listing<>(
                        (after, most) -> parts.instances.list(after, most, silence, null),
                        row -> row.instanceId(),
                        Wire.InstanceView::of)::reply);
    }

    @AfterEach
    void close() {
        parts.close();
    }

    private record Page(List<String> names, @Nullable String link, long length) {}

    private Page get(String path, String query, String field) throws Exception {
        Reply reply = testRoutes.reply("GET", path, query, "");
        List<String> names = new ArrayList<>();
        for (JsonNode each : Json.mapper().readTree(reply.body().readAllBytes())) {
            names.add(each.get(field).asString());
        }
        return new Page(names, reply.headers().get("Link"), reply.length());
    }

    @Test
    void pagesFollowOneAnotherWithoutGapsAndOverlaps() throws Exception {
        Instance instance = parts.instance("shop-1");
        for (int i = 0; i < 5; i++) {
            parts.backup(instance, BackupState.DONE, Duration.ofDays(9 - i));
        }
        String path = "/instances/shop-1/backups";
        assertThat(get(path, "limit=2", "id"))
                .isEqualTo(
                        new Page(List.of("5", "4"), LINK.formatted(path, 2, "4"), get(path, "limit=2", "id").length));
        // What is made meanwhile does not move the next page.
        parts.backup(instance, BackupState.DONE, Duration.ZERO);
        assertThat(get(path, "limit=2&after=4", "id").names()).containsExactly("3", "2");
        Page last = get(path, "limit=2&after=2", "id");
        assertThat(last.names()).containsExactly("1");
        assertThat(last.link()).isNull();
        assertThat(get(path, "after=1", "id").names()).isEmpty();
        assertThat(get(path, "", "id").names()).containsExactly("6", "5", "4", "3", "2", "1");
    }

    @Test
    void instancesAndAgentsAreInTheOrderOfTheirNames() throws Exception {
        for (String name : List.of("b", "a.1", "c", "a")) {
            parts.instance(name);
        }
        TestDatabase.run(
                parts.database,
                "INSERT INTO agent (instance, position, session, version, host, server_version, tools, warnings, memory,"
                        + " last_seen_at) SELECT instance, 7, session, version, host, server_version, tools, warnings, memory, 0"
                        + " FROM agent WHERE instance = 4");
        assertThat(get("/instances", "limit=3", "instance_id"))
                .extracting(Page::names, Page::link)
                .containsExactly(List.of("a", "a.1", "b"), LINK.formatted("/instances", 3, "b"));
        assertThat(get("/instances", "limit=3&after=b", "instance_id").names()).containsExactly("c");
        assertThat(get("/agents", "limit=1", "instance_id").link()).isEqualTo(LINK.formatted("/agents", 1, "a%2F0"));
        assertThat(get("/agents", "limit=2&after=a%2F0", "index").names()).containsExactly("7", "0");
        assertThat(get("/agents", "after=a%2F7", "instance_id").names()).containsExactly("a.1", "b", "c");
    }

    @Test
    void aLongListIsWholeWithoutBeingInMemoryAtOnce() throws Exception {
        int count = 2500;
        TestDatabase.run(
                parts.database,
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " + count + ")"
                        + " INSERT INTO instance (instance_id, service, created_at) SELECT 'i' || i, 'x', 0 FROM n");
        Page all = get("/instances", "", "instance_id");
        assertThat(all.names()).hasSize(count).isSorted();
        assertThat(new HashSet<>(all.names())).hasSize(count);
        assertThat(all.length()).as("not known before").isEqualTo(-1);
        assertThat(get("/instances", "limit=1000", "instance_id").names()).hasSize(1000);
    }

    @Test
    void aWrongWishNamesTheParameter() throws IOException {
        parts.instance("shop-1");
        Map<String, String> wrong = Map.of(
                "limit=0", "'limit'",
                "limit=1001", "'limit'",
                "limit=-1", "'limit'",
                "limit=ten", "'limit'",
                "limit=", "'limit'",
                "limit=1&limit=2", "'limit'",
                "after=x", "'after'",
                "offset=7", "'offset'");
        wrong.forEach((query, named) -> assertThatThrownBy(() -> get("/instances/shop-1/backups", query, "id"))
                .as(query)
                .isInstanceOf(HttpError.class)
                .hasMessageContaining(named));
        assertThatThrownBy(() -> get("/agents", "after=shop-1", "index")).hasMessageContaining("'after'");
    }
}
