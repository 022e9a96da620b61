package io.holdfast.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.Keys;
import tools.jackson.databind.JsonNode;

/** The dashboard in a real browser, with a real manager, agent and store. */
class DashboardTest {
    private static final String INSTANCE = "shop-1";
    private static final String PAGE = "/i/" + INSTANCE;

    private static final String PASSPHRASE = "four words that wander";

    @TempDir
    static Path folder = Path.of("");

    private static Landscape landscape;
    private static HeldService service;
    private static Browser browser;

    @BeforeAll
    static void start() {
        landscape = new Landscape().readingBack().with("heartbeat_seconds", 1).with("max_attempts", 1);
        landscape.serve();
        service = new HeldService(folder.resolve("service"));
        landscape.startAgent(INSTANCE, 0, service.adapter());
        landscape.awaitAgent(INSTANCE);
        browser = new Browser(folder.resolve("browser"), landscape.dashboard());
    }

    @AfterAll
    static void stop() {
        browser.close();
        landscape.close();
    }

    @BeforeEach
    void logIn() {
        browser.size(1280, 900).dark(false).scripts(true).open("/login");
        if (browser.path().equals("/login")) {
            logIn(landscape.password());
            browser.await("Log out");
        }
    }

    @AfterEach
    void letGo() {
        service.release();
        service.setBroken(false);
        JsonNode backups =
                landscape.api().get("/instances/" + INSTANCE + "/backups").json();
        backups.forEach(
                each -> landscape.api().awaitBackup(INSTANCE, each.get("id").longValue()));
        JsonNode restores =
                landscape.api().get("/instances/" + INSTANCE + "/restores").json();
        restores.forEach(
                each -> landscape.api().awaitRestore(INSTANCE, each.get("id").longValue()));
        assertThat(browser.complaints())
                .as("nothing was forbidden, and no script failed")
                .noneMatch(each -> each.contains("Content Security Policy") || each.contains("Uncaught"));
    }

    private static void logIn(String password) {
        browser.fill("Name", Landscape.OPERATOR).fill("Password", password).click("Log in");
    }

    private static long backUp() {
        return backUp(INSTANCE);
    }

    private static long backUp(String instance) {
        long backup = landscape.api().startBackup(instance);
        assertThat(landscape.api().awaitBackup(instance, backup).get("status").asString())
                .as(landscape.logs())
                .isEqualTo("done");
        return backup;
    }

    @Test
    void nobodySeesAnythingBeforeLoggingInAndThenTheyAreWhereTheyWantedToBe() {
        browser.click("Log out").await("Log in").open(PAGE).await("Password");
        logIn("not the password");
        browser.await("wrong name or password");
        assertThat(browser.text()).doesNotContain(INSTANCE);

        logIn(landscape.password());

        browser.await("Back up now");
        assertThat(browser.path()).isEqualTo(PAGE);
    }

    @Test
    void aBackupIsAskedForAndWatchedUntilItIsProvenWithoutReloading() {
        service.hold();
        browser.open(PAGE).click("Back up now").await("Running now").await("Dumping, encrypting and uploading");
        browser.run("window.same = true");
        browser.await("of about").await(" a second");

        service.release();

        Eventually.within(
                Duration.ofMinutes(1),
                browser::text,
                () -> !browser.has("Running now") && browser.has("Protected") && browser.has("Request"));
        assertThat(browser.run("return window.same"))
                .as("the page was not loaded again")
                .isEqualTo(true);
    }

    @Test
    void aRestoreAsksForTheNameAndIsWatchedUntilTheDataIsBack() {
        long backup = backUp();
        service.write("damaged");
        browser.open(PAGE).click("Restore… backup " + backup).await("What will happen");
        browser.fill("Type the instance's name to confirm", "shop-2").click("Replace the data");
        browser.await("what was typed is not the name of the instance");
        assertThat(service.has("damaged")).isTrue();

        service.holdRestore();
        browser.open(PAGE + "/backups/" + backup + "/restore")
                .fill("Type the instance's name to confirm", INSTANCE)
                .click("Replace the data")
                .await("Replacing live data");
        assertThat(browser.path()).isEqualTo(PAGE);
        assertThat(browser.elements("button.danger"))
                .as("it is too late to cancel")
                .isEmpty();
        service.release();

        Eventually.within(
                Duration.ofMinutes(1), browser::text, () -> !browser.has("Running now") && browser.has("Restores"));
        assertThat(service.has("as it was")).isTrue();
    }

    @Test
    void aBackupThatRunsIsCancelled() {
        service.hold();
        browser.open(PAGE).click("Back up now").await("Dumping, encrypting and uploading");
        browser.clickAt("button.danger");

        browser.await("Cancelled");
    }

