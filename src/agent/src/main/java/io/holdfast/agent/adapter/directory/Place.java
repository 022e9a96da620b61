package io.holdfast.agent.adapter.directory;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a directory lies, and what restores put beside it: {@code .holdfast-staged-<restore>} while it is filled,
 * {@code .holdfast-replaced-<restore>} from the swap on, and from the commit on
 * {@code .holdfast-replaced-<restore>-until-<time>}. The time is in the name, so that it is known even when the
 * agent's own disk is lost, and nothing that a restore may still need has one.
 *
 * @param live the directory
 */
record Place(Path live) {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final String REPLACED = ".holdfast-replaced-";
    private static final String UNTIL = "-until-";
    private static final Pattern KEPT = Pattern.compile("\\.holdfast-replaced-[0-9]+-until-([0-9]{8}T[0-9]{6}Z)");

    Path parent() {
        return Objects.requireNonNull(live.getParent(), "the configuration allows no path without a parent");
    }

    Path staged(long restoreId) {
        return parent().resolve(".holdfast-staged-" + restoreId);
    }

    Path replaced(long restoreId) {
        return parent().resolve(REPLACED + restoreId);
    }

    Path kept(long restoreId, Instant until) {
        return parent().resolve(REPLACED + restoreId + UNTIL + TIME.format(until));
    }

    /** What a restore has replaced, if its name says already until when it is kept. */
    Optional<Path> kept(long restoreId) throws IOException {
        return beside(REPLACED + restoreId + UNTIL + "*").stream().findFirst();
    }

    /** Replaced directories whose time is over. */
    List<Path> expired(Instant now) throws IOException {
        List<Path> expired = new ArrayList<>();
        for (Path directory : beside(REPLACED + "*" + UNTIL + "*")) {
            Matcher matcher = KEPT.matcher(directory.getFileName().toString());
            if (matcher.matches() && until(matcher.group(1)).isBefore(now)) {
                expired.add(directory);
            }
        }
        return expired;
    }

    /** The inode of a directory, which is no symbolic link; empty when there is no such directory. */
    static Optional<Long> inode(Path directory) throws IOException {
        return Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)
                ? Optional.of((Long) Files.getAttribute(directory, "unix:ino", LinkOption.NOFOLLOW_LINKS))
                : Optional.empty();
    }

    private List<Path> beside(String glob) throws IOException {
        List<Path> found = new ArrayList<>();
        if (Files.isDirectory(parent())) {
            try (DirectoryStream<Path> paths = Files.newDirectoryStream(parent(), glob)) {
                for (Path path : paths) {
                    if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
                        found.add(path);
                    }
                }
            }
        }
        return found;
    }

    /** A time that cannot be is never over. */
    private static Instant until(String text) {
        try {
            return TIME.parse(text, Instant::from);
        } catch (DateTimeException e) {
            return Instant.MAX;
        }
    }
}
