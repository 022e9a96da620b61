package io.holdfast.agent.adapter.postgresql;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.format.json.Json;
import io.holdfast.testbed.PostgresCluster;
import org.junit.jupiter.api.Test;

class DatabasePropertiesTest {
    /** Of PostgreSQL 12 to 14: no provider is told, and all databases have libc's. */
    private static final String OLDER = """
            {"name": "shop", "artifact": "shop", "encoding": "UTF8", "collate": "C.UTF-8", "ctype": "C.UTF-8",
             "owner": "postgres", "tablespace": "pg_default", "connection_limit": -1, "template": false, "settings": []}
            """;

    @Test
    void p5_databaseOfAServerWithoutProvidersKeepsLibcOnOneWhoseDefaultIsAnother() {
        DatabaseProperties older = Json.mapper().readValue(OLDER, DatabaseProperties.class);
        try (PostgresCluster cluster = PostgresCluster.startWithIcu()) {
            assertThat(cluster.psql("postgres", "SELECT datlocprovider FROM pg_database WHERE datname = 'template0'"))
                    .isEqualTo("i");
            int major = Integer.parseInt(cluster.psql("postgres", "SHOW server_version_num")) / 10_000;
            cluster.psql("postgres", older.create("shop", false, major));
            assertThat(cluster.psql(
                            "shop",
                            "SELECT datlocprovider, datcollate, 'a' > 'B' FROM pg_database WHERE datname = 'shop'"))
                    .isEqualTo("c|C.UTF-8|t");
        }
    }
}
