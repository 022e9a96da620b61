package io.holdfast.manager.downloads;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.format.manifest.Manifest;
import io.holdfast.format.manifest.SignedManifest;
import io.holdfast.manager.TestPlans;
import io.holdfast.manager.api.TestRoutes;
import io.holdfast.manager.catalogue.ComparedRows;
import io.holdfast.manager.config.DownloadConfig;
import io.holdfast.manager.instance.Instance;
import io.holdfast.manager.keys.KeyVersions;
import io.holdfast.manager.layout.MadeUpBackup;
import io.holdfast.manager.layout.StoreLayout;
import io.holdfast.manager.verification.RecentLists;
import io.holdfast.manager.wire.Lookup;
import io.holdfast.manager.wire.Wire;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Where downloads lead to, of a store that the manager itself serves. */
class DownloadsApiTest {
    @TempDir
    Path folder;

    private TestPlans parts;
    private TestRoutes routes;

    @BeforeEach
    void open() throws Exception {
        parts = new TestPlans(folder);
        Instance instance = parts.instance("shop-1");
        MadeUpBackup made = MadeUpBackup.of("b1");
        parts.store.put(StoreLayout.list("shop-1", "b1"), made.list());
        Manifest manifest = new Manifest(
                Manifest.FORMAT,
                "shop-1",
                "b1",
                1,
                Instant.EPOCH,
                Instant.EPOCH.plusSeconds(1),
                "postgresql",
                "18",
                Manifest.Life.UNRECORDED,
                1,
                List.of("age1" + "q".repeat(58)),
                List.of(made.artifact()),
                made.segments(),
                Map.of(),
                new Manifest.MadeBy(2, "db-2", "2f", "a".repeat(64)),
                List.of("table x is not in it"));
        byte[] signed = SignedManifest.sign(
                manifest, KeyPairGenerator.getInstance("Ed25519").generateKeyPair());
        new ComparedRows(parts.database).adopt(instance.id(), manifest, new String(signed, StandardCharsets.UTF_8));
        routes = new TestRoutes(parts.database);
        Lookup lookup = new Lookup(parts.instances, parts.backups, parts.restores);
        new DownloadsApi(
                        lookup,
                        new KeyVersions(parts.database),
                        parts.store,
                        new RecentLists(parts.store),
                        new DownloadConfig(true, URI.create("https://backup.example:8443"), Duration.ofHours(1)),
                        true,
                        Clock.systemUTC())
                .addTo(routes.operators());
    }

    @AfterEach
    void close() {
        parts.close();
    }

    @Test
    void s14_addressesLeadToWhereTheConfigurationSaysAndNotToTheHostOfTheRequest() throws Exception {
        long number =
                parts.backups.list(parts.instance("shop-1").id()).getFirst().id();
        JsonNode files = routes.send(
                        "GET", "/instances/shop-1/backups/" + number + "/download", "", "Host", "evil.example")
                .json()
                .get("files");
        assertThat(files).hasSize(3);
        assertThat(files.valueStream().map(each -> each.get("url").asString()))
                .allMatch(url -> url.startsWith("https://backup.example:8443/store/v2/instances/shop-1/"));
    }

    @Test
    void notesOfABackupAreShownAlsoWhenItComesFromTheStoreAlone() {
        assertThat(Wire.BackupView.of(
                                parts.backups
                                        .list(parts.instance("shop-1").id())
                                        .getFirst(),
                                true,
                                null)
                        .notes())
                .containsExactly("table x is not in it");
    }

    @Test
    void s10_aBackupSaysWhoMadeItAlsoWhenItComesFromTheStoreAlone() {
        assertThat(Wire.BackupView.of(
                                parts.backups
                                        .list(parts.instance("shop-1").id())
                                        .getFirst(),
                                true,
                                null)
                        .madeBy())
                .hasToString("MakerView[agent=2, host=db-2, certificate=AgentCertificate[serial=2f, sha256="
                        + "a".repeat(64) + "]]");
    }
}
