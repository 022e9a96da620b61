package io.holdfast.agent.adapter.postgresql;

import io.holdfast.agent.attempt.StopSignal;
import io.holdfast.agent.process.ProcessRunner;
import io.holdfast.agent.process.RunningProcess;
import java.io.IOException;
import java.util.List;

/**
 * The client programs of one folder, at one server, for one attempt.
 *
 * @param stop ends what was started
 */
record Programs(Server server, ClientTools.Folder folder, ProcessRunner runner, StopSignal stop) {
    /** Starts one that reads. */
    RunningProcess start(String name, List<String> arguments) throws IOException, InterruptedException {
        return runner.start(server.command(folder.program(name), arguments, false), stop);
    }

    /** Starts one that writes into databases that are being restored. */
    RunningProcess startRestoring(String name, List<String> arguments) throws IOException, InterruptedException {
        return runner.start(server.command(folder.program(name), arguments, true), stop);
    }
}
