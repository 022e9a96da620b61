package io.holdfast.agent.adapter.postgresql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.holdfast.agent.attempt.JobException;
import io.holdfast.protocol.FailureCode;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class GlobalsCheckTest {
    private static final byte[] ROLES = "CREATE ROLE r;\n".repeat(64 * 1024).getBytes(StandardCharsets.US_ASCII);

    @Test
    void moreThanARestoreHoldsInMemoryIsRefusedAtTheBackup() {
        GlobalsCheck check = new GlobalsCheck();
        JobException refusal = catchThrowableOfType(JobException.class, () -> {
            for (long given = 0; given <= Staging.LARGEST_TEXT; given += ROLES.length) {
                check.accept(ROLES, 0, ROLES.length);
            }
        });
        assertThat(refusal.code()).isEqualTo(FailureCode.DUMP_FAILED);
        assertThat(refusal.getMessage()).contains("roles");
        assertThat(refusal.hint()).contains("memory_mb");
    }
}
