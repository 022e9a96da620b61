package io.holdfast.acceptance;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.logging.Level;
import org.jspecify.annotations.Nullable;
import org.openqa.selenium.By;
import org.openqa.selenium.Dimension;
import org.openqa.selenium.Keys;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.WebDriverException;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;

/** Chromium, as somebody who looks at the dashboard has it: nothing is kept of it, and it calls nobody else. */
final class Browser implements AutoCloseable {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static @Nullable String axe;

    private final ChromeDriver driver;
    private final URI base;

    /**
     * Starts it.
     *
     * @param folder for its profile, which must not be there
     * @param base where the manager is
     */
    Browser(Path folder, URI base) {
        ChromeOptions options = new ChromeOptions();
        options.setBinary("/usr/bin/chromium");
        options.addArguments(
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--hide-scrollbars",
                "--user-data-dir=" + folder.toAbsolutePath());
        // The certificate is of an authority that only the test knows.
        options.setAcceptInsecureCerts(true);
        LoggingPreferences logging = new LoggingPreferences();
        logging.enable(LogType.BROWSER, Level.ALL);
        options.setCapability("goog:loggingPrefs", logging);
        this.driver = new ChromeDriver(
                new ChromeDriverService.Builder()
                        .usingDriverExecutable(new File("/usr/bin/chromedriver"))
                        .build(),
                options);
        this.base = base;
        size(1280, 900);
    }

    Browser size(int width, int height) {
        driver.manage().window().setSize(new Dimension(width, height));
        driver.executeCdpCommand(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", false));
        return this;
    }

    /** As for somebody who has chosen dark colours, or light ones. */
    Browser dark(boolean dark) {
        driver.executeCdpCommand(
                "Emulation.setEmulatedMedia",
                Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", dark ? "dark" : "light"))));
        return this;
    }

    /** Switches scripts off or on; counts from the next page on. */
    Browser scripts(boolean enabled) {
        driver.executeCdpCommand("Emulation.setScriptExecutionDisabled", Map.of("value", !enabled));
        return this;
    }

    Browser open(String path) {
        driver.get(base.resolve(path).toString());
        return this;
    }

    String path() {
        return URI.create(driver.getCurrentUrl()).getPath();
    }

    /** What can be read on the page. By a script: the page may be replaced at any moment, and a script sees it whole. */
    String text() {
        return settled(
                "there is a page to read",
                () -> String.valueOf(run("return document.body.innerText")).replace('\u00a0', ' '));
    }

    /** The first element of a CSS selector. */
    WebElement element(String selector) {
        return driver.findElement(By.cssSelector(selector));
    }

    List<WebElement> elements(String selector) {
        return driver.findElements(By.cssSelector(selector));
    }

    /** The field, or button, with a label. */
    WebElement labelled(String label) {
        return driver.findElement(By.xpath("//*[@id = //label[normalize-space() = \"" + label + "\"]/@for]"
                + " | //label[normalize-space() = \"" + label + "\"]//input"));
    }

    Browser fill(String label, String value) {
        return settled("'" + label + "' can be filled", () -> {
            WebElement field = labelled(label);
            field.clear();
            field.sendKeys(value);
            return this;
        });
    }

    /** Clicks a button or a link with a text. */
    Browser click(String text) {
        return clickOn("'" + text + "'", By.xpath("//*[self::a or self::button][normalize-space() = '" + text + "']"));
    }

    /** Clicks the first element of a CSS selector. */
    Browser clickAt(String selector) {
        return clickOn(selector, By.cssSelector(selector));
    }

    private Browser clickOn(String what, By target) {
        return settled(what + " can be clicked", () -> {
            driver.findElement(target).click();
            return this;
        });
    }

    /** Does something to a page, again as long as the page is being replaced meanwhile. */
    private <T> T settled(String what, Supplier<T> action) {
        long end = System.nanoTime() + SOON.toNanos();
        while (true) {
            try {
                return action.get();
            } catch (WebDriverException e) {
                if (System.nanoTime() > end) {
                    throw new AssertionError("not within " + SOON.toSeconds() + " s: " + what + " on " + path(), e);
                }
            }
        }
    }

    /** Waits until the page has a text. */
    Browser await(String text) {
        Eventually.within(SOON, () -> "'" + text + "' can be read on " + path() + ":\n" + text(), () -> has(text));
        return this;
    }

    boolean has(String text) {
        return text().contains(text);
    }

    /** Presses keys, wherever the focus is. */
    Browser press(Keys... keys) {
        for (Keys key : keys) {
            driver.switchTo().activeElement().sendKeys(key);
        }
        return this;
    }

    /** Types where the focus is. */
    Browser type(String text) {
        driver.switchTo().activeElement().sendKeys(text);
        return this;
    }

    /** Goes from field to field with the tabulator until the focus is on something with this text. */
    Browser tabTo(String text) {
        for (int i = 0; i < 60; i++) {
            press(Keys.TAB);
            boolean reached = settled("the focus can be seen", () -> {
                WebElement focused = driver.switchTo().activeElement();
                return focused.getText().strip().equals(text) || text.equals(focused.getAttribute("name"));
            });
            if (reached) {
                return this;
            }
        }
        throw new AssertionError("the keyboard does not reach '" + text + "' on " + path() + ":\n" + text());
    }

    /** Runs a script in the page; the result is null, a text, a number, a list or a map. */
    @Nullable Object run(String script, Object... arguments) {
        return driver.executeScript(script, arguments);
    }

    /** What axe finds that is serious or critical, in words. */
    List<?> seriousFindings() {
        synchronized (Browser.class) {
            if (axe == null) {
                axe = Axe.script();
            }
        }
        // Through the debugger: the page itself lets no foreign script run.
        Map<String, Object> evaluation = new HashMap<>();
        evaluation.put("expression", axe + """
                ;axe.run(document, {resultTypes: ['violations']}).then(result => result.violations
                  .filter(each => ['serious', 'critical'].includes(each.impact))
                  .map(each => each.id + ': ' + each.help + ': ' + each.nodes.map(node => node.html).join(' | ')))
                """);
        evaluation.put("awaitPromise", true);
        evaluation.put("returnByValue", true);
        Map<String, Object> answer = driver.executeCdpCommand("Runtime.evaluate", evaluation);
        if (answer.get("result") instanceof Map<?, ?> result && result.get("value") instanceof List<?> findings) {
            return findings;
        }
        throw new AssertionError("axe did not run: " + answer);
    }

    /** What the browser itself complained of since the last call, such as a script that the page's rules forbid. */
    List<String> complaints() {
        return driver.manage().logs().get(LogType.BROWSER).getAll().stream()
                .map(Object::toString)
                .toList();
    }

    /** How much wider than the window the page is, in pixels. */
    long overhang() {
        return run("return document.documentElement.scrollWidth - document.documentElement.clientWidth")
                        instanceof Number pixels
                ? pixels.longValue()
                : -1;
    }

    void screenshot(Path file) {
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            Files.write(file, driver.getScreenshotAs(OutputType.BYTES));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        driver.quit();
    }
}
