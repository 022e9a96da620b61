package io.holdfast.cli.terminal;

import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Shows how far a job is: on a terminal a bar that is drawn again at each step, elsewhere a line when the phase changes
 * and then every ten seconds. For one thread.
 */
public final class ProgressDisplay implements AutoCloseable {
    /** The bar's line fits into a terminal of the classic width. */
    private static final int LINE_WIDTH = 79;

    private static final int BAR_WIDTH = 12;
    private static final Duration BETWEEN_LINES = Duration.ofSeconds(10);

    /** The speed is the mean of this long a time: calm, but not sluggish. */
    private static final Duration SPEED_WINDOW = Duration.ofSeconds(10);

    private final PrintStream err;
    private final boolean bar;
    private final LongSupplier nanoClock;
    private final Deque<Sample> samples = new ArrayDeque<>();
    private @Nullable String lastLabel;
    private long lastLineNanos;
    private boolean drawn;

    /**
     * How far a job is.
     *
     * @param label what is being done, in few words
     * @param done bytes done so far
     * @param total bytes to do, or null when nobody can tell
     */
    public record Step(String label, long done, @Nullable Long total) {}

    /**
     * @param bar whether to draw a bar
     * @param nanoClock a clock like {@link System#nanoTime}
     */
    public ProgressDisplay(PrintStream err, boolean bar, LongSupplier nanoClock) {
        this.err = err;
        this.bar = bar;
        this.nanoClock = nanoClock;
    }

    /** Shows a step. */
    public void show(Step step) {
        long now = nanoClock.getAsLong();
        remember(new Sample(now, step.done()));
        String label = Wording.printable(step.label());
        if (bar) {
            draw(barLine(label, step));
        } else if (!label.equals(lastLabel) || now - lastLineNanos >= BETWEEN_LINES.toNanos()) {
            lastLineNanos = now;
            err.println(label + numbers(step));
        }
        lastLabel = label;
    }

    /** Ends the bar's line, so that other text can follow. Showing may go on. */
    @Override
    public void close() {
        if (drawn) {
            err.print("\r\033[K");
            err.flush();
            drawn = false;
        }
    }

    private void draw(String line) {
        err.print("\r" + line + "\033[K");
        err.flush();
        drawn = true;
    }

    private String barLine(String label, Step step) {
        Long total = step.total();
        String picture = "";
        if (total != null && total > 0) {
            double share = share(step.done(), total);
            int filled = (int) (share * BAR_WIDTH);
            picture = " [" + "=".repeat(filled) + (filled < BAR_WIDTH ? ">" : "")
                    + " ".repeat(Math.max(0, BAR_WIDTH - filled - 1)) + "]"
                    + String.format(Locale.ROOT, " %2d %%", (int) (share * 100));
        }
        String rest = picture + numbers(step);
        int room = Math.max(0, LINE_WIDTH - rest.length());
        return (label.length() > room ? label.substring(0, Math.max(0, room - 1)) + "…" : label) + rest;
    }

    private String numbers(Step step) {
        if (step.done() == 0) {
            return "";
        }
        StringBuilder text = new StringBuilder("  ").append(Wording.size(step.done()));
        Long total = step.total();
        if (total != null && total > 0) {
            text.append(" of ").append(Wording.size(Math.max(total, step.done())));
        }
        double speed = bytesPerSecond();
        if (speed >= 1) {
            text.append("  ").append(Wording.size((long) speed)).append("/s");
            // What the first moments say of the rest is worth nothing.
            if (total != null && total > step.done() && step.done() >= total / 100) {
                text.append("  ")
                        .append(Wording.duration(Duration.ofSeconds((long) ((total - step.done()) / speed))))
                        .append(" left");
            }
        }
        return text.toString();
    }

    /** An estimate may be too low, so nothing counts as complete before the job says so. */
    private static double share(long done, long total) {
        return Math.min(0.99, (double) done / total);
    }

    /**
     * Keeps what the speed is made of. Between two reports of the job nothing changes: only a long silence counts as
     * standing still.
     */
    private void remember(Sample sample) {
        Sample last = samples.peekLast();
        if (last != null && sample.bytes() < last.bytes()) {
            // A new attempt or another phase counts from the start again.
            samples.clear();
        } else if (last != null
                && sample.bytes() == last.bytes()
                && sample.nanos() - last.nanos() < SPEED_WINDOW.toNanos()) {
            return;
        }
        samples.addLast(sample);
        while (samples.size() > 2 && sample.nanos() - samples.getFirst().nanos() > SPEED_WINDOW.toNanos()) {
            samples.removeFirst();
        }
    }

    private double bytesPerSecond() {
        Sample first = samples.getFirst();
        Sample last = samples.getLast();
        long nanos = last.nanos() - first.nanos();
        return nanos <= 0 ? 0 : (last.bytes() - first.bytes()) * 1e9 / nanos;
    }

    private record Sample(long nanos, long bytes) {}
}
