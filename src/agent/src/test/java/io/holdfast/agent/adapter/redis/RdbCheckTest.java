package io.holdfast.agent.adapter.redis;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.agent.attempt.JobException;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class RdbCheckTest {
    /** A snapshot with one key, as Redis 7.0.15 writes it but for its checksum. */
    private static final byte[] GOOD = HexFormat.of()
            .parseHex("524544495330303130fa0972656469732d76657205372e302e3135fa0a72656469732d62697473c040fe00fb0100"
                    + "0001610162ff1a2b3c4d5e6f7081");

    @Test
    void dl02_aSnapshotThatIsCutOrChangedIsIncomplete() {
        byte[] unsummed = GOOD.clone();
        Arrays.fill(unsummed, unsummed.length - 8, unsummed.length, (byte) 0);
        assertThatCode(() -> check(unsummed, unsummed.length)).doesNotThrowAnyException();
        for (int length = 0; length < unsummed.length; length++) {
            int cut = length;
            assertThatThrownBy(() -> check(unsummed, cut)).isInstanceOf(JobException.class);
        }
        assertThatThrownBy(() -> check(GOOD, GOOD.length)).hasMessageContaining("checksum");
    }

    private static void check(byte[] bytes, int length) throws Exception {
        RdbCheck check = new RdbCheck();
        for (int at = 0; at < length; at += 7) {
            check.accept(bytes, at, Math.min(7, length - at));
        }
        check.end();
    }
}
