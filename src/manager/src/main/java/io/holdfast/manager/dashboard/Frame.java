package io.holdfast.manager.dashboard;

import org.jspecify.annotations.Nullable;

/**
 * What stands around each page.
 *
 * @param title of the page
 * @param part which entry of the navigation it belongs to
 * @param user who is logged in, or null
 * @param operator whether the navigation is shown
 * @param csrfToken what forms have to bring along, or null without a session
 * @param events where to listen for changes, or null
 */
record Frame(
        Assets assets,
        String title,
        Part part,
        @Nullable String user,
        boolean operator,
        @Nullable String csrfToken,
        @Nullable String events) {
    /** The parts of the navigation. */
    enum Part {
        OVERVIEW,
        JOBS,
        AGENTS,
        STORE,
        NONE
    }

    /** For {@code aria-current}; null leaves it out. */
    @Nullable String current(Part other) {
        return part == other ? "page" : null;
    }

    Frame withEvents(String address) {
        return new Frame(assets, title, part, user, operator, csrfToken, address);
    }
}
