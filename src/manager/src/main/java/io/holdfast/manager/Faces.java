package io.holdfast.manager;

import io.holdfast.manager.a9s.A9sApi;
import io.holdfast.manager.access.Callers;
import io.holdfast.manager.access.CloudController;
import io.holdfast.manager.access.GuardedRoutes;
import io.holdfast.manager.access.Idempotency;
import io.holdfast.manager.access.LoginRoutes;
import io.holdfast.manager.access.Permissions;
import io.holdfast.manager.access.Rights;
import io.holdfast.manager.agentapi.AgentApi;
import io.holdfast.manager.agentapi.AgentCalls;
import io.holdfast.manager.agentapi.AgentReportsApi;
import io.holdfast.manager.agentapi.AgentTransfersApi;
import io.holdfast.manager.api.BackupsApi;
import io.holdfast.manager.api.DeletionPreviewApi;
import io.holdfast.manager.api.EventsApi;
import io.holdfast.manager.api.FleetApi;
import io.holdfast.manager.api.InstancesApi;
import io.holdfast.manager.api.KeysApi;
import io.holdfast.manager.api.OpenApi;
import io.holdfast.manager.api.OwnersApi;
import io.holdfast.manager.api.PlansApi;
import io.holdfast.manager.api.QueueApi;
import io.holdfast.manager.api.RefusedAgentsApi;
import io.holdfast.manager.api.RestoresApi;
import io.holdfast.manager.config.ManagerConfig;
import io.holdfast.manager.config.ManagerConfig.Broker;
import io.holdfast.manager.dashboard.Changes;
import io.holdfast.manager.dashboard.Dashboard;
import io.holdfast.manager.dashboard.DashboardPages;
import io.holdfast.manager.dashboard.Fleet;
import io.holdfast.manager.dashboard.InstancePages;
import io.holdfast.manager.dashboard.RequestForms;
import io.holdfast.manager.downloads.DirectoryTransfers;
import io.holdfast.manager.downloads.DownloadsApi;
import io.holdfast.manager.http.ClientCertificates;
import io.holdfast.manager.http.EventStreams;
import io.holdfast.manager.http.Router;
import io.holdfast.manager.identity.Attempts;
import io.holdfast.manager.identity.Logins;
import io.holdfast.manager.identity.OpenidProvider;
import io.holdfast.manager.monitoring.HealthApi;
import io.holdfast.manager.monitoring.KeepingMetrics;
import io.holdfast.manager.monitoring.MetricsApi;
import io.holdfast.manager.registration.InstanceChanges;
import io.holdfast.manager.registration.OwnerChanges;
import io.holdfast.manager.registration.Ownership;
import io.holdfast.manager.state.StateCopies;
import io.holdfast.manager.store.Store;
import io.holdfast.manager.store.directory.DirectoryStore;
import io.holdfast.manager.wire.Lookup;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/**
 * What others see of the domain, put together in one place: the API, the a9s routes and the pages for operators, brokers,
 * app developers and browsers, and the routes for agents.
 */
final class Faces implements AutoCloseable {
    final Router operators = new Router();
    final Router agents = new Router();
    final EventStreams events = new EventStreams();
    final Logins logins;
    private final Closing parts = new Closing();

