package io.holdfast.manager.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Where pages lead: to routes of their own, so that the API may change without them. */
class DashboardRoutesTest {
    private static final Pattern FORM = Pattern.compile("<form[^>]*action=\"([^\"]*)\"");

    @Test
    void noPagePostsToARouteOfTheApi() throws IOException {
        try (Stream<Path> templates = Files.list(Path.of("src/main/jte"))) {
            for (Path template : templates.toList()) {
                String text = Files.readString(template);
                List<String> addresses =
                        FORM.matcher(text).results().map(form -> form.group(1)).toList();
                assertThat(addresses)
                        .as(template.toString())
                        .allSatisfy(address -> assertThat(address).matches("/(i|o|login|logout).*|\\$\\{.*|/"));
                assertThat(text).as(template.toString()).doesNotContain("/backup_agent/");
            }
        }
    }
}
