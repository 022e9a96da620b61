package io.holdfast.manager.identity;

/** Who makes a request. Immutable. */
public sealed interface Caller {
    /** A word that no other caller has, for the log and for what is kept of a caller. */
    String id();

    /** Somebody who runs the platform and may do everything. */
    record Operator(String id) implements Caller {}

    /** A service broker: has the instances that it registered. */
    record Broker(String id) implements Caller {}

    /**
     * An app developer: what Cloud Controller allows.
     *
     * @param userId the identity provider's id of the user
     * @param name what people call the user
     * @param token what Cloud Controller is asked with
     */
    record Developer(String userId, String name, AccessToken token) implements Caller {
        @Override
        public String id() {
            return "user:" + userId;
        }
    }

    /** Nobody that is known. */
    record Nobody() implements Caller {
        @Override
        public String id() {
            return "nobody";
        }
    }
}
