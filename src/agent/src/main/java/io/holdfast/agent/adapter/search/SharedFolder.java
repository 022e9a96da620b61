package io.holdfast.agent.adapter.search;

import io.holdfast.agent.adapter.RestoreFiles;
import io.holdfast.agent.attempt.JobException;
import io.holdfast.protocol.FailureCode;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileOwnerAttributeView;
import java.nio.file.attribute.UserPrincipal;
import org.jspecify.annotations.Nullable;

/**
 * The folder that the agent shares with the engine. All in it belongs to the engine's user, who owns the folder; the
 * agent is that user, or root.
 *
 * @param path the folder
 */
record SharedFolder(Path path) {
    private static final String DUMP = "dump";

    /** Where a backup's snapshot lies until it is archived. */
    Path dump() {
        return path.resolve(DUMP);
    }

    /** Throws when the agent cannot use it. */
    void require() throws IOException {
        if (!Files.isDirectory(path)) {
            throw new JobException(
                    FailureCode.SERVICE_UNREACHABLE,
                    "there is no folder " + path,
                    "check adapter.repository_path, and that its file system is mounted");
        }
        Object me = Files.getAttribute(Path.of("/proc/self"), "unix:uid");
        if (!Integer.valueOf(0).equals(me) && !me.equals(Files.getAttribute(path, "unix:uid"))) {
            throw new JobException(
                    FailureCode.SERVICE_DENIED,
                    path + " belongs to " + owner().getName() + ", who is not the agent's user",
                    "let it belong to the service's user, and run the agent as that user or as root");
        }
    }

    /** An empty folder that the engine can write to. */
    void makeEmpty(Path folder) throws IOException {
        RestoreFiles.makeEmpty(folder);
        for (Path each = folder; each != null && !each.equals(path); each = each.getParent()) {
            Files.setOwner(each, owner());
        }
    }

    /**
     * Gives what was unpacked to the engine, directories last: until then nobody else can change them.
     *
     * @throws JobException {@code CORRUPT} when there is anything but files and directories
     */
    void handOver(Path tree) throws IOException {
        UserPrincipal owner = owner();
        Files.walkFileTree(tree, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                if (!attributes.isRegularFile()) {
                    throw JobException.corrupt("the backup has something that is no snapshot's: " + file, null);
                }
                Files.getFileAttributeView(file, FileOwnerAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                        .setOwner(owner);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException e) throws IOException {
                if (e != null) {
                    throw e;
                }
                Files.setOwner(directory, owner);
                return FileVisitResult.CONTINUE;
            }
        });
    }

    private UserPrincipal owner() throws IOException {
        return Files.getOwner(path);
    }
}
