package io.holdfast.manager.identity;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.RemoteKeySourceException;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.jwk.source.JWKSourceBuilder;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.DefaultJOSEObjectTypeVerifier;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jose.util.DefaultResourceRetriever;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.nimbusds.jwt.proc.DefaultJWTClaimsVerifier;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import io.holdfast.manager.config.LoginConfig.Openid;
import java.net.MalformedURLException;
import java.net.URI;
import java.text.ParseException;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Verifies the tokens of one issuer: signature with one of its published keys, issuer, audience, and times. Keys are kept
 * for some minutes and asked for anew when a token names an unknown one. Any thread may call.
 */
public final class TokenVerifier {
    private static final Logger log = LoggerFactory.getLogger(TokenVerifier.class);
    private static final int CONNECT_MILLIS = 5_000;
    private static final int ANSWER_MILLIS = 10_000;
    private static final int LARGEST_KEYS = 1 << 20;

    /** With a public key only: an issuer's client secret signs nothing here. */
    private static final Set<JWSAlgorithm> ALGORITHMS = Set.of(
            JWSAlgorithm.RS256,
            JWSAlgorithm.RS384,
            JWSAlgorithm.RS512,
            JWSAlgorithm.PS256,
            JWSAlgorithm.PS384,
            JWSAlgorithm.PS512,
            JWSAlgorithm.ES256,
            JWSAlgorithm.ES384,
            JWSAlgorithm.ES512);

    /** RFC 9068, section 2.1. */
    private static final JOSEObjectType ACCESS_TOKEN = new JOSEObjectType("at+jwt");

    private final Openid config;
    private final JWKSource<SecurityContext> keys;

    TokenVerifier(Openid config, URI keys, SSLSocketFactory tls) throws MalformedURLException {
        this.config = config;
        this.keys = JWKSourceBuilder.create(
                        keys.toURL(),
                        new DefaultResourceRetriever(CONNECT_MILLIS, ANSWER_MILLIS, LARGEST_KEYS, true, tls))
                .retrying(true)
                .build();
    }

    /** The claims of an ID token that was made for this manager and for one login; empty when it is not valid. */
    Optional<JWTClaimsSet> identity(String token, String nonce) {
        JWTClaimsSet exact = new JWTClaimsSet.Builder()
                .issuer(config.issuer().toString())
                .claim("nonce", nonce)
                .build();
        return verified(
                        token,
                        config.clientId(),
                        exact,
                        why -> log.warn("an ID token was refused: {}", why),
                        JOSEObjectType.JWT,
                        null)
                // With several audiences the one who asked has to be named (OpenID Connect Core, 3.1.3.7).
                .filter(claims ->
                        claims.getAudience().size() == 1 || config.clientId().equals(claims.getClaim("azp")));
    }

    /** The claims of an access token for the platform (RFC 9068); empty when it is not valid. */
    Optional<JWTClaimsSet> access(String token, Consumer<String> refused) {
        JWTClaimsSet exact =
                new JWTClaimsSet.Builder().issuer(config.issuer().toString()).build();
        return verified(token, config.audience(), exact, refused, JOSEObjectType.JWT, ACCESS_TOKEN, null)
                .filter(claims -> {
                    boolean isAccess = isMarkedAsAccessToken(token) || !isIdToken(claims);
                    // UAA's refresh tokens look the same but for their id, which ends so.
                    boolean isRefresh =
                            claims.getJWTID() != null && claims.getJWTID().endsWith("-r");
                    if (!isAccess || isRefresh) {
                        refused.accept(
                                isRefresh
                                        ? "a refresh token is not an access token"
                                        : "an ID token is not an access token");
                    }
                    return isAccess && !isRefresh;
                });
    }

    private static boolean isMarkedAsAccessToken(String token) {
        try {
            return ACCESS_TOKEN.equals(SignedJWT.parse(token).getHeader().getType());
        } catch (ParseException e) {
            return false;
        }
    }

    /**
     * Whether a token that its header does not tell apart was made for a client, to know who has logged in, and not for an
     * API. Only ID tokens have a hash of the access token or code beside them (OpenID Connect Core, 3.1.3.6 and 3.3.2.11);
     * most have no scope, UAA's always have {@code openid} alone, and Keycloak's say so.
     */
    public static boolean isIdToken(JWTClaimsSet claims) {
        Set<String> scopes = Stream.of("scope", "scp", "authorities")
                .flatMap(name -> Claims.words(claims.getClaim(name)))
                .collect(Collectors.toSet());
        return claims.getClaim("at_hash") != null
                || claims.getClaim("c_hash") != null
                || "ID".equals(claims.getClaim("typ"))
                || scopes.isEmpty()
                || scopes.equals(Set.of("openid"));
    }

    private Optional<JWTClaimsSet> verified(
            String token,
            String audience,
            JWTClaimsSet exact,
            Consumer<String> refused,
            @Nullable JOSEObjectType... types) {
        DefaultJWTProcessor<SecurityContext> processor = new DefaultJWTProcessor<>();
        processor.setJWSTypeVerifier(new DefaultJOSEObjectTypeVerifier<>(types));
        processor.setJWSKeySelector(new JWSVerificationKeySelector<>(ALGORITHMS, keys));
        processor.setJWTClaimsSetVerifier(
                new DefaultJWTClaimsVerifier<>(Set.of(audience), exact, Set.of("sub", "exp"), Set.of()));
        try {
            return Optional.of(processor.process(token, null));
        } catch (RemoteKeySourceException e) {
            log.warn("the identity provider's keys cannot be read: {}", String.valueOf(e.getMessage()));
            throw OpenidProvider.unavailable();
        } catch (ParseException | BadJOSEException | JOSEException e) {
            refused.accept(String.valueOf(e.getMessage()));
            return Optional.empty();
        }
    }
}
