package io.holdfast.cli.terminal;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** Rows under a heading, each column as wide as its widest cell. Columns of numbers are set to the right. */
public final class Table {
    private static final String GAP = "  ";

    private final List<String> heading;
    private final List<List<String>> rows = new ArrayList<>();

    /** A heading that begins with {@code >} makes a column that is set to the right. */
    public Table(String... heading) {
        this.heading = List.of(heading);
    }

    /** Adds a row with one cell for each column. */
    public void row(Object... cells) {
        if (cells.length != heading.size()) {
            throw new IllegalArgumentException("a row needs " + heading.size() + " cells, not " + cells.length);
        }
        rows.add(Arrays.stream(cells)
                .map(cell -> Wording.printable(cell.toString()))
                .toList());
    }

    /** Prints the table, or a sentence when it has no rows. */
    public void print(PrintStream out, String whenEmpty) {
        if (rows.isEmpty()) {
            out.println(whenEmpty);
            return;
        }
        out.println(line(heading.stream()
                .map(text -> text.startsWith(">") ? text.substring(1) : text)
                .toList()));
        rows.forEach(row -> out.println(line(row)));
    }

    private String line(List<String> cells) {
        List<String> padded = new ArrayList<>();
        for (int column = 0; column < cells.size(); column++) {
            String cell = cells.get(column);
            String padding = " ".repeat(Math.max(0, width(column) - length(cell)));
            padded.add(heading.get(column).startsWith(">") ? padding + cell : cell + padding);
        }
        return padded.stream().collect(Collectors.joining(GAP)).stripTrailing();
    }

    private int width(int column) {
        String title = heading.get(column);
        int widest = length(title.startsWith(">") ? title.substring(1) : title);
        for (List<String> row : rows) {
            widest = Math.max(widest, length(row.get(column)));
        }
        return widest;
    }

    /** Columns on the terminal: ideographs and pictures take two. */
    private static int length(String text) {
        return text.codePoints()
                .map(point -> Character.isIdeographic(point) || Character.isEmojiPresentation(point) ? 2 : 1)
                .sum();
    }
}
