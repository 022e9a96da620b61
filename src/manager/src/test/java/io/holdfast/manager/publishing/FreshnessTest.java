package io.holdfast.manager.publishing;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.format.age.AgeException;
import io.holdfast.format.age.WrappedFileKey;
import io.holdfast.format.manifest.Manifest;
import io.holdfast.format.segment.Cutter;
import io.holdfast.format.segment.Fingerprint;
import io.holdfast.format.segment.SegmentLine;
import io.holdfast.format.segment.SegmentName;
import io.holdfast.manager.layout.MadeUpBackup;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** When copies of segments are made anew. */
class FreshnessTest {
    private static final Instant BEGIN = Instant.parse("2026-12-01T03:00:00Z");
    private static final int DAYS = 14;

    private final Random random = new Random(26);

    private static SegmentLine line(Fingerprint fingerprint, String backupId) {
        try {
            return new SegmentLine(
                    "app",
                    fingerprint,
                    1,
                    "0".repeat(64),
                    WrappedFileKey.parse("A".repeat(43), "A".repeat(43)),
                    new SegmentName(backupId, 1, 0));
        } catch (AgeException e) {
            throw new IllegalStateException(e);
        }
    }

    private Fingerprint fingerprint() {
        StringBuilder hex = new StringBuilder();
        for (int i = 0; i < 8; i++) {
            hex.append(String.format(Locale.ROOT, "%08x", random.nextInt()));
        }
        return new Fingerprint(hex.toString());
    }

    /** Of a backup that uses what another one has brought then. */
    private static Manifest manifest(Instant made) {
        MadeUpBackup some = MadeUpBackup.of("some");
        List<Manifest.Brought> brought = List.of(new Manifest.Brought("b", 1, made, "0", 1));
        return new MadeUpBackup(
                        some.segment(),
                        some.list(),
                        some.artifact(),
                        new Manifest.Segments(Cutter.NAME, some.segments().list(), brought))
                .manifest("shop-1");
    }

    private boolean isFresh(Fingerprint fingerprint, Instant made, Instant now) {
        return new Freshness(manifest(made), DAYS, now).isFresh(line(fingerprint, "b"));
    }

    @Test
    void aCopyIsBorrowedOnTheDayThatItWasMadeOnAndNeverAfterSoManyDays() {
        for (int i = 0; i < 100; i++) {
            Fingerprint each = fingerprint();
            assertThat(isFresh(each, BEGIN, BEGIN)).isTrue();
            assertThat(isFresh(each, BEGIN, BEGIN.plus(Duration.ofDays(DAYS)))).isFalse();
            assertThat(isFresh(each, BEGIN, BEGIN.plus(Duration.ofDays(1000)))).isFalse();
        }
    }

    @Test
    void onceACopyIsDueItStaysSo() {
        for (int i = 0; i < 100; i++) {
            Fingerprint each = fingerprint();
            List<Boolean> days = IntStream.range(0, 30)
                    .mapToObj(day -> isFresh(each, BEGIN, BEGIN.plus(Duration.ofDays(day))))
                    .toList();
            int due = days.indexOf(false);
            assertThat(due).isBetween(1, DAYS);
            assertThat(days.subList(due, 30)).containsOnly(false);
        }
    }

    @Test
    void whatWasMadeInTheFutureIsNotBorrowed() {
        assertThat(isFresh(fingerprint(), BEGIN.plus(Duration.ofDays(1)), BEGIN))
                .isFalse();
    }

    @Test
    void whatTheManifestDoesNotKnowIsNotBorrowed() {
        Freshness freshness = new Freshness(manifest(BEGIN), DAYS, BEGIN);
        assertThat(freshness.isFresh(line(fingerprint(), "another"))).isFalse();
    }

    /** The content of a data service, of which one in a hundred segments is another each day. */
    @Test
    void dl41_inAYearOfDailyBackupsTheWorstDayBringsAnEighthAtMost() {
        List<Fingerprint> content = new ArrayList<>();
        List<Instant> made = new ArrayList<>();
        for (int i = 0; i < 5000; i++) {
            content.add(fingerprint());
            made.add(BEGIN);
        }
        double worst = 0;
        double all = 0;
        for (int day = 1; day <= 365; day++) {
            Instant now = BEGIN.plus(Duration.ofDays(day));
            Set<Integer> changed = new HashSet<>();
            while (changed.size() < 50) {
                changed.add(random.nextInt(content.size()));
            }
            changed.forEach(each -> content.set(each, fingerprint()));
            int brought = 0;
            Map<Instant, Freshness> ages = new HashMap<>();
            for (int i = 0; i < content.size(); i++) {
                Freshness age = ages.computeIfAbsent(made.get(i), each -> new Freshness(manifest(each), DAYS, now));
                if (changed.contains(i) || !age.isFresh(line(content.get(i), "b"))) {
                    made.set(i, now);
                    brought++;
                }
            }
            worst = Math.max(worst, brought / 5000.0);
            all += brought / 5000.0;
        }
        assertThat(worst).isLessThan(0.12);
        assertThat(all / 365).isBetween(0.07, 0.10);
    }
}