    @Test
    void aFailedBackupSaysWhyAndWhatToDo() {
        service.setBroken(true);
        browser.open(PAGE).click("Back up now").await("The latest backup failed");

        assertThat(browser.text())
                .contains("Dump failed", "the disk is gone <img src=x onerror=alert(1)>", "What to do:");
        assertThat(browser.elements("img")).isEmpty();
        browser.open("/").await("Last backup failed").await("DUMP_FAILED");
        service.setBroken(false);
        backUp();
    }

    /** On an instance of its own: one whose key is not known to the manager is of no use to the other tests. */
    @Test
    void aKeyThatItsUserKeepsIsNeededForARestoreAndAWrongOneChangesNothing() {
        String instance = "kept-1";
        String page = "/i/" + instance;
        HeldService own = new HeldService(folder.resolve("kept"));
        landscape.startAgent(instance, 0, own.adapter());
        landscape.awaitAgent(instance);

        browser.open(page + "/key").fill("New passphrase", "short").fill("Repeat new passphrase", "short");
        browser.click("Save").await("This cannot be saved: the passphrase must have");
        browser.fill("New passphrase", "password").await("Strength 0 of 4.");
        browser.fill("New passphrase", PASSPHRASE).await("Strength 4 of 4.").fill("Repeat new passphrase", PASSPHRASE);
        browser.clickAt("#user").click("Save").await("This cannot be saved: with custody 'user' only");
        browser.fill("New passphrase", PASSPHRASE).fill("Repeat new passphrase", PASSPHRASE);
        browser.clickAt("#user").clickAt("#confirm").click("Save").await("Its strength is");
        assertThat(browser.text()).doesNotContain(PASSPHRASE);
        long backup = backUp(instance);
        own.write("damaged");
        String restore = page + "/backups/" + backup + "/restore";

        browser.open(restore).fill("Type the instance's name to confirm", instance);
        browser.fill("Passphrase", "another passphrase")
                .click("Replace the data")
                .await("WrongEncryptionKey");
        assertThat(own.has("damaged")).isTrue();
        browser.open(restore).fill("Type the instance's name to confirm", instance);
        browser.fill("Passphrase", PASSPHRASE).click("Replace the data").await("Restores");
        Eventually.within(Duration.ofMinutes(1), browser::text, () -> own.has("as it was"));

        browser.open(page + "/key").fill("Current passphrase", PASSPHRASE);
        browser.clickAt("#managed").click("Save").await("The platform can restore without it");
    }

    @Test
    void allOfItWorksWithoutScripts() {
        browser.scripts(false).click("Log out").await("Password").open(PAGE).await("Password");
        logIn(landscape.password());
        service.hold();
        browser.await("Back up now").click("Back up now").await("Running now").await("Reload");
        service.release();
        Eventually.within(Duration.ofMinutes(1), browser::text, () -> {
            browser.open(PAGE);
            return !browser.has("Running now");
        });
        browser.click("Schedule and retention").fill("Daily", "5").click("Preview");
        browser.await("What that means");
        assertThat(browser.labelled("Daily").getAttribute("value")).isEqualTo("5");
        service.write("damaged");
        long backup = landscape
                .api()
                .get("/instances/" + INSTANCE + "/backups")
                .json()
                .get(0)
                .get("id")
                .longValue();
        browser.open(PAGE)
                .click("Restore… backup " + backup)
                .fill("Type the instance's name to confirm", INSTANCE)
                .click("Replace the data")
                .await("Restores");
        Eventually.within(Duration.ofMinutes(1), browser::text, () -> service.has("as it was"));
    }

    @Test
    void theKeyboardIsEnough() {
        backUp();
        browser.click("Log out").await("Password").open(PAGE).await("Password");
        browser.tabTo("name").type(Landscape.OPERATOR).press(Keys.TAB).type(landscape.password());
        browser.press(Keys.ENTER).await("Back up now");
        service.hold();
        browser.tabTo("Back up now").press(Keys.ENTER).await("Running now").await("Dumping");
        assertThat(browser.run("return getComputedStyle(document.activeElement).outlineStyle"))
                .isNotNull();
        browser.tabTo("Cancel backup " + newest()).press(Keys.ENTER).await("Cancelled");
        assertThat(browser.run("document.querySelector('.skip').focus();"
                        + "return document.querySelector('.skip').getBoundingClientRect().left >= 0"))
                .as("the link over the navigation shows itself")
                .isEqualTo(true);
    }

