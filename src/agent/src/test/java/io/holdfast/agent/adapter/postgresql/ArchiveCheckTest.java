package io.holdfast.agent.adapter.postgresql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.holdfast.agent.attempt.JobException;
import io.holdfast.protocol.FailureCode;
import io.holdfast.testbed.PostgresCluster;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** On archives that the real {@code pg_dump} wrote. */
class ArchiveCheckTest {
    private static byte[] archive;

    @BeforeAll
    static void dump() throws Exception {
        try (PostgresCluster cluster = PostgresCluster.start()) {
            cluster.psql(
                    "postgres",
                    "CREATE TABLE t AS SELECT n, repeat('x', n) AS x FROM generate_series(1, 300) n;"
                            + "CREATE TABLE empty (id serial); CREATE VIEW v AS SELECT 1;"
                            + "CREATE MATERIALIZED VIEW m AS SELECT 1; SELECT lo_from_bytea(0, 'abc'), lo_from_bytea(0, '');"
                            + "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'");
            Path program = cluster.bin().resolve("pg_dump");
            ProcessBuilder builder = new ProcessBuilder(
                    program.toString(),
                    "--format=custom",
                    "--compress=0",
                    "--host=127.0.0.1",
                    "--port=" + cluster.port(),
                    "--username=" + PostgresCluster.USER,
                    "postgres");
            builder.environment().put("PGPASSWORD", cluster.password());
            archive = builder.start().getInputStream().readAllBytes();
        }
    }

    @Test
    void wholeArchiveIsCounted() throws Exception {
        ArchiveCheck check = new ArchiveCheck("postgres");
        check.accept(archive, 0, archive.length);
        check.end();
        assertThat(check.counts())
                .containsEntry("tables", 2L)
                .containsEntry("views", 1L)
                .containsEntry("materialized_views", 1L)
                .containsEntry("sequences", 1L)
                .containsEntry("functions", 1L)
                .containsEntry("large_objects", 2L)
                .containsEntry("foreign_tables", 0L);
    }

    @Test
    void bytesMayComeInAnyPieces() throws Exception {
        for (int piece : new int[] {1, 2, 7, 63, 1000}) {
            ArchiveCheck check = new ArchiveCheck("postgres");
            for (int at = 0; at < archive.length; at += piece) {
                check.accept(archive, at, Math.min(piece, archive.length - at));
            }
            check.end();
            assertThat(check.counts()).containsEntry("tables", 2L);
        }
    }

    @Test
    void dl02_archiveThatIsCutAnywhereIsIncomplete() {
        for (int length = 0; length < archive.length; length++) {
            int cut = length;
            Throwable failure = catchThrowable(() -> {
                ArchiveCheck check = new ArchiveCheck("postgres");
                check.accept(archive, 0, cut);
                check.end();
            });
            assertThat(failure)
                    .as("cut at " + cut)
                    .isInstanceOfSatisfying(
                            JobException.class, e -> assertThat(e.code()).isEqualTo(FailureCode.INCOMPLETE_DUMP));
        }
    }

    @Test
    void bytesAfterTheEndAreRefused() {
        ByteArrayOutputStream longer = new ByteArrayOutputStream();
        longer.writeBytes(archive);
        longer.writeBytes(new byte[] {1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0});
        assertThat(catchThrowable(() -> {
                    ArchiveCheck check = new ArchiveCheck("postgres");
                    check.accept(longer.toByteArray(), 0, longer.size());
                    check.end();
                }))
                .isInstanceOf(JobException.class);
    }

    @Test
    void unknownArchiveVersionIsNamed() {
        byte[] newer = Arrays.copyOf(archive, archive.length);
        newer[6] = 99;
        assertThat(catchThrowable(() -> new ArchiveCheck("postgres").accept(newer, 0, newer.length)))
                .isInstanceOfSatisfying(JobException.class, e -> {
                    assertThat(e.code()).isEqualTo(FailureCode.TOOL_VERSION);
                    assertThat(e).hasMessageContaining("1.99");
                });
    }
}
