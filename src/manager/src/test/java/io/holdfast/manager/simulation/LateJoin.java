package io.holdfast.manager.simulation;

import io.holdfast.manager.ManagerCore;
import io.holdfast.manager.backup.Backup;
import io.holdfast.manager.instance.Instance;
import io.holdfast.manager.jobs.AttemptFailure;
import io.holdfast.manager.jobs.Job;
import io.holdfast.manager.store.Store;
import io.holdfast.protocol.Assignment;
import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.PartUpload;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * One manager stands still just before it joins the parts of an attempt; meanwhile the other gives that attempt up, and
 * commits the next one, before anything was swept. Too rare for chance.
 */
final class LateJoin {
    private final World world;
    private final AgentRequests agent;
    private final ManagerCore other;

    LateJoin(World world) {
        this.world = world;
        this.agent = new AgentRequests(world, "a", 0);
        this.other = SimulatedManager.start("other", world, world, world.plainStore(), point -> {});
    }

    /** What comes of it has to be readable. */
    void run() throws InterruptedException {
        agent.hello(other, "session");
        Instance instance = other.instances.find("a").orElseThrow();
        long number = other.backupJobs.queue(instance).number();
        Job job = upload();
        SimulatedManager.start("first", world, world, standingStill(() -> giveUpAndCommitTheNext(job)), point -> {})
                .commit
                .commit(job);
        Backup backup = other.backups.get(number);
        Invariants.require(backup.state().isGood(), () -> "the second attempt was not committed");
        world.invariants().requireReadable(backup);
    }

    private void giveUpAndCommitTheNext(Job job) {
        other.backupJobs.commitFailed(
                job, new AttemptFailure(FailureCode.STORE_MISMATCH, "a part seems to be lost", null));
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
        Dump dump = Dump.draw(world.chance(), assignment.recipients());
        world.invariants().dumped(assignment.jobId(), assignment.epoch(), dump);
        for (Dump.Artifact artifact : dump.artifacts()) {
            for (int segment = 0; segment < artifact.segments().size(); segment++) {
                List<byte[]> parts = artifact.segments().get(segment).parts();
                for (int part = 0; part < parts.size(); part++) {
                    byte[] content = parts.get(part);
                    PartUpload wanted = new PartUpload(
                            assignment.epoch(), artifact.name(), segment, part + 1, content.length, Dump.md5(content));
                    String address =
                            agent.part(other, assignment.jobId(), wanted).url();
                    world.plainStore().send(URI.create(address), content);
                }
            }
        }
        agent.backupComplete(other, assignment.jobId(), dump.result(assignment.epoch()));
        return other.jobs.committing().getFirst();
    }

    private Store standingStill(Runnable meanwhile) {
        AtomicBoolean stood = new AtomicBoolean();
        return (Store) Proxy.newProxyInstance(
                Store.class.getClassLoader(), new Class<?>[] {Store.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("completeUpload") && stood.compareAndSet(false, true)) {
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
