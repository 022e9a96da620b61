package io.holdfast.format.segment;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A set of segment numbers as runs, rising and with gaps between them: {@code 0-17,19-262143}. A run of one number has no dash.
 * Immutable.
 *
 * @param runs at least one
 */
public record Runs(List<Run> runs) {
    /** The most runs of one attempt in a manifest. */
    public static final int MOST = 100_000;

    private static final Pattern TEXT = Pattern.compile("(0|[1-9][0-9]{0,8})(-[1-9][0-9]{0,8})?");

    /**
     * Numbers from one to another, both counted.
     *
     * @param first from 0
     * @param last not below {@code first}
     */
    public record Run(int first, int last) {
        /** Checks the bounds, with {@link IllegalArgumentException}. */
        public Run {
            if (first < 0 || last < first || last > SegmentName.HIGHEST) {
                throw new IllegalArgumentException("a run of segments is not one number, or two that rise");
            }
        }
    }

    /** Checks that they rise and have gaps between them, with {@link IllegalArgumentException}. */
    public Runs {
        if (runs.isEmpty() || runs.size() > MOST) {
            throw new IllegalArgumentException("there must be 1 to " + MOST + " runs of segments");
        }
        for (int i = 1; i < runs.size(); i++) {
            if (runs.get(i).first() <= runs.get(i - 1).last() + 1) {
                throw new IllegalArgumentException("runs of segments must rise, with gaps between them");
            }
        }
        runs = List.copyOf(runs);
    }

    /**
     * Reads the text form.
     *
     * @throws IllegalArgumentException when it is not the one form that these runs have
     */
    public static Runs parse(String text) {
        List<Run> runs = new ArrayList<>();
        for (String run : text.split(",", MOST + 1)) {
            if (!TEXT.matcher(run).matches()) {
                throw new IllegalArgumentException("not runs of segments, such as 0-17,19");
            }
            int dash = run.indexOf('-');
            int first = Integer.parseInt(dash < 0 ? run : run.substring(0, dash));
            int last = dash < 0 ? first : Integer.parseInt(run.substring(dash + 1));
            if (dash >= 0 && last == first) {
                throw new IllegalArgumentException("a run of one segment is written without a dash");
            }
            runs.add(new Run(first, last));
        }
        return new Runs(runs);
    }

    /** All numbers below one, which is at least 1. */
    public static Runs below(int count) {
        return new Runs(List.of(new Run(0, count - 1)));
    }

    /** Makes runs of numbers that rise. Not for several threads. */
    public static final class Builder {
        private final List<Run> runs = new ArrayList<>();

        /** Adds a number above all before. */
        public void add(int number) {
            boolean continues = !runs.isEmpty() && runs.getLast().last() == number - 1;
            int first = continues ? runs.removeLast().first() : number;
            runs.add(new Run(first, number));
        }

        /** How many runs there are. */
        public int count() {
            return runs.size();
        }

        /** The runs so far: at least one. */
        public Runs build() {
            return new Runs(runs);
        }
    }

    /** Whether a number is in one of them. */
    public boolean contains(int number) {
        int low = 0;
        int high = runs.size() - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            Run run = runs.get(middle);
            if (number < run.first()) {
                high = middle - 1;
            } else if (number > run.last()) {
                low = middle + 1;
            } else {
                return true;
            }
        }
        return false;
    }

    /** How many numbers there are in all. */
    public long count() {
        return runs.stream().mapToLong(run -> run.last() - run.first() + 1L).sum();
    }

    /** The text form. */
    @Override
    public String toString() {
        return runs.stream()
                .map(run -> run.first() == run.last() ? "" + run.first() : run.first() + "-" + run.last())
                .collect(Collectors.joining(","));
    }
}
