package io.holdfast.manager.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.manager.dashboard.InstancePage.Header;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What the page of a backup says of its size. */
class BackupPageTest {
    private static final Instant TIME = Instant.parse("2026-11-30T01:30:00Z");
    private static final State STATE = new State("Verified", "good");

    @Test
    void whatWasStoredNewlyStandsBesideTheSize() {
        assertThat(page(3_000_000L, 40_000L))
                .contains("<dt>Size</dt><dd>3.00 MB</dd>", "<dt>Stored newly</dt><dd>40.0 kB<br>")
                .contains("it uses what earlier backups have stored for the rest");
        assertThat(page(3_000_000L, 3_000_000L))
                .contains("<dt>Stored newly</dt><dd>3.00 MB</dd>")
                .doesNotContain("earlier backups have stored");
        assertThat(page(null, null)).contains("<dt>Stored newly</dt><dd>–</dd>");
    }

    private static String page(@Nullable Long size, @Nullable Long added) {
        BackupRow row = new BackupRow(
                7, STATE, TIME, Duration.ofSeconds(5), size, added, "Request", false, true, true, null, null);
        BackupPage page = new BackupPage(
                new Header("shop-1", "postgresql", STATE, true, true),
                row,
                "backup-7",
                TIME,
                "verified",
                1,
                "18",
                1,
                null,
                false,
                null,
                List.of(),
                List.of());
        Frame frame = new Frame(new Assets(), "Backup 7", Frame.Part.NONE, "admin", true, "token", null);
        return Html.text("token", (output, forms) -> JtebackupGenerated.render(output, forms, frame, page, true));
    }
}
