package io.holdfast.manager.store.directory;

import io.holdfast.manager.store.ObjectKeys;
import io.holdfast.manager.store.StoreException;
import io.holdfast.manager.store.StoreException.Kind;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.SecretKey;

/**
 * Makes and checks addresses that carry their own permission: method, key, size, MD5 and expiry are all under an
 * HMAC-SHA256. Any thread may use it.
 */
final class SignedAddresses {
    private static final String PURPOSE = "holdfast store address, version 1";

    private static final Pattern PUT_QUERY =
            Pattern.compile("size=(0|[1-9][0-9]{0,17})&md5=([A-Za-z0-9_-]{22})&expires=([1-9][0-9]{0,11})");
    private static final Pattern GET_QUERY = Pattern.compile("expires=([1-9][0-9]{0,11})");
    private static final String SIGNATURE = "&signature=";

    private final URI base;
    private final SecretKey secret;
    private final InstantSource clock;

    SignedAddresses(URI base, SecretKey secret, InstantSource clock) {
        this.base = base;
        this.secret = secret;
        this.clock = clock;
    }

    /** One object that may be written. The MD5 is in base64. */
    record PutGrant(String key, long size, String md5) {}

    URI forPut(PutGrant grant, Duration validFor) {
        return address(
                "PUT",
                grant.key(),
                "size=%d&md5=%s&expires=%d".formatted(grant.size(), inAddress(grant.md5()), expiry(validFor)));
    }

    URI forRead(String key, Duration validFor) {
        return address("GET", key, "expires=" + expiry(validFor));
    }

    /**
     * Checks a PUT.
     *
     * @param key the path below the base address
     * @throws StoreException of kind {@code DENIED} unless this is an address made here that is still good
     */
    PutGrant checkPut(String key, String query) {
        Matcher fields = check("PUT", key, query, PUT_QUERY);
        checkExpiry(fields.group(3));
        return new PutGrant(key, Long.parseLong(fields.group(1)), inBase64(fields.group(2)));
    }

    /** Checks a GET, likewise. */
    void checkRead(String key, String query) {
        checkExpiry(check("GET", key, query, GET_QUERY).group(1));
    }

    private URI address(String method, String key, String query) {
        return URI.create(base + "/" + key + "?" + query + SIGNATURE + signature(method, key, query));
    }

    private Matcher check(String method, String key, String query, Pattern shape) {
        int end = query.lastIndexOf(SIGNATURE);
        if (end < 0 || !ObjectKeys.isKey(key)) {
            throw denied("the address is not signed");
        }
        String signed = query.substring(0, end);
        String claimed = query.substring(end + SIGNATURE.length());
        Matcher fields = shape.matcher(signed);
        boolean right = MessageDigest.isEqual(
                signature(method, key, signed).getBytes(StandardCharsets.US_ASCII),
                claimed.getBytes(StandardCharsets.UTF_8));
        if (!right || !fields.matches()) {
            throw denied("the address's signature is wrong");
        }
        return fields;
    }

    private void checkExpiry(String expires) {
        if (clock.instant().getEpochSecond() >= Long.parseLong(expires)) {
            throw denied("the address has expired");
        }
    }

    private long expiry(Duration validFor) {
        if (!validFor.isPositive()) {
            throw new IllegalArgumentException("a signed address is valid for some time, not " + validFor);
        }
        return clock.instant().plus(validFor).getEpochSecond();
    }

    private String signature(String method, String key, String query) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(secret);
            String text = String.join("\n", PURPOSE, method, key, query);
            return HexFormat.of().formatHex(mac.doFinal(text.getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new AssertionError("every JDK has HMAC-SHA256", e);
        }
    }

    private static String inAddress(String base64) {
        return base64.replace('+', '-').replace('/', '_').replace("=", "");
    }

    private static String inBase64(String inAddress) {
        return inAddress.replace('-', '+').replace('_', '/') + "==";
    }

    private static StoreException denied(String message) {
        return new StoreException(Kind.DENIED, message, null);
    }
}
