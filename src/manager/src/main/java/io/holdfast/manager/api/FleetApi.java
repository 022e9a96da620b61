package io.holdfast.manager.api;

import static io.holdfast.manager.api.OperatorRoutes.readNothing;

import io.holdfast.manager.database.Agents;
import io.holdfast.manager.http.Reply;
import io.holdfast.manager.store.StoreAbilities;
import java.time.Duration;
import java.util.function.Supplier;

/** What the platform's operators look after: the agents and the store. */
public final class FleetApi {
    private final Agents agents;
    private final Supplier<StoreAbilities> abilities;
    private final Duration silence;

    /**
     * Makes it.
     *
     * @param abilities what the store can do
     * @param silence how long an agent may be silent and still counts as there
     */
    public FleetApi(Agents agents, Supplier<StoreAbilities> abilities, Duration silence) {
        this.agents = agents;
        this.abilities = abilities;
        this.silence = silence;
    }

    /** Adds the routes. */
    public void addTo(OperatorRoutes routes) {
        routes.get("/agents", request -> {
                    readNothing(request);
                    return Reply.json(200, agents.list(silence));
                })
                .get("/store", request -> {
                    readNothing(request);
                    return Reply.json(200, abilities.get());
                });
    }
}
