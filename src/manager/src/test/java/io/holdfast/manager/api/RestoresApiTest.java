package io.holdfast.manager.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.manager.TestPlans;
import io.holdfast.manager.a9s.A9sApi;
import io.holdfast.manager.api.TestRoutes.Answer;
import io.holdfast.manager.backup.BackupState;
import io.holdfast.manager.instance.Instance;
import io.holdfast.manager.jobs.Job;
import io.holdfast.manager.wire.Lookup;
import io.holdfast.protocol.RestoreResult;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Restores as operators ask for them: the routes, without the listener. */
@Tag("state")
class RestoresApiTest {
    private static final String RESTORES = "/instances/shop-1/restores/";

    @TempDir
    Path folder;

    private TestPlans parts;
    private Instance instance;
    private TestRoutes routes;
    private long backup;

    @BeforeEach
    void open() {
        parts = new TestPlans(folder);
        instance = parts.instance("shop-1");
        backup = parts.backup(instance, BackupState.VERIFIED, Duration.ofDays(1));
        routes = new TestRoutes(parts.database);
        Lookup lookup = new Lookup(parts.instances, parts.backups, parts.restores);
        new RestoresApi(lookup, parts.restoreRequests(), parts.queue).addTo(routes.operators());
        new A9sApi(lookup, parts.backupRequests, parts.restoreRequests()).addTo(routes.operators());
    }

    @AfterEach
    void close() {
        parts.close();
    }

    @Test
    void brokenPartsAreSkippedOnlyInTheRestoreThatWasAskedToAndItsResultListsThem() throws Exception {
        long asked = start("{\"skip_broken\": true}");
        assertThat(shown(asked).path("skip_broken").asBoolean(false)).isTrue();
        Job job = parts.queue.claim(instance, 0, "session", null, Duration.ZERO).orElseThrow();
        parts.restoreJobs.done(
                job.id(),
                instance,
                new RestoreResult(
                        job.epoch(), List.of("plain"), List.of(), List.of(), List.of("left out: index broken: why")));
        assertThat(shown(asked).at("/result/notes/0").asString("")).isEqualTo("left out: index broken: why");

        for (String body : List.of("", "{}", "{\"skip_broken\": false}", "{\"skip_broken\": null}")) {
            long next = start(body);
            assertThat(shown(next).get("skip_broken")).as(body).isNull();
            assertThat(parts.restores.find(instance.id(), next).orElseThrow().skipBroken())
                    .as(body)
                    .isFalse();
            assertThat(routes.send("POST", RESTORES + next + "/cancel", "").status())
                    .isEqualTo(202);
        }
    }

    @Test
    void theOlderFormsAlsoSkipThemOnlyWhenTheySaySo() throws Exception {
        for (String[] each : new String[][] {
            {"", "false"},
            {", \"skip_broken\": \"true\"", "true"},
            {", \"skip_broken\": true", "true"},
            {", \"skip_broken\": \"false\"", "false"}
        }) {
            Answer answer = older(each[0]);
            assertThat(answer.status()).as(each[0]).isEqualTo(202);
            long restore = answer.json().path("restore_id").asLong(0);
            assertThat(parts.restores.find(instance.id(), restore).orElseThrow().skipBroken())
                    .as(each[0])
                    .isEqualTo(Boolean.parseBoolean(each[1]));
            routes.send("POST", RESTORES + restore + "/cancel", "");
        }
    }

    @Test
    void whatIsNeitherTrueNorFalseIsRefused() throws Exception {
        String path = "/instances/shop-1/backups/" + backup + "/restore";
        for (String value : List.of("\"yes\"", "1", "[true]", "{}")) {
            assertThat(routes.send("POST", path, "{\"skip_broken\": " + value + "}")
                            .status())
                    .as(value)
                    .isEqualTo(400);
            assertThat(older(", \"skip_broken\": " + value).status()).as(value).isEqualTo(400);
        }
        assertThat(routes.send("GET", "/instances/shop-1/restores", "").json()).isEmpty();
    }

    private long start(String body) throws Exception {
        Answer answer = routes.send("POST", "/instances/shop-1/backups/" + backup + "/restore", body);
        assertThat(answer.status()).as(body + answer.json()).isEqualTo(202);
        return answer.json().path("id").asLong(0);
    }

    private Answer older(String more) throws Exception {
        return routes.send(
                "POST",
                "/backup_agent/restores",
                "{\"backup_id\": " + backup + ", \"instance_id\": \"shop-1\"" + more + "}");
    }

    private JsonNode shown(long restore) throws Exception {
        return routes.send("GET", RESTORES + restore, "").json();
    }
}