    /**
     * Makes them.
     *
     * @param plain the store, without repetitions
     * @param stateCopies null when none are made
     * @throws IOException when a file that the configuration names cannot be used
     */
    Faces(
            ManagerConfig config,
            ManagerCore core,
            Store store,
            Store plain,
            @Nullable StateCopies stateCopies,
            SecureRandom random,
            InstantSource clock)
            throws IOException {
        HealthApi health = new HealthApi(core.database, plain, clock);
        health.addTo(operators);
        new OpenApi().addTo(operators);
        Attempts attempts = new Attempts(clock);
        DashboardPages pages = new DashboardPages();
        OpenidProvider provider = config.login().openid() == null
                ? null
                : parts.add(new OpenidProvider(config.login().openid(), clock));
        logins = new Logins(core.database, config.login(), provider, random, clock);
        GuardedRoutes routes = new GuardedRoutes(
                operators,
                new Callers(
                        config.operators(),
                        config.brokers().stream().map(Broker::user).toList(),
                        provider,
                        attempts,
                        logins,
                        new Rights(core.instances, permissions(config, clock))),
                new Idempotency(core.database),
                pages);
        new LoginRoutes(config.operators(), provider, attempts, logins, pages, random).addTo(operators, routes);

        Lookup lookup = new Lookup(core.instances, core.backups, core.restores);
        Duration silence = config.jobs().silence();
        boolean downloads = config.downloads().enabled();
        PlansApi plansApi =
                new PlansApi(lookup, core.plans, core.scheduler, core.planChanges, core.holds, core.database::now);
        plansApi.addTo(routes);
        DownloadsApi downloadsApi = new DownloadsApi(
                lookup,
                core.keyVersions,
                store,
                core.lists,
                config.downloads(),
                plain instanceof DirectoryStore,
                clock);
        downloadsApi.addTo(routes);
        new EventsApi(lookup, core.open, events, downloads).addTo(routes);
        KeysApi keysApi = new KeysApi(lookup, core.keyVersions, core.encryptionKeys);
        keysApi.addTo(routes);
        Ownership ownership = new Ownership(config.operators(), config.brokers(), core.lives);
        new OwnersApi(lookup, new OwnerChanges(core.lives, ownership)).addTo(routes);
        InstanceChanges changes = new InstanceChanges(
                core.database, core.instances, core.lives, core.planChanges, core.encryptionKeys, ownership);
        new InstancesApi(lookup, changes, core.instanceDeletion, keysApi, plansApi, core.slots, downloads, silence)
                .addTo(routes);
        new BackupsApi(
                        lookup,
                        core.backupRequests,
                        core.verifications,
                        core.queue,
                        core.deletion,
                        core.plans,
                        downloads,
                        core.database::now)
                .addTo(routes);
        new DeletionPreviewApi(lookup, core.deletionPreview).addTo(routes);
        new RestoresApi(lookup, core.restoreRequests, core.queue).addTo(routes);
        new A9sApi(lookup, core.backupRequests, core.restoreRequests).addTo(routes);
        new FleetApi(core.agents, core.probed::abilities, core.comparisons, silence).addTo(routes);
        new RefusedAgentsApi(core.refused, core.refusals).addTo(routes);
        new QueueApi(lookup, core.open, core.pauses, core.queue, core.queueControl).addTo(routes);
        new MetricsApi(
                        config.metricsPassword(),
                        attempts,
                        core.instances,
                        core.agents,
                        core.jobCounts,
                        new KeepingMetrics(
                                core.deletions,
                                core.retention,
                                core.comparisons,
                                core.garbageCollection,
                                core.pauses,
                                stateCopies),
                        silence,
                        config.memoryAlertMb())
                .addTo(operators);
        new Dashboard(
                        pages,
                        new InstancePages(
                                lookup,
                                core.open,
                                core.protection,
                                core.plans,
                                core.scheduler,
                                silence,
                                core.database::now),
                        new Fleet(
                                core.agents,
                                core.refused,
                                core.pauses,
                                core.queue,
                                health,
                                core.comparisons,
                                core.probed),
                        new Changes(changes, core.planChanges, core.encryptionKeys),
                        downloadsApi,
                        events,
                        config.jobs().rollbackHours())
                .addTo(operators, routes);
        new RequestForms(lookup, core.backupRequests, core.restoreRequests).addTo(routes);

        AgentCalls calls = new AgentCalls(
                new ClientCertificates(config.tls().agentsCaFile(), clock),
                core.refused,
                config.tls().agentNames(),
                core.instances,
                core.agents);
        new AgentApi(calls, core.sessions, core.agents, core.queue, core.starts, config.jobs()).addTo(agents);
        new AgentReportsApi(calls, core.snapshots, core.queue, core.commits, core.backupJobs, core.restoreJobs)
                .addTo(agents);
        new AgentTransfersApi(calls, core.queue, core.uploads, core.lending, core.downloads).addTo(agents);
        if (plain instanceof DirectoryStore directory) {
            DirectoryTransfers transfers = new DirectoryTransfers(directory);
            transfers.addTo(agents);
            if (downloads) {
                transfers.addDownloadsTo(operators);
            }
        }
    }

    private Permissions permissions(ManagerConfig config, InstantSource clock) throws IOException {
        return config.cloudController() == null
                ? Permissions.NOBODYS
                : parts.add(new CloudController(config.cloudController(), clock));
    }

    @Override
    public void close() {
        parts.close();
    }
}
