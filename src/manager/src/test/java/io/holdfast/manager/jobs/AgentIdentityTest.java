package io.holdfast.manager.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.protocol.tls.PemFiles;
import io.holdfast.testbed.Certificates;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AgentIdentityTest {
    @TempDir
    Path folder = Path.of("");

    private Certificates certificates;

    @BeforeEach
    void authority() {
        certificates = new Certificates(folder);
    }

    @Test
    void aUriNamesTheAgent() throws IOException {
        assertThat(of(certificates.agent("shop-1", 2))).contains(new AgentIdentity("shop-1", 2));
    }

    @Test
    void aDnsNameAsBoshMakesItNamesTheAgentToo() throws IOException {
        assertThat(of(certificates.client("bosh", "0.5f6c2a8e-0d6b-4c1e.agent.holdfast", "localhost")))
                .contains(new AgentIdentity("5f6c2a8e-0d6b-4c1e", 0));
        assertThat(of(certificates.client("dots", "3.a.b.agent.holdfast"))).contains(new AgentIdentity("a.b", 3));
    }

    @Test
    void otherNamesAndTwoNamesAreNobody() throws IOException {
        assertThat(of(certificates.client("none", "localhost"))).isEmpty();
        assertThat(of(certificates.client("nothing", "0..agent.holdfast"))).isEmpty();
        assertThat(of(certificates.client("longer", "0.shop.agent.holdfast.example")))
                .isEmpty();
        assertThat(of(certificates.client("letter", "x.shop.agent.holdfast"))).isEmpty();
        assertThat(of(certificates.client("two", "0.shop.agent.holdfast", "0.other.agent.holdfast")))
                .isEmpty();
    }

    @Test
    void ofSeveralAgentsThatACertificateNamesTheCallerSaysWhichOneItIs() throws IOException {
        Certificates.Issued group = certificates.client("group", "0.shop.agent.holdfast", "1.shop.agent.holdfast");
        assertThat(of(group)).isEmpty();
        assertThat(of(group, 1)).contains(new AgentIdentity("shop", 1));
        assertThat(of(group, 2)).isEmpty();
        assertThat(of(certificates.agent("shop", 0), 1)).isEmpty();
        assertThat(of(certificates.client("mixed", "0.shop.agent.holdfast", "0.other.agent.holdfast"), 0))
                .isEmpty();
    }

    private static Optional<AgentIdentity> of(Certificates.Issued issued) throws IOException {
        return of(issued, null);
    }

    private static Optional<AgentIdentity> of(Certificates.Issued issued, @Nullable Integer index) throws IOException {
        return AgentIdentity.of(PemFiles.certificates(issued.certificateFile()).getFirst(), index);
    }
}
