package io.holdfast.agent.adapter.directory;

import io.holdfast.agent.adapter.tar.Names;
import io.holdfast.agent.adapter.tar.Tar;
import io.holdfast.agent.attempt.JobException;
import io.holdfast.agent.attempt.StopSignal;
import io.holdfast.agent.process.ProcessEnd;
import io.holdfast.agent.process.RunningProcess;
import io.holdfast.protocol.FailureCode;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * The directories in which names came, went or were moved since a time. Tar tells what vanishes before it comes there, but not
 * what is moved from where it still had to come to where it had been already.
 *
 * @param number how many
 * @param first some of them, for messages
 */
record Changes(long number, List<String> first) {
    private static final int NAMED = 10;

    /** Looks through a whole tree; it needs to look at directories only, whose times of change the kernel keeps. */
    static Changes since(Instant begin, Path directory, Excluded excluded, Tar tar, StopSignal stop)
            throws IOException, InterruptedException {
        try (RunningProcess list = tar.listChangedDirectories(directory, begin, stop)) {
            Changes changes = read(new BufferedInputStream(list.output()), excluded);
            ProcessEnd end = list.await();
            stop.check();
            if (!end.good()) {
                throw Tar.failure(end, FailureCode.DUMP_FAILED);
            }
            return changes;
        }
    }

    boolean any() {
        return number > 0;
    }

    /** In words. */
    String description() {
        return "while the backup ran, names were added, removed or moved in " + number
                + (number == 1 ? " directory: " : " directories: ") + String.join(", ", first)
                + (number > first.size() ? ", …" : "");
    }

    private static Changes read(InputStream paths, Excluded excluded) throws IOException {
        long number = 0;
        List<String> first = new ArrayList<>();
        ByteArrayOutputStream path = new ByteArrayOutputStream();
        for (int each = paths.read(); each >= 0; each = paths.read()) {
            if (each != 0) {
                path.write(each);
            } else {
                if (!excluded.contains(path.toString(StandardCharsets.ISO_8859_1))) {
                    number++;
                    if (first.size() < NAMED) {
                        first.add(Names.shown(
                                ("./" + path.toString(StandardCharsets.UTF_8)).getBytes(StandardCharsets.UTF_8)));
                    }
                }
                path.reset();
            }
        }
        if (path.size() > 0) {
            throw new JobException(FailureCode.INCOMPLETE_DUMP, "the list of changed directories is incomplete");
        }
        return new Changes(number, first);
    }
}
