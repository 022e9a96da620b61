package io.holdfast.agent.adapter.postgresql;

import io.holdfast.agent.adapter.FreeSpace;
import io.holdfast.agent.attempt.JobException;
import io.holdfast.format.manifest.Manifest;
import io.holdfast.protocol.FailureCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What can be known to fail before a restore begins. */
final class Preflight {
    private static final long SPARE_BYTES = 64L * 1024 * 1024;

    private Preflight() {}

    static void check(Manifest manifest, ServerFacts facts, boolean local) throws IOException {
        PostgresDump.requireSuperuser(facts);
        checkVersion(manifest.engineVersion(), facts);
        List<String> types =
                manifest.artifacts().stream().map(Manifest.Artifact::type).toList();
        if (!types.contains(PostgresDump.DATABASES)
                || !types.contains(PostgresDump.GLOBALS)
                || !types.contains(PostgresDump.DATABASE)) {
            throw new JobException(FailureCode.CORRUPT, "the backup is not a backup of a whole PostgreSQL server");
        }
        if (facts.preparedTransactions() > 0) {
            throw new JobException(
                    FailureCode.RESTORE_FAILED,
                    "the server has " + facts.preparedTransactions()
                            + " prepared transactions, which keep databases from being replaced",
                    "COMMIT PREPARED or ROLLBACK PREPARED them, see pg_prepared_xacts");
        }
        if (local) {
            checkSpace(manifest, Path.of(facts.dataDirectory()));
        }
    }

    private static void checkVersion(@Nullable String backedUp, ServerFacts facts) throws JobException {
        if (backedUp != null && backedUp.matches("\\d+(\\..*)?")) {
            int major = Integer.parseInt(backedUp.replaceFirst("\\..*", ""));
            if (major > facts.major()) {
                throw new JobException(
                        FailureCode.ENGINE_INCOMPATIBLE,
                        "the backup is one of PostgreSQL " + backedUp + ", and the server is " + facts.version(),
                        "restore into a server of version " + major + " or newer");
            }
        }
    }

    /** Old and new data lie side by side. Only an estimate: tables get smaller or larger, indexes are built anew. */
    private static void checkSpace(Manifest manifest, Path dataDirectory) throws IOException {
        if (!Files.exists(dataDirectory)) {
            return; // another machine's, after all, or not to be seen
        }
        long needed = SPARE_BYTES
                + manifest.artifacts().stream()
                        .mapToLong(Manifest.Artifact::plaintextBytes)
                        .sum();
        long free = FreeSpace.of(dataDirectory);
        if (free < needed) {
            throw new JobException(
                    FailureCode.DISK_FULL,
                    "the database server's disk has " + free + " bytes left, and the restore needs about " + needed,
                    "make room, or drop replaced databases (holdfast_old_…) of an earlier restore");
        }
    }
}
