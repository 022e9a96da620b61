package io.holdfast.agent.adapter.tar;

import io.holdfast.agent.attempt.StopSignal;
import io.holdfast.agent.process.ProcessEnd;
import io.holdfast.agent.process.RunningProcess;
import io.holdfast.protocol.FailureCode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a directory on the disk has.
 *
 * @param directories directories, itself included
 * @param otherNames names of files and symbolic links
 * @param bytes content of all files, each once however many names it has, provided that all its names are in here
 */
public record TreeOnDisk(long directories, long otherNames, long bytes) {
    public static TreeOnDisk of(Path directory, Tar tar, StopSignal stop) throws IOException, InterruptedException {
        try (RunningProcess list = tar.list(directory, stop)) {
            TreeOnDisk found =
                    read(new BufferedReader(new InputStreamReader(list.output(), StandardCharsets.US_ASCII)));
            ProcessEnd end = list.await();
            stop.check();
            if (!end.good()) {
                throw Tar.failure(end, FailureCode.RESTORE_FAILED);
            }
            return found;
        }
    }

    private static TreeOnDisk read(BufferedReader lines) throws IOException {
        long directories = 0;
        long otherNames = 0;
        // A file with n names is listed n times: the sum of all sizes with n names is n times too large.
        Map<Long, Long> bytesByNames = new TreeMap<>();
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            String[] fields = line.split(" ", 3);
            switch (fields[0]) {
                case "d" -> directories++;
                case "l" -> otherNames++;
                case "f" -> {
                    otherNames++;
                    bytesByNames.merge(Long.parseLong(fields[1]), Long.parseLong(fields[2]), Long::sum);
                }
                default -> {
                    // a socket, say, of a program that runs already
                }
            }
        }
        long bytes = bytesByNames.entrySet().stream()
                .mapToLong(each -> each.getValue() / each.getKey())
                .sum();
        return new TreeOnDisk(directories, otherNames, bytes);
    }
}
