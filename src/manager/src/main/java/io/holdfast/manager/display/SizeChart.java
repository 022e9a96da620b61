package io.holdfast.manager.display;

import io.holdfast.manager.fleet.Protection.Size;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * The sizes of an instance's good backups over time, as bars in a field of {@value #WIDTH} by {@value #HEIGHT}.
 *
 * @param summary the same in words
 */
public record SizeChart(List<Bar> bars, long largest, Instant first, Instant last, String summary) {
    /** How many backups are shown. */
    public static final int MOST = 60;

    public static final int WIDTH = 1200;
    public static final int HEIGHT = 100;
    private static final int GAP = 4;
    private static final int FEWEST_PLACES = 30;

    public record Bar(int x, int y, int width, int height, String title) {}

    /** The chart of at least one backup, newest first. */
    public static SizeChart of(List<Size> sizes) {
        long largest = sizes.stream().mapToLong(Size::size).max().orElse(0);
        int place = WIDTH / Math.max(FEWEST_PLACES, sizes.size());
        List<Bar> bars = new ArrayList<>();
        for (int i = 0; i < sizes.size(); i++) {
            Size size = sizes.get(sizes.size() - 1 - i);
            int height = largest == 0 ? 1 : (int) Math.max(1, HEIGHT * size.size() / largest);
            bars.add(new Bar(
                    i * place,
                    HEIGHT - height,
                    place - GAP,
                    height,
                    "Backup " + size.id() + ", " + Formatting.time(size.finishedAt()) + " UTC: "
                            + Formatting.size(size.size())));
        }
        Size newest = sizes.getFirst();
        Size oldest = sizes.getLast();
        String summary = "Sizes of the latest " + Formatting.count(sizes.size(), "good backup") + ": from "
                + Formatting.size(oldest.size()) + " on " + Formatting.day(oldest.finishedAt()) + " to "
                + Formatting.size(newest.size()) + " on " + Formatting.day(newest.finishedAt()) + "; the largest has "
                + Formatting.size(largest) + ".";
        return new SizeChart(List.copyOf(bars), largest, oldest.finishedAt(), newest.finishedAt(), summary);
    }
}
