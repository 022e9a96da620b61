package io.holdfast.agent.adapter.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.agent.attempt.JobException;
import io.holdfast.protocol.FailureCode;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class RdbCheckTest {
    /** A snapshot with one key, as Redis 7.0.15 writes it. */
    private static final byte[] GOOD = HexFormat.of()
            .parseHex("524544495330303130fa0972656469732d76657206372e302e3135fa0a72656469732d62697473c040fa056374696d65"
                    + "c263f10a6bfa08757365642d6d656dc2f0540e00fa08616f662d62617365c000fe00fb01000001610162ffab1042bf2f"
                    + "1ae3ff");

    @Test
    void dl02_aSnapshotThatIsCutIsIncomplete() {
        byte[] unsummed = GOOD.clone();
        Arrays.fill(unsummed, unsummed.length - 8, unsummed.length, (byte) 0);
        for (byte[] whole : List.of(GOOD, unsummed)) {
            assertThatCode(() -> check(whole, whole.length)).doesNotThrowAnyException();
            for (int length = 0; length < whole.length; length++) {
                int cut = length;
                assertThatThrownBy(() -> check(whole, cut)).isInstanceOf(JobException.class);
            }
        }
    }

    @Test
    void dl02_aSnapshotThatIsChangedAnywhereIsIncomplete() {
        for (int at = 0; at < GOOD.length; at++) {
            byte[] changed = GOOD.clone();
            changed[at] ^= 1;
            assertThatThrownBy(() -> check(changed, changed.length))
                    .as("byte " + at)
                    .isInstanceOfSatisfying(
                            JobException.class, e -> assertThat(e.code()).isEqualTo(FailureCode.INCOMPLETE_DUMP));
        }
    }

    private static void check(byte[] bytes, int length) throws Exception {
        RdbCheck check = new RdbCheck();
        for (int at = 0; at < length; at += 7) {
            check.accept(bytes, at, Math.min(7, length - at));
        }
        check.end();
    }
}
