package io.holdfast.manager.store.s3;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which storage classes cannot be read. */
class ArchivesTest {
    @ParameterizedTest
    @CsvSource({
        "GLACIER, true",
        "DEEP_ARCHIVE, true",
        "GLACIER_IR, false",
        "STANDARD, false",
        "STANDARD_IA, false",
        "INTELLIGENT_TIERING, false",
        "of some other store, false",
        ", false"
    })
    void thoseThatNeedARestoreFirst(String storageClass, boolean archive) {
        assertThat(Archives.isArchive(storageClass)).isEqualTo(archive);
    }
}