    @Test
    void aDownloadIsFetchedWithTheCommandsOfItsPage() throws Exception {
        long backup = backUp();
        browser.open(PAGE + "/backups/" + backup).click("Download…").await("How to open it");
        String commands = browser.element("pre").getText();
        Path folder = Files.createDirectory(DashboardTest.folder.resolve("download"));

        String said = Shell.run(
                "env",
                "CURL_CA_BUNDLE=" + landscape.certificates().caFile(),
                "bash",
                "-ec",
                "cd " + folder + "\n" + commands);

        assertThat(said).contains("manifest.json: OK", ".zst.age: OK").doesNotContain("FAILED");
        assertThat(browser.elements("tbody a")).hasSameSizeAs(FileTree.files(folder));
    }

    private static long newest() {
        return landscape
                .api()
                .get("/instances/" + INSTANCE + "/backups")
                .json()
                .get(0)
                .get("id")
                .longValue();
    }

    @Test
    void scheduleAndRulesArePreviewedAndSaved() {
        backUp();
        browser.open(PAGE + "/plan").await("would be kept");
        Object before = preview();
        browser.fill("Daily", "60").press(Keys.TAB);
        Eventually.within(
                Duration.ofSeconds(30),
                () -> "another preview: " + browser.text(),
                () -> !preview().equals(before));
        assertThat(plan().get("daily").intValue()).as("nothing is saved").isNotEqualTo(60);

        browser.fill("Times", "61 * * * *").click("Save").await("This cannot be saved");
        assertThat(browser.text()).contains("'Times'");
        browser.fill("Times", "15 3 * * *").click("Save").await("Saved.");

        assertThat(plan().get("daily").intValue()).isEqualTo(60);
        assertThat(landscape
                        .api()
                        .get("/instances/" + INSTANCE)
                        .json()
                        .get("schedule")
                        .get("cron")
                        .asString())
                .isEqualTo("15 3 * * *");
        browser.fill("Daily", "").fill("Times", "").click("Save").await("Saved.");
        assertThat(landscape
                        .api()
                        .get("/instances/" + INSTANCE)
                        .json()
                        .get("retention")
                        .get("own")
                        .booleanValue())
                .isFalse();
    }

    /** By a script: what is found first may be replaced before it is read. */
    private static Object preview() {
        return Objects.requireNonNull(browser.run("return document.querySelector('#preview').innerText"));
    }

    private static JsonNode plan() {
        return landscape.api().get("/instances/" + INSTANCE).json().get("retention");
    }

    @Test
    void operatorsSeeWhatIsUnprotectedFirstAndJobsAgentsAndStore() {
        backUp();
        landscape.api().send("PUT", "/instances/never-seen", "{}");
        long waits = landscape.api().startBackup("never-seen");

        browser.open("/").await("By urgency");
        assertThat(browser.elements("tbody th").getFirst().getText()).isEqualTo("never-seen");
        browser.fill("Part of the name", "SHOP").click("Find").await(INSTANCE);
        assertThat(browser.elements("tbody th")).hasSize(1);
        browser.click("Jobs").await("an agent: none of the instance was seen recently");
        browser.open("/o/jobs").clickAt("button.danger");
        browser.await("No job is running");
        assertThat(landscape
                        .api()
                        .awaitBackup("never-seen", waits)
                        .get("reason")
                        .get("code")
                        .asString())
                .isEqualTo("CANCELLED");
        browser.click("Agents")
                .await("Connected")
                .click("Store")
                .await("Reachable")
                .await("What it can do");
    }

    @Test
    void everyPageIsFitForEverybodyNarrowWideLightAndDark() {
        long backup = backUp();
        List<String> pages = List.of(
                PAGE,
                PAGE + "/plan",
                PAGE + "/key",
                PAGE + "/backups/" + backup,
                PAGE + "/backups/" + backup + "/restore",
                PAGE + "/backups/" + backup + "/download",
                "/",
                "/o/jobs",
                "/o/agents",
                "/o/store",
                "/i/nothing-here");
        for (String page : pages) {
            browser.size(1280, 900).dark(false).open(page);
            assertThat(browser.seriousFindings()).as(page).isEmpty();
            browser.size(360, 780).dark(true).open(page);
            assertThat(browser.seriousFindings()).as(page + ", narrow and dark").isEmpty();
            assertThat(browser.overhang()).as(page + ", narrow").isLessThanOrEqualTo(0);
        }
        browser.click("Log out").await("Password");
        assertThat(browser.seriousFindings()).isEmpty();
        assertThat(browser.run("return getComputedStyle(document.body).backgroundColor"))
                .isEqualTo("rgb(16, 21, 28)");
    }

    @Test
    void whatIsNotThereGetsAPageWithCodeAndHint() {
        browser.open("/i/nothing-here").await("there is no such instance");
        assertThat(browser.text()).contains("NotFound", "404");
    }
}
