package io.holdfast.manager.identity;

/** An OAuth 2 access token, verified. A secret: it is not in this object's text. */
public record AccessToken(String value) {
    @Override
    public String toString() {
        return "AccessToken[]";
    }
}
