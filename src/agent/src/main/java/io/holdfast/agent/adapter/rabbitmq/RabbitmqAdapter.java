package io.holdfast.agent.adapter.rabbitmq;

import io.holdfast.agent.adapter.Adapter;
import io.holdfast.agent.adapter.Dump;
import io.holdfast.agent.adapter.InPlaceRestore;
import io.holdfast.agent.adapter.Restore;
import io.holdfast.agent.adapter.RestoreFiles;
import io.holdfast.agent.adapter.RestoreJournal;
import io.holdfast.agent.adapter.ServiceInspection;
import io.holdfast.agent.attempt.Attempt;
import io.holdfast.agent.attempt.BackupId;
import io.holdfast.agent.config.RabbitmqConfig;
import io.holdfast.protocol.FailureCode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** RabbitMQ 3.8 and newer, with its management plugin. */
public final class RabbitmqAdapter implements Adapter {
    private final RabbitmqConfig config;
    private final Path workDirectory;

    /**
     * An adapter for one cluster.
     *
     * @param workDirectory for a restore's files
     */
    public RabbitmqAdapter(RabbitmqConfig config, Path workDirectory) {
        this.config = config;
        this.workDirectory = workDirectory;
    }

    @Override
    public String service() {
        return "rabbitmq";
    }

    @Override
    public ServiceInspection inspect() {
        ManagementApi api = ManagementApi.inPassing(config);
        try {
            Broker broker = Broker.of(api);
            try {
                broker.requireRightsToRestore(api);
            } catch (IOException e) {
                return new ServiceInspection(broker.version(), List.of(), List.of(String.valueOf(e.getMessage())));
            }
            return new ServiceInspection(broker.version(), List.of(), List.of());
        } catch (IOException e) {
            return new ServiceInspection(null, List.of(), List.of(String.valueOf(e.getMessage())));
        }
    }

    @Override
    public Dump dump(BackupId backup, Attempt attempt) throws IOException {
        ManagementApi api = new ManagementApi(config, attempt.stop(), FailureCode.DUMP_FAILED);
        Broker broker = Broker.of(api);
        return new DefinitionsDump(api, broker, VhostSelection.of(config.vhosts(), api));
    }

    @Override
    public Restore restore(RestoreJournal journal, Attempt attempt) {
        return new InPlaceRestore(
                new RabbitmqData(new ManagementApi(config, attempt.stop(), FailureCode.RESTORE_FAILED)),
                new RestoreFiles(workDirectory, journal.entry().restore()),
                journal,
                attempt);
    }

    @Override
    public void tidy() throws IOException {
        RestoreFiles.removeExpired(workDirectory);
    }

    @Override
    public void close() {
        // Nothing is held open between jobs.
    }
}
