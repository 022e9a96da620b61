package io.holdfast.agent.adapter;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The folders that patterns such as {@code /usr/lib/postgresql/*}{@code /bin} stand for. */
public final class ToolFolders {
    private ToolFolders() {}

    /**
     * All folders that exist, in the order of the patterns.
     *
     * @param patterns paths; {@code *} stands for any part of one folder's name
     */
    public static List<Path> matching(List<String> patterns) throws IOException {
        List<Path> folders = new ArrayList<>();
        for (String pattern : patterns) {
            folders.addAll(expand(pattern));
        }
        return folders;
    }

    private static List<Path> expand(String pattern) throws IOException {
        List<Path> found = List.of(Path.of("/"));
        for (Path name : Path.of(pattern).toAbsolutePath()) {
            List<Path> next = new ArrayList<>();
            for (Path folder : found) {
                if (name.toString().contains("*")) {
                    if (Files.isDirectory(folder)) {
                        try (DirectoryStream<Path> matches = Files.newDirectoryStream(folder, name.toString())) {
                            matches.forEach(next::add);
                        }
                    }
                } else {
                    next.add(folder.resolve(name));
                }
            }
            found = next;
        }
        return found.stream().filter(Files::isDirectory).toList();
    }
}
