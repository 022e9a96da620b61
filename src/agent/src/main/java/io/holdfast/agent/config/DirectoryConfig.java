package io.holdfast.agent.config;

import io.holdfast.protocol.settings.SettingsReader;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.util.List;

/**
 * Which directory is backed up.
 *
 * @param path the directory: absolute, without {@code .} and {@code ..}
 * @param exclude patterns of what is left out, relative to the directory, as a shell takes them
 * @param dropSetuid whether what is restored loses setuid and setgid
 * @param changingFiles what becomes of a backup while whose dump files changed or vanished
 */
public record DirectoryConfig(Path path, List<String> exclude, boolean dropSetuid, ChangingFiles changingFiles)
        implements AdapterConfig {
    /** What files that change, shrink or vanish while they are read are to a backup. */
    public enum ChangingFiles {
        /** They are counted and logged, and the backup is good. */
        WARN,
        /** The backup fails. */
        FAIL
    }

    public DirectoryConfig {
        exclude = List.copyOf(exclude);
    }

    /** Reads the settings and notes all mistakes in them. */
    static DirectoryConfig read(SettingsReader settings) {
        Path path = settings.converted("path", DirectoryConfig::directory);
        List<String> exclude = settings.texts("exclude");
        for (String pattern : exclude) {
            if (pattern.isEmpty() || pattern.startsWith("/") || pattern.startsWith("./") || pattern.endsWith("/")) {
                settings.mistake(
                        "exclude",
                        "must have patterns relative to the directory in it, such as tmp or cache/*, without / at an end");
            } else if (!speakable(pattern)) {
                settings.mistake("exclude", "has characters in it that " + LOCALE);
            }
        }
        return new DirectoryConfig(
                path == null ? Path.of("/") : path,
                exclude,
                settings.flag("drop_setuid", false),
                changingFiles(settings, "changing_files"));
    }

    private static ChangingFiles changingFiles(SettingsReader settings, String key) {
        String text = settings.optionalText(key);
        return switch (text == null ? "warn" : text) {
            case "warn" -> ChangingFiles.WARN;
            case "fail" -> ChangingFiles.FAIL;
            default -> {
                settings.mistake(key, "must be warn or fail");
                yield ChangingFiles.WARN;
            }
        };
    }

    private static final String LOCALE =
            "the agent cannot pass to programs: start it with a UTF-8 locale, such as LC_ALL=C.UTF-8";

    private static Path directory(String text) {
        if (!speakable(text)) {
            throw new IllegalArgumentException("has characters in it that " + LOCALE);
        }
        Path path = Path.of(text);
        if (!path.isAbsolute() || path.getParent() == null || !path.equals(path.normalize())) {
            throw new IllegalArgumentException("must be an absolute path without . and .., and not /");
        }
        return path;
    }

    /** The JVM would pass a question mark to a program instead, which is a pattern too. */
    private static boolean speakable(String text) {
        String charset = System.getProperty("sun.jnu.encoding", "UTF-8");
        return text.indexOf('\0') < 0 && Charset.forName(charset).newEncoder().canEncode(text);
    }
}
