package io.holdfast.manager.simulation;

import io.holdfast.manager.store.StoreException;
import io.holdfast.protocol.Assignment;
import io.holdfast.protocol.FailureCode;
import io.holdfast.protocol.PartUpload;
import io.holdfast.protocol.Phase;
import java.net.URI;
import java.util.List;

/** Dumps, uploads and reports. */
final class BackupAttempt extends Attempt {
    private static final int TRIES = 6;

    private final Assignment.Backup assignment;

    BackupAttempt(World world, SimulatedAgent agent, Object process, Assignment.Backup assignment) {
        super(world, agent, process, assignment.jobId(), assignment.epoch());
        this.assignment = assignment;
    }

    @Override
    void work() {
        enter(Phase.DUMPING);
        Dump dump = Dump.draw(world.chance(), assignment.recipients());
        world.invariants().dumped(job, epoch, dump);
        spend(1, 20);
        if (world.isChaotic() && world.chance().perMille(60)) {
            throw new Stopped(world.chance().oneOf(List.of(FailureCode.DUMP_FAILED, FailureCode.TOOL_MISSING)));
        }
        enter(Phase.DUMPING);
        for (Dump.Artifact artifact : dump.artifacts()) {
            for (int segment = 0; segment < artifact.segments().size(); segment++) {
                List<byte[]> parts = artifact.segments().get(segment).parts();
                for (int part = 0; part < parts.size(); part++) {
                    upload(artifact.name(), segment, part + 1, parts.get(part));
                }
            }
        }
        enter(Phase.COMMITTING);
        ask("completion", manager -> agent.requests().backupComplete(manager, job, dump.result(epoch)));
    }

    private void upload(String artifact, int segment, int part, byte[] content) {
        for (int tries = 0; tries < TRIES; tries++) {
            PartUpload wanted = new PartUpload(epoch, artifact, segment, part, content.length, Dump.md5(content));
            PartUpload.Address address = ask(
                    "part " + artifact + "." + segment + "." + part,
                    manager -> agent.requests().part(manager, job, wanted));
            spend(0, 3);
            if (!world.network().isCut(agent.name(), "store")
                    && !world.network().loses()) {
                try {
                    world.plainStore().send(URI.create(address.url()), content);
                    return;
                } catch (StoreException e) {
                    world.trace().add(agent.name(), "the store refuses a part: " + e.getMessage());
                }
            }
            spend(1, 20);
        }
        throw new Stopped(FailureCode.STORE_FAILED);
    }
}
