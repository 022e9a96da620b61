package io.holdfast.format.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SegmentNameTest {
    @ParameterizedTest
    @CsvSource({
        "b,1,0,segments/b/000001-000000000.zst.age",
        "20261201T120000Z-0000002a,999999,999999999,segments/20261201T120000Z-0000002a/999999-999999999.zst.age"
    })
    void pathIsWrittenAndReadAsItWas(String backup, int attempt, int number, String path) {
        SegmentName name = new SegmentName(backup, attempt, number);
        assertThat(name.path()).isEqualTo(path);
        assertThat(SegmentName.ofPath(path)).isEqualTo(name);
    }

    @Test
    void pathsOfOneBackupSortByAttemptAndNumber() {
        assertThat(new SegmentName("b", 1, 10).path()).isGreaterThan(new SegmentName("b", 1, 9).path());
        assertThat(new SegmentName("b", 10, 0).path()).isGreaterThan(new SegmentName("b", 9, 999_999_999).path());
    }

    @ParameterizedTest
    @CsvSource({"../b,1,0", "'',1,0", ".b,1,0", "b,0,0", "b,1000000,0", "b,1,-1", "b,1,1000000000"})
    void namesOutOfBoundsAreRefused(String backup, int attempt, int number) {
        assertThatIllegalArgumentException().isThrownBy(() -> new SegmentName(backup, attempt, number));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "segments/b/1-0.zst.age",
                "segments/b/000001-000000000.zst",
                "segments/b/c/000001-000000000.zst.age",
                "segments/../000001-000000000.zst.age",
                "segments/b/000000-000000000.zst.age",
                "/segments/b/000001-000000000.zst.age",
                "segments/b/000001-000000000.zst.age\n"
            })
    void otherPathsAreRefused(String path) {
        assertThatIllegalArgumentException().isThrownBy(() -> SegmentName.ofPath(path));
    }
}
