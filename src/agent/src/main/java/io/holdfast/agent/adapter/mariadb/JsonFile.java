package io.holdfast.agent.adapter.mariadb;

import io.holdfast.agent.adapter.OutputCheck;
import io.holdfast.agent.adapter.RestoreFiles;
import io.holdfast.agent.attempt.JobException;
import io.holdfast.format.json.Json;
import io.holdfast.protocol.FailureCode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import tools.jackson.core.JacksonException;

/** What a backup has beside its dump. It is in the agent's memory as a whole, so its size has a limit. */
final class JsonFile {
    private static final int LARGEST = 16 * 1024 * 1024;

    private JsonFile() {}

    /**
     * A value as JSON.
     *
     * @param what names it in the message when it is too large for a restore
     */
    static InputStream stream(Object value, String what) throws JobException {
        byte[] json = Json.mapper().writeValueAsBytes(value);
        if (json.length > LARGEST) {
            throw new JobException(
                    FailureCode.DUMP_FAILED,
                    "the server's " + what + " are " + json.length + " bytes, and a restore takes " + LARGEST,
                    "remove accounts and rights that nobody needs, such as those to tables that are gone");
        }
        return new ByteArrayInputStream(json);
    }

    static void write(Path file, Object value, String what) throws IOException {
        RestoreFiles.write(stream(value, what), file, OutputCheck.ANYTHING);
    }

    static <T> T read(Path file, Class<T> type) throws IOException {
        if (Files.size(file) > LARGEST) {
            throw JobException.corrupt("the backup's " + file.getFileName() + " is too large", null);
        }
        try {
            return Json.mapper().readValue(Files.readAllBytes(file), type);
        } catch (JacksonException e) {
            throw JobException.corrupt("the backup's " + file.getFileName() + " cannot be read", e);
        }
    }
}
