package io.holdfast.manager.agents;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holdfast.manager.config.AgentNames;
import io.holdfast.protocol.tls.PemFiles;
import io.holdfast.testbed.Certificates;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
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

    private static final AgentNames NAMES = AgentNames.of(List.of("q-s0.*.default.service-instance-{instance}.bosh"));

    @Test
    void b16_theAddressOfADeploymentStandsForAnInstanceWhereAPatternSaysSo() throws IOException {
        Certificates.Issued group =
                certificates.client("group", "q-s0.postgres.default.service-instance-5f6c2a8e-0d6b.bosh");
        assertThat(of(group)).contains(new AgentIdentity("5f6c2a8e-0d6b", 0));
        assertThat(of(group, 2)).contains(new AgentIdentity("5f6c2a8e-0d6b", 2));
        for (String other : List.of(
                "q-s0.postgres.default.other-shop.bosh",
                "q-s0.postgres.other.service-instance-shop.bosh",
                "q-s0.a.b.default.service-instance-shop.bosh",
                "q-s0.postgres.default.service-instance-shop.bosh.example",
                "x.q-s0.postgres.default.service-instance-shop.bosh",
                "q-s0.postgres.default.service-instance-.bosh",
                "q-s0.postgres.default.service-instance-a.service-instance-b.bosh")) {
            assertThat(of(certificates.client("other", other))).as(other).isEmpty();
        }
        assertThat(of(certificates.client(
                        "two",
                        "q-s0.postgres.default.service-instance-a.bosh",
                        "q-s0.postgres.default.service-instance-b.bosh")))
                .isEmpty();
        assertThat(AgentIdentity.of(
                        PemFiles.certificates(group.certificateFile()).getFirst(), AgentNames.NONE, null))
                .isEmpty();
    }

    @Test
    void b16_aPatternHasTheInstanceInItOnceAndNoPatternIsARegularExpression() {
        for (String wrong : List.of(
                "",
                ".",
                "q-s0.bosh",
                "{instance}.{instance}.bosh",
                "{instance}{instance}.bosh",
                "a..{instance}",
                ".*.{instance}",
                "(.*).{instance}",
                "Q-S0.{instance}",
                "{instance}.b osh",
                "*{instance}.bosh",
                "**.{instance}")) {
            assertThatThrownBy(() -> AgentNames.of(List.of(wrong)))
                    .as(wrong)
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    private static Optional<AgentIdentity> of(Certificates.Issued issued) throws IOException {
        return of(issued, null);
    }

    private static Optional<AgentIdentity> of(Certificates.Issued issued, @Nullable Integer index) throws IOException {
        return AgentIdentity.of(PemFiles.certificates(issued.certificateFile()).getFirst(), NAMES, index);
    }
}
