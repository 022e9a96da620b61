package io.holdfast.agent.adapter.postgresql;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ToolVersionTest {
    @ParameterizedTest
    @CsvSource({
        "pg_dump (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1), false",
        "pg_dump (PostgreSQL) 15.20, true",
        "pg_dump (PostgreSQL) 18.6, false",
        "pg_dump (PostgreSQL) 18.7, true",
        "pg_dump (PostgreSQL) 17.12, true",
        "pg_dump (PostgreSQL) 16.15, false",
        "pg_dump (PostgreSQL) 14.25, true",
        "pg_dump (PostgreSQL) 13.99, false",
        "pg_dump (PostgreSQL) 19beta1, true"
    })
    void versionsBelowTheFixedMinorReleasesAreWarnedOf(String text, boolean safe) {
        ToolVersion version = ToolVersion.parse(text);
        assertThat(version).isNotNull();
        if (version != null) {
            assertThat(version.warning() == null).isEqualTo(safe);
        }
    }
}
