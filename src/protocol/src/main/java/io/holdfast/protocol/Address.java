package io.holdfast.protocol;

import java.util.Map;

/**
 * A request to the store that the manager has signed.
 *
 * @param url the address
 * @param headers headers to send exactly as given
 */
public record Address(String url, Map<String, String> headers) {
    public Address {
        headers = Map.copyOf(headers);
    }

    /** Says nothing: who has the address may use it. */
    @Override
    public String toString() {
        return "Address[hidden]";
    }
}
