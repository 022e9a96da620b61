package io.holdfast.manager.dashboard;

import io.holdfast.manager.agents.Agents;
import io.holdfast.manager.agents.RefusedAgents;
import io.holdfast.manager.catalogue.Comparisons;
import io.holdfast.manager.jobs.JobQueue;
import io.holdfast.manager.jobs.Pauses;
import io.holdfast.manager.monitoring.HealthApi;
import io.holdfast.manager.store.ProbedStore;

/** What those who run the platform look at beside the instances. */
public record Fleet(
        Agents agents,
        RefusedAgents refused,
        Pauses pauses,
        JobQueue queue,
        HealthApi health,
        Comparisons comparisons,
        ProbedStore store) {}
