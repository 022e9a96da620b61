package io.holdfast.manager.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.manager.agents.Agent;
import io.holdfast.manager.agents.AgentCertificate;
import io.holdfast.manager.agents.Agents;
import io.holdfast.manager.instance.Instances;
import io.holdfast.manager.sql.Database;
import io.holdfast.manager.sql.TestDatabase;
import io.holdfast.manager.wire.WaitingFor;
import io.holdfast.protocol.AgentMemory;
import io.holdfast.protocol.Capability;
import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.Hello;
import io.holdfast.protocol.NodeRole;
import io.holdfast.protocol.ProtocolVersion;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which of an instance's nodes gets a job. */
@Tag("state")
class NodeRolesTest {
    private static final Duration LEASE = Duration.ofSeconds(30);
    private static final Duration LONG = Duration.ofMinutes(10);
    private static final Duration NONE = Duration.ofSeconds(-1);

    @TempDir
    Path folder;

    private Database database;
    private JobTable jobs;
    private Agents agents;
    private long instance;

    @BeforeEach
    void open() {
        database = TestDatabase.open(folder);
        jobs = new JobTable(database);
        agents = new Agents(database);
        Instances instances = new Instances(database);
        instances.register("shop-1", "postgresql");
        instance = instances.find("shop-1").orElseThrow().id();
    }

    @AfterEach
    void close() {
        database.close();
    }

    /** The agents of the instance's nodes are online, in the order of their positions. */
    private void nodes(@Nullable NodeRole... roles) {
        for (int position = 0; position < roles.length; position++) {
            agents.hello(
                    instance,
                    position,
                    new AgentCertificate("1", "0".repeat(64)),
                    new Hello(
                            "s" + position,
                            "postgresql",
                            "1",
                            "host",
                            "15",
                            List.of(),
                            List.of(),
                            ProtocolVersion.NEWEST,
                            Capability.words()),
                    ProtocolVersion.NEWEST);
            agents.seen(instance, position, new AgentMemory(1, 1, 1, 1, null), roles[position]);
        }
        agents.noteSeen();
    }

    private Optional<Job> claim(int position, @Nullable NodeRole role, Duration silence) {
        JobLeaseTable leases = new JobLeaseTable(database, 10, silence);
        JobLeaseTable.Node node = new JobLeaseTable.Node(instance, position, "s" + position, role);
        Optional<Job> job = leases.claim(node, LEASE);
        assertThat(leases.untilDue(node).isPresent())
                .as("the look before the claim tells the same")
                .isEqualTo(job.isPresent());
        return job;
    }

    private Optional<Job> claim(int position, @Nullable NodeRole role) {
        return claim(position, role, LONG);
    }

    private long queue(JobKind kind) {
        return jobs.add(instance, kind, JobOrigin.REQUEST).orElseThrow();
    }

    private @Nullable String waitingFor(Duration silence) {
        return WaitingFor.text(new OpenJobs(database, 10, silence).list(10).getFirst(), 10);
    }

    @Test
    void aBackupIsTheReplicasAndARestoreThePrimarys() {
        nodes(NodeRole.PRIMARY, NodeRole.REPLICA);
        long backup = queue(JobKind.BACKUP);

        assertThat(claim(0, NodeRole.PRIMARY)).isEmpty();
        assertThat(claim(1, NodeRole.REPLICA)).map(Job::id).contains(backup);

        jobs.endAttempt(backup, instance, 1, JobState.RUNNING, reason(FailureCode.DUMP_FAILED), null);
        long restore = queue(JobKind.RESTORE);
        assertThat(claim(1, NodeRole.REPLICA)).isEmpty();
        assertThat(claim(0, NodeRole.PRIMARY)).map(Job::id).contains(restore);
    }

    private static AttemptFailure reason(FailureCode code) {
        return new AttemptFailure(code, "a test", null);
    }

    @Test
    void aReplicaThatIsNotHeardOfLeavesTheBackupToThePrimary() {
        nodes(NodeRole.PRIMARY, NodeRole.REPLICA);
        long backup = queue(JobKind.BACKUP);

        assertThat(claim(0, NodeRole.PRIMARY, NONE)).map(Job::id).contains(backup);
    }

    @Test
    void whatTheReplicaCouldNotMakeMayBeMadeOnThePrimary() {
        nodes(NodeRole.PRIMARY, NodeRole.REPLICA);
        long backup = queue(JobKind.BACKUP);
        assertThat(claim(1, NodeRole.REPLICA)).isPresent();

        jobs.endAttempt(backup, instance, 1, JobState.RUNNING, reason(FailureCode.DUMP_FAILED), Duration.ZERO);

        assertThat(claim(0, NodeRole.PRIMARY)).map(Job::id).contains(backup);
    }

    @Test
    void aReplicaThatIsNotToBeUsedGetsNothingAndWhoWaitsIsToldWhy() {
        nodes(NodeRole.UNUSED_REPLICA);
        long backup = queue(JobKind.BACKUP);
        assertThat(claim(0, NodeRole.UNUSED_REPLICA)).isEmpty();
        assertThat(waitingFor(LONG)).contains("too far behind");
        assertThat(waitingFor(NONE)).contains("none of the instance was seen");
        assertThat(jobs.requestCancel(backup)).isTrue();

        queue(JobKind.RESTORE);
        assertThat(claim(0, NodeRole.UNUSED_REPLICA)).isEmpty();
        assertThat(claim(0, NodeRole.REPLICA)).isEmpty();
        assertThat(waitingFor(LONG)).contains("the primary's agent");
    }

    @Test
    void aNodeThatCannotTellItsRoleIsTheLast() {
        nodes(null, NodeRole.PRIMARY, NodeRole.REPLICA);
        queue(JobKind.RESTORE);
        assertThat(claim(0, null)).isEmpty();
        assertThat(claim(0, null, NONE)).isPresent();
    }

    @Test
    void ofNodesWithoutRolesAnyGetsIt() {
        nodes(null, null, null);
        queue(JobKind.BACKUP);
        assertThat(claim(2, null)).isPresent();
    }

    @Test
    void aHeartbeatDoesNotChangeTheRole() {
        nodes(NodeRole.PRIMARY, NodeRole.REPLICA);
        agents.seen(instance, 1, new AgentMemory(2, 2, 2, 2, null));
        agents.noteSeen();
        assertThat(agents.list("", -1, 10, LONG))
                .extracting(Agent::role)
                .containsExactly(NodeRole.PRIMARY, NodeRole.REPLICA);
    }
}
