package io.holdfast.manager.access;

import io.holdfast.manager.config.CloudControllerConfig;
import io.holdfast.manager.http.ErrorCode;
import io.holdfast.manager.http.HttpError;
import io.holdfast.manager.identity.Caller;
import io.holdfast.manager.identity.Secrets;
import io.holdfast.manager.identity.WebClient;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/**
 * Cloud Foundry's answer to what a developer may do with a service instance, asked with the developer's own token. That
 * somebody may see an instance is believed for a short while; whoever wants to act is asked about each time.
 */
public final class CloudController implements Permissions, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(CloudController.class);
    private static final Duration BELIEVED = Duration.ofSeconds(30);
    private static final int MOST_KNOWN = 10_000;

    private final URI url;
    private final WebClient web;
    private final InstantSource clock;
    private final LinkedHashMap<Question, Answer> known = new LinkedHashMap<>();

    /**
     * Makes it.
     *
     * @throws IOException when the CA file cannot be read
     */
    public CloudController(CloudControllerConfig config, InstantSource clock) throws IOException {
        this.url = config.url();
        this.web = new WebClient(config.caFile());
        this.clock = clock;
    }

    private record Question(String tokenHash, String instanceId) {}

    private record Answer(Permission permission, Instant until) {}

    @Override
    public Permission of(Caller.Developer developer, String instanceId, boolean fresh) {
        Question question = new Question(Secrets.hash(developer.token().value()), instanceId);
        synchronized (known) {
            Answer answer = known.get(question);
            if (!fresh && answer != null && answer.until().isAfter(clock.instant())) {
                return answer.permission();
            }
        }
        Permission permission = ask(developer, instanceId);
        synchronized (known) {
            known.put(question, new Answer(permission, clock.instant().plus(BELIEVED)));
            if (known.size() > MOST_KNOWN) {
                known.pollFirstEntry();
            }
        }
        return permission;
    }

    private Permission ask(Caller.Developer developer, String instanceId) {
        // An instance's id has letters that an address may have, see AgentIdentity.INSTANCE_ID.
        URI address = URI.create(
                url.toString().replaceAll("/$", "") + "/v3/service_instances/" + instanceId + "/permissions");
        WebClient.Answer answer;
        try {
            answer = web.send(web.request(address)
                    .header("Authorization", "bearer " + developer.token().value())
                    .GET()
                    .build());
        } catch (IOException e) {
            log.warn("Cloud Controller cannot be reached: {}: {}", address, String.valueOf(e.getMessage()));
            throw unavailable();
        }
        return switch (answer.status()) {
            case 200 -> new Permission(isTrue(answer.json(), "read"), isTrue(answer.json(), "manage"));
            case 403, 404 -> Permission.NONE;
            case 401 ->
                throw new HttpError(
                        ErrorCode.UNAUTHORIZED,
                        "Cloud Controller does not accept the token",
                        "log in again, or get a new token with cf oauth-token");
            default -> {
                log.warn("Cloud Controller answers {} at {}", answer.status(), address);
                throw unavailable();
            }
        };
    }

    private static boolean isTrue(JsonNode answer, String field) {
        return answer.path(field).booleanValue(false);
    }

    private static HttpError unavailable() {
        return new HttpError(
                ErrorCode.CLOUD_CONTROLLER_UNAVAILABLE,
                "Cloud Controller cannot be asked what the caller may do",
                "try again; the reason is in the manager's log");
    }

    @Override
    public void close() {
        web.close();
    }
}
