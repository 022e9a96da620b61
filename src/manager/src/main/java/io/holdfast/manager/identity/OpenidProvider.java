package io.holdfast.manager.identity;

import com.nimbusds.jwt.JWTClaimsSet;
import io.holdfast.manager.config.LoginConfig.Openid;
import io.holdfast.manager.http.ErrorCode;
import io.holdfast.manager.http.HttpError;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/**
 * An OpenID provider (OpenID Connect Core and Discovery 1.0): the code flow with PKCE, and who a bearer token stands for.
 * Its addresses are asked of it when they are first needed, so the manager starts without it. Any thread may call.
 */
public final class OpenidProvider implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(OpenidProvider.class);
    private static final String CALLBACK = "/login/callback";

    private final Openid config;
    private final WebClient web;
    private final InstantSource clock;
    private volatile @Nullable Found found;

    /**
     * Makes it.
     *
     * @throws IOException when a file of the configuration cannot be read
     */
    public OpenidProvider(Openid config, InstantSource clock) throws IOException {
        this.config = config;
        this.clock = clock;
        this.web = new WebClient(config.caFile());
    }

    /** What the provider's discovery document says. */
    private record Found(URI authorization, URI token, TokenVerifier tokens) {}

    /** Tokens of somebody who has logged in; secret. */
    record Tokens(
            AccessToken access,
            @Nullable String refresh,
            @Nullable Instant expiresAt,
            String scope) {
        @Override
        public String toString() {
            return "Tokens[]";
        }
    }

    /** Somebody who has logged in. */
    public record Entry(Caller caller, String name, Tokens tokens) {}

    /** Where a browser is sent to log in. */
    public String address(String state, String nonce, String verifier) {
        Map<String, String> query = new LinkedHashMap<>();
        query.put("response_type", "code");
        query.put("client_id", config.clientId());
        query.put("redirect_uri", callback());
        query.put("scope", String.join(" ", config.scopes()));
        query.put("state", state);
        query.put("nonce", nonce);
        query.put("code_challenge", Secrets.hash(verifier));
        query.put("code_challenge_method", "S256");
        URI address = found().authorization();
        return address + (address.getRawQuery() == null ? "?" : "&") + form(query);
    }

    /**
     * Turns the code that a browser has brought back into somebody.
     *
     * @throws HttpError 401 when the provider or its ID token does not say so, 503 when it cannot be asked
     */
    public Entry enter(String code, String nonce, String verifier) {
        Map<String, String> form = new LinkedHashMap<>();
        form.put("grant_type", "authorization_code");
        form.put("code", code);
        form.put("redirect_uri", callback());
        form.put("code_verifier", verifier);
        JsonNode answer = tokens(form).orElseThrow(OpenidProvider::refused);
        JWTClaimsSet claims = found().tokens()
                .identity(answer.path("id_token").asString(""), nonce)
                .orElseThrow(OpenidProvider::refused);
        Tokens tokens = read(answer);
        return new Entry(caller(claims, tokens), Claims.name(claims), tokens);
    }

    private Caller caller(JWTClaimsSet claims, Tokens tokens) {
        String group = config.operatorGroup();
        boolean operates = group != null
                && (Claims.has(claims, group)
                        || List.of(tokens.scope().split(" ")).contains(group));
        Caller.Developer developer = new Caller.Developer(Claims.subject(claims), Claims.name(claims), tokens.access());
        return operates ? new Caller.Operator(developer.id()) : developer;
    }

    /** New tokens for old ones; empty when the provider does not give them any more. */
    Optional<Tokens> refreshed(String refreshToken) {
        return tokens(Map.of("grant_type", "refresh_token", "refresh_token", refreshToken))
                .map(answer -> {
                    Tokens fresh = read(answer);
                    return fresh.refresh() != null
                            ? fresh
                            : new Tokens(fresh.access(), refreshToken, fresh.expiresAt(), fresh.scope());
                });
    }

    /** Whether an answer that names its issuer (RFC 9207) comes from here. */
    public boolean isFrom(@Nullable String issuer) {
        return issuer == null || issuer.equals(config.issuer().toString());
    }

    /** Who an access token stands for that somebody shows; empty when it is not valid here. */
    public Optional<Caller> bearer(String token, Consumer<String> refused) {
        String group = config.operatorGroup();
        return found().tokens().access(token, refused).map(claims -> {
            Caller.Developer developer =
                    new Caller.Developer(Claims.subject(claims), Claims.name(claims), new AccessToken(token));
            return group != null && Claims.has(claims, group) ? new Caller.Operator(developer.id()) : developer;
        });
    }

    private Tokens read(JsonNode answer) {
        JsonNode seconds = answer.path("expires_in");
        return new Tokens(
                new AccessToken(answer.path("access_token").asString("")),
                answer.path("refresh_token").asString(null),
                seconds.isIntegralNumber() ? clock.instant().plusSeconds(seconds.longValue()) : null,
                answer.path("scope").asString(""));
    }

    /** Asks at the token address; empty when the provider says no. */
    private Optional<JsonNode> tokens(Map<String, String> form) {
        String client = encoded(config.clientId()) + ":" + encoded(config.clientSecret());
        HttpRequest request = web.request(found().token())
                .header(
                        "Authorization",
                        "Basic " + Base64.getEncoder().encodeToString(client.getBytes(StandardCharsets.UTF_8)))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString(form(form)))
                .build();
        try {
            WebClient.Answer answer = web.send(request);
            if (answer.status() == 200) {
                return Optional.of(answer.json());
            }
            log.warn(
                    "the identity provider gave no tokens: status {}, error {}",
                    answer.status(),
                    Claims.plain(answer.json().path("error").asString("none")));
            if (answer.status() >= 500) {
                throw unavailable();
            }
            return Optional.empty();
        } catch (IOException e) {
            log.warn("the identity provider cannot be asked for tokens: {}", String.valueOf(e.getMessage()));
            throw unavailable();
        }
    }

    private Found found() {
        Found known = found;
        if (known == null) {
            known = discover();
            found = known;
        }
        return known;
    }

    private Found discover() {
        String issuer = config.issuer().toString();
        URI address = URI.create(issuer.replaceAll("/$", "") + "/.well-known/openid-configuration");
        try {
            WebClient.Answer answer = web.send(web.request(address).GET().build());
            JsonNode document = answer.json();
            if (answer.status() != 200 || !document.path("issuer").asString("").equals(issuer)) {
                log.warn(
                        "{} does not describe the issuer {}: status {}, issuer {}",
                        address,
                        issuer,
                        answer.status(),
                        Claims.plain(document.path("issuer").asString("none")));
                throw unavailable();
            }
            return new Found(
                    URI.create(document.path("authorization_endpoint").asString()),
                    URI.create(document.path("token_endpoint").asString()),
                    new TokenVerifier(
                            config,
                            URI.create(document.path("jwks_uri").asString()),
                            web.tls().getSocketFactory()));
        } catch (IOException | IllegalArgumentException e) {
            log.warn("the identity provider cannot be used: {}: {}", address, String.valueOf(e.getMessage()));
            throw unavailable();
        }
    }

    private String callback() {
        return config.url().toString().replaceAll("/$", "") + CALLBACK;
    }

    private static String form(Map<String, String> fields) {
        return fields.entrySet().stream()
                .map(field -> field.getKey() + "=" + encoded(field.getValue()))
                .collect(Collectors.joining("&"));
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static HttpError refused() {
        return new HttpError(
                ErrorCode.UNAUTHORIZED,
                "the identity provider did not confirm the login",
                "try again; an operator finds the reason in the manager's log");
    }

    static HttpError unavailable() {
        return new HttpError(
                ErrorCode.IDENTITY_PROVIDER_UNAVAILABLE,
                "the identity provider cannot be asked who is calling",
                "try again; an operator finds the reason in the manager's log");
    }

    @Override
    public void close() {
        web.close();
    }
}
