package io.holdfast.manager.simulation;

import io.holdfast.manager.ManagerCore;
import io.holdfast.manager.backup.Backup;
import io.holdfast.manager.instance.Instance;
import io.holdfast.manager.jobs.AttemptFailure;
import io.holdfast.manager.jobs.Job;
import io.holdfast.manager.store.Store;
import io.holdfast.protocol.Address;
import io.holdfast.protocol.Assignment;
import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.SegmentUploads;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * One manager stands still in the middle of a commit; meanwhile the other gives that attempt up and commits the next one, or
 * commits the very same. Too rare for chance.
 */
final class LateCommit {
    private final World world;
    private final AgentRequests agent;
    private final ManagerCore other;

    LateCommit(World world) {
        this.world = world;
        this.agent = new AgentRequests(world, "a", 0);
        this.other = SimulatedManager.start("other", world, world, world.plainStore(), point -> {});
    }

    /** It stands still while it looks what is stored. */
    void ofAnAttemptThatWasGivenUp() throws InterruptedException {
        Backup backup = begun();
        Job job = upload();
        commitLate(job, "list", () -> giveUpAndCommitTheNext(job));
        requireReadable(backup);
    }

    /** It stands still just before it writes the list. */
    void ofWhatTheOtherHasCommitted() throws InterruptedException {
        Backup backup = begun();
        Job job = upload();
        commitLate(job, "put", () -> {
            other.commit.commit(job);
            other.garbageCollection.knownGarbage();
        });
        requireReadable(backup);
    }

    private Backup begun() {
        agent.hello(other, "session");
        Instance instance = other.instances.find("a").orElseThrow();
        return other.backups.get(other.backupJobs.queue(instance).number());
    }

    private void commitLate(Job job, String where, Runnable meanwhile) {
        SimulatedManager.start("first", world, world, standingStill(where, meanwhile), point -> {})
                .commit
                .commit(job);
    }

    private void requireReadable(Backup begun) {
        Backup backup = other.backups.get(begun.id());
        Invariants.require(backup.state().isGood(), () -> "nothing was committed");
        world.invariants().requireReadable(backup);
    }

    private void giveUpAndCommitTheNext(Job job) {
        other.backupJobs.commitFailed(
                job, new AttemptFailure(FailureCode.STORE_MISMATCH, "a segment seems to be lost", null));
        world.time().passTo(world.time().passedMillis() + Duration.ofHours(1).toMillis());
        try {
            other.commit.commit(upload());
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private Job upload() throws InterruptedException {
        Assignment.Backup assignment =
                (Assignment.Backup) agent.claim(other, "session").orElseThrow();
        Dump dump = Dump.draw(world.chance(), assignment, new ArrayList<>(), Map.of());
        world.invariants().dumped(assignment.jobId(), assignment.epoch(), dump);
        SegmentUploads wanted = new SegmentUploads(
                assignment.epoch(),
                dump.segments().stream().map(Dump.Segment::told).toList());
        List<Address> addresses = agent.uploads(other, assignment.jobId(), wanted);
        for (int i = 0; i < addresses.size(); i++) {
            world.plainStore()
                    .send(
                            URI.create(addresses.get(i).url()),
                            dump.segments().get(i).bytes());
        }
        agent.backupComplete(other, assignment.jobId(), dump.result(assignment.epoch()));
        return other.jobs.committing().getFirst();
    }

    private Store standingStill(String where, Runnable meanwhile) {
        AtomicBoolean stood = new AtomicBoolean();
        return (Store) Proxy.newProxyInstance(
                Store.class.getClassLoader(), new Class<?>[] {Store.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals(where) && stood.compareAndSet(false, true)) {
                        meanwhile.run();
                    }
                    try {
                        return method.invoke(world.plainStore(), arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }
}
