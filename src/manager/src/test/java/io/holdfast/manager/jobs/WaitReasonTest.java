package io.holdfast.manager.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.manager.TestPlans;
import io.holdfast.manager.agents.AgentCertificate;
import io.holdfast.manager.backup.BackupState;
import io.holdfast.manager.instance.Instance;
import io.holdfast.manager.sql.TestDatabase;
import io.holdfast.protocol.AgentMemory;
import io.holdfast.protocol.Capability;
import io.holdfast.protocol.Hello;
import io.holdfast.protocol.NodeRole;
import io.holdfast.protocol.ProtocolVersion;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** That a job is given away exactly when people are told that nothing holds it back. */
@Tag("state")
class WaitReasonTest {
    private static final Duration SILENCE = Duration.ofSeconds(50);

    @TempDir
    Path folder;

    private TestPlans parts;
    private Instance shop;
    private NodeRole role = NodeRole.PRIMARY;

    @BeforeEach
    void open() {
        parts = new TestPlans(folder, TestPlans.MOST_RUNNING);
        shop = parts.instance("shop-1");
    }

    @AfterEach
    void close() {
        parts.close();
    }

    private void hold(WaitReason reason) throws InterruptedException {
        switch (reason) {
            case PAUSED -> new Pauses(parts.database).pauseInstance(shop.id(), "a test");
            case INSTANCE_BUSY -> {
                assertThat(parts.queue.claim(shop, 0, "session", role, Duration.ZERO))
                        .isPresent();
                parts.restoreJobs.queue(
                        shop,
                        parts.backups
                                .find(shop.id(), parts.backup(shop, BackupState.VERIFIED, Duration.ofDays(1)))
                                .orElseThrow());
                parts.agents.hello(
                        shop.id(),
                        1,
                        new AgentCertificate("2", "1".repeat(64)),
                        new Hello(
                                "other",
                                "postgresql",
                                "1",
                                "host",
                                "18",
                                List.of(),
                                List.of(),
                                ProtocolVersion.NEWEST,
                                Capability.words()),
                        ProtocolVersion.NEWEST);
            }
            case NOT_DUE -> TestDatabase.run(parts.database, "UPDATE job SET not_before = not_before + 3600000");
            case NO_AGENT -> TestDatabase.run(parts.database, "UPDATE agent SET last_seen_at = 0");
            case NO_FIT_AGENT -> {
                role = NodeRole.UNUSED_REPLICA;
                parts.agents.seen(shop.id(), 0, new AgentMemory(1, 1, 1, 1, null), role);
                parts.agents.noteSeen();
            }
            case MOST_RUNNING -> {
                for (String other : List.of("other-1", "other-2")) {
                    Instance instance = parts.instance(other);
                    parts.backupJobs.queue(instance);
                    assertThat(parts.queue.claim(instance, 0, "session", null, Duration.ZERO))
                            .isPresent();
                }
            }
            case ITS_AGENT -> {}
        }
    }

    @ParameterizedTest
    @EnumSource
    void aJobIsGivenAwayExactlyWhenNothingHoldsItBack(WaitReason reason) throws Exception {
        parts.backupJobs.queue(shop);
        hold(reason);
        List<WaitReason> told = new OpenJobs(parts.database, TestPlans.MOST_RUNNING, SILENCE)
                .list(shop.id(), 10).stream()
                        .filter(each -> each.state() == JobState.QUEUED)
                        .map(OpenJob::waitsFor)
                        .toList();
        assertThat(told).containsExactly(reason);

        boolean busy = reason == WaitReason.INSTANCE_BUSY;
        boolean given = parts.queue
                .claim(shop, busy ? 1 : 0, busy ? "other" : "session", role, Duration.ZERO)
                .isPresent();
        // An agent that asks is there.
        assertThat(given).isEqualTo(reason == WaitReason.ITS_AGENT || reason == WaitReason.NO_AGENT);
    }
}
