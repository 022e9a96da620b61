package io.holdfast.manager.api;

import static io.holdfast.manager.access.GuardedRoutes.readNothing;

import io.holdfast.manager.access.GuardedRoutes;
import io.holdfast.manager.access.Right;
import io.holdfast.manager.agents.Agent;
import io.holdfast.manager.agents.AgentIdentity;
import io.holdfast.manager.agents.Agents;
import io.holdfast.manager.catalogue.Comparisons;
import io.holdfast.manager.catalogue.Comparisons.Compared;
import io.holdfast.manager.http.ErrorCode;
import io.holdfast.manager.http.HttpError;
import io.holdfast.manager.http.Reply;
import io.holdfast.manager.store.StoreAbilities;
import io.holdfast.manager.wire.Listing;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What the platform's operators look after: the agents and the store. */
public final class FleetApi {
    private static final Pattern NAME =
            Pattern.compile("(?<instance>" + AgentIdentity.INSTANCE_ID + ")/(?<position>[0-9]{1,4})");

    private final Agents agents;
    private final Supplier<StoreAbilities> abilities;
    private final Comparisons comparisons;
    private final Duration silence;

    /**
     * Makes it.
     *
     * @param abilities what the store can do
     * @param silence how long an agent may be silent and still counts as there
     */
    public FleetApi(Agents agents, Supplier<StoreAbilities> abilities, Comparisons comparisons, Duration silence) {
        this.agents = agents;
        this.comparisons = comparisons;
        this.abilities = abilities;
        this.silence = silence;
    }

    /** Adds the routes. */
    public void addTo(GuardedRoutes routes) {
        routes.get("/agents", Right.OPERATE, request -> {
                    readNothing(request);
                    return new Listing<>(this::agents, FleetApi::name, agent -> agent).reply(request);
                })
                .get("/store", Right.OPERATE, request -> {
                    readNothing(request);
                    return Reply.json(
                            200,
                            StoreView.of(abilities.get(), comparisons.last().orElse(null)));
                });
    }

    /**
     * The store.
     *
     * @param compared what the last comparison of the catalogue with it found, or null before the first
     */
    record StoreView(
            String description,
            boolean conditionalPut,
            boolean checksMd5,
            boolean objectLock,
            List<String> notes,
            @Nullable Compared compared) {
        static StoreView of(StoreAbilities able, @Nullable Compared compared) {
            return new StoreView(
                    able.description(),
                    able.conditionalPut(),
                    able.checksMd5(),
                    able.objectLock(),
                    able.notes(),
                    compared);
        }
    }

    private static String name(Agent agent) {
        return agent.instanceId() + "/" + agent.position();
    }

    private List<Agent> agents(String after, int most) {
        if (after.isEmpty()) {
            return agents.list("", 0, most, silence);
        }
        Matcher name = NAME.matcher(after);
        if (!name.matches()) {
            throw new HttpError(
                    ErrorCode.BAD_REQUEST, "parameter 'after' is not an instance's id, a slash and a number");
        }
        return agents.list(name.group("instance"), Integer.parseInt(name.group("position")), most, silence);
    }
}
