package io.holdfast.manager.identity;

import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.JWTParser;
import java.text.ParseException;
import java.util.Collection;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads the claims of tokens, whose forms differ between providers. What comes from outside is fit for the log. */
public final class Claims {
    private static final Pattern NOT_PLAIN = Pattern.compile("[^\\x21-\\x7e]");
    private static final int LONGEST = 128;

    private Claims() {}

    /** The user's id at the provider. UAA has it beside the subject, which is the client for a client's own token. */
    static String subject(JWTClaimsSet claims) {
        return plain(String.valueOf(claims.getSubject()));
    }

    /** Whom a token names that nobody has believed yet; for the log alone. */
    public static String saidBy(String token) {
        try {
            JWTClaimsSet claims = JWTParser.parse(token).getJWTClaimsSet();
            return claims == null ? "nobody" : name(claims);
        } catch (ParseException e) {
            return "nobody";
        }
    }

    /** What people call the user. */
    static String name(JWTClaimsSet claims) {
        return Stream.of("user_name", "preferred_username", "email", "client_id")
                .map(claims::getClaim)
                .filter(String.class::isInstance)
                .map(name -> plain((String) name))
                .findFirst()
                .orElseGet(() -> subject(claims));
    }

    /** Whether a token has a scope, or its user a group. */
    static boolean has(JWTClaimsSet claims, String group) {
        return Stream.of("scope", "groups", "roles").anyMatch(claim -> has(claims.getClaim(claim), group));
    }

    private static boolean has(@Nullable Object claim, String group) {
        return words(claim).anyMatch(group::equals);
    }

    /** What a claim has that is a text with spaces or a list. */
    static Stream<String> words(@Nullable Object claim) {
        return switch (claim) {
            case String text -> Stream.of(text.split(" ")).filter(word -> !word.isEmpty());
            case Collection<?> several -> several.stream().map(String::valueOf);
            case null -> Stream.empty();
            default -> Stream.empty();
        };
    }

    /** A short text without spaces and control characters. */
    static String plain(String text) {
        String plain = NOT_PLAIN.matcher(text).replaceAll("_");
        return plain.length() <= LONGEST ? plain : plain.substring(0, LONGEST);
    }
}
