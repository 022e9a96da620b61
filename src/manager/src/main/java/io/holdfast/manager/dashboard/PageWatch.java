package io.holdfast.manager.dashboard;

import io.holdfast.manager.http.EventStreams.Event;
import io.holdfast.manager.http.EventStreams.Look;
import io.holdfast.manager.http.EventStreams.Watch;
import java.util.List;
import java.util.function.Supplier;

/** Tells an open page what happens: {@code progress} with the HTML that is new, and {@code changed} once it is old. */
final class PageWatch implements Watch {
    private final String version;
    private final Supplier<Seen> seen;
    private String told = "";

    /**
     * What a page has to know.
     *
     * @param version another than the page's means that it is old
     * @param progress the HTML of what changes all the time
     */
    record Seen(String version, String progress) {}

    /**
     * Makes it.
     *
     * @param version the one that the page shows
     */
    PageWatch(String version, Supplier<Seen> seen) {
        this.version = version;
        this.seen = seen;
    }

    @Override
    public Look look() {
        Seen now = seen.get();
        if (!now.version().equals(version)) {
            return new Look(List.of(new Event("changed", "")), true);
        }
        if (now.progress().equals(told)) {
            return new Look(List.of(), false);
        }
        told = now.progress();
        return new Look(List.of(new Event("progress", told)), false);
    }
}
