package io.holdfast.agent.config;

import io.holdfast.protocol.settings.SettingsReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The settings {@code password} and {@code password_file}, of which one at most is given. */
final class Password {
    private Password() {}

    /** The password, or null when there is none. */
    static @Nullable String read(SettingsReader settings) {
        String password = settings.optionalText("password");
        Path file = settings.optionalFile("password_file");
        if (file == null) {
            return password;
        }
        if (password != null) {
            settings.mistake("password", "must not be given together with password_file");
        }
        try {
            return Files.isReadable(file) ? Files.readString(file).strip() : null;
        } catch (IOException e) {
            settings.mistake("password_file", "names a file that cannot be read: " + file);
            return null;
        }
    }
}
