package io.holdfast.agent.adapter;

import io.holdfast.agent.attempt.Uninterruptible;
import io.holdfast.protocol.machine.WholeFile;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file {@code <work>/locked}: it says that the service may be locked for a dump, from before that begins until the
 * unlocking has ended well. So an agent that was killed meanwhile, or that could not unlock, knows it at its next start.
 * For one thread at a time.
 */
public final class LockMark {
    private static final Logger LOG = LoggerFactory.getLogger(LockMark.class);

    private final Path file;

    /** Unlocks. */
    public interface Unlocking {
        /**
         * Does it; may be called when nothing is locked any more.
         *
         * @param names what is locked, in the order in which it was
         */
        void run(List<String> names) throws IOException, InterruptedException;
    }

    /**
     * The mark of one agent.
     *
     * @param workDirectory the agent's
     */
    public LockMark(Path workDirectory) {
        this.file = workDirectory.resolve("locked");
    }

    /** Whether something may be locked. */
    public boolean isSet() {
        return Files.exists(file);
    }

    /**
     * Writes down what is about to be locked, beside what is marked already. It is on the disk before this returns.
     *
     * @throws io.holdfast.agent.attempt.JobException {@code DISK_FULL}
     */
    public void add(List<String> names) throws IOException {
        List<String> all = new ArrayList<>(names());
        all.removeAll(names);
        all.addAll(names);
        byte[] text = String.join("\n", all).getBytes(StandardCharsets.UTF_8);
        RestoreFiles.write(new ByteArrayInputStream(text), file, OutputCheck.ANYTHING);
        WholeFile.syncFolder(file);
    }

    /** Unlocks what is marked, to the end, also in an attempt that is stopped. When that fails, the mark stays. */
    public void unlock(Unlocking unlocking) throws IOException {
        if (isSet()) {
            List<String> names = names();
            Uninterruptible.run(() -> unlocking.run(names));
            Files.delete(file);
        }
    }

    /** The same for what an earlier attempt has left: the attempts after it need not fail for that. */
    public void unlockLeft(Unlocking unlocking) {
        try {
            unlock(unlocking);
        } catch (IOException e) {
            LOG.warn("left from an earlier attempt: {}", e.getMessage());
        }
    }

    private List<String> names() throws IOException {
        return isSet() ? Files.readAllLines(file) : List.of();
    }
}
