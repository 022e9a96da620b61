package io.holdfast.agent.adapter.postgresql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.holdfast.agent.attempt.JobException;
import java.util.List;
import org.junit.jupiter.api.Test;

class GlobalsTest {
    @Test
    void statementsAreTakenApartWithoutComments() throws Exception {
        Globals globals = Globals.parse("""
                --
                -- PostgreSQL database cluster dump; DROP ROLE x;
                --
                \\restrict abc
                SET client_encoding = 'UTF8';
                CREATE ROLE "a ""b; c";
                ALTER ROLE "a ""b; c" WITH NOSUPERUSER PASSWORD 'SCRAM;''x';
                ALTER ROLE "a ""b; c" SET x TO E'\\\\'; -- end
                CREATE TABLESPACE ts OWNER postgres LOCATION '/x';
                GRANT ALL ON TABLESPACE ts TO "a ""b; c";
                GRANT a TO b GRANTED BY postgres;
                \\unrestrict abc
                """);
        assertThat(globals.roles()).containsExactly("a \"b; c");
        assertThat(globals.tablespaces()).containsExactly("ts");
        assertThat(globals.changes()).hasSize(4);
        assertThat(globals.attributesOf("a \"b; c")).hasSize(1);
        assertThat(globals.applicable("a \"b; c", List.of()))
                .containsExactly("ALTER ROLE \"a \"\"b; c\" SET x TO E'\\\\'", "GRANT a TO b GRANTED BY postgres");
    }

    @Test
    void statementsOfOtherKindsAreRefused() {
        for (String hostile :
                List.of("DROP DATABASE app;", "CREATE ROLE a; COPY x FROM PROGRAM 'id';", "DO $$ begin end $$;")) {
            assertThat(catchThrowable(() -> Globals.parse(hostile))).as(hostile).isInstanceOf(JobException.class);
        }
    }

    @Test
    void clientCommandsAreNeverStatements() throws Exception {
        assertThat(Globals.parse("CREATE ROLE a;\n\\! touch /tmp/x\nCREATE ROLE b;")
                        .roles())
                .containsExactly("a", "b");
    }
}
