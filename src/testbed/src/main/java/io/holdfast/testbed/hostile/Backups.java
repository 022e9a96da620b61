package io.holdfast.testbed.hostile;

import io.holdfast.format.json.Json;
import io.holdfast.testbed.load.HttpsConnection;
import io.holdfast.testbed.load.ManagerSetup;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** Orders backups of one instance, one after the other, follows their events, and counts how they end. In a thread of its own. */
final class Backups implements Runnable {
    private static final Duration LONGEST = Duration.ofMinutes(5);
    private static final long LOOK_MILLIS = 500;
    private static final long PAUSE_MILLIS = 2000;

    private final ManagerSetup setup;
    private final String instance;
    private final List<Long> ordered = new ArrayList<>();
    private final List<String> failures = new ArrayList<>();
    private int followed;
    private volatile boolean over;

    Backups(ManagerSetup setup, String instance) {
        this.setup = setup;
        this.instance = instance;
    }

    void stop() {
        over = true;
    }

    synchronized int ordered() {
        return ordered.size();
    }

    /** How many were followed to their end by their events. */
    synchronized int followed() {
        return followed;
    }

    synchronized List<String> failures() {
        return List.copyOf(failures);
    }

    @Override
    public void run() {
        try {
            while (!over) {
                long id;
                try (HttpsConnection operator = setup.operator()) {
                    id = id(operator.call("POST", path(""), "{}"));
                }
                synchronized (this) {
                    ordered.add(id);
                }
                follow(id);
                await(id, "status", List.of("done"), List.of("failed", "deleted"));
                Thread.sleep(PAUSE_MILLIS);
            }
            for (long id : List.copyOf(ordered)) {
                verify(id);
            }
        } catch (IOException | RuntimeException e) {
            failed("of " + instance + ": " + e);
        } catch (InterruptedException e) {
            failed("interrupted");
        }
    }

    private String path(String rest) {
        return "/instances/" + instance + "/backups" + rest;
    }

    private long id(HttpsConnection.Answer answer) {
        if (answer.status() != 201) {
            throw new IllegalStateException("a backup is refused: " + answer.status() + " " + answer.text());
        }
        return Json.mapper().readTree(answer.text()).get("id").longValue();
    }

    /** Follows the events until there are no more to come. */
    private void follow(long id) throws IOException {
        try (HttpsConnection operator = setup.operator()) {
            HttpsConnection.Answer answer = operator.call("GET", "/instances/" + instance + "/events", "");
            if (answer.status() != 200) {
                failed("events of " + instance + ": " + answer.status() + " " + answer.text());
            } else if (answer.text().contains("\"id\":" + id)) {
                synchronized (this) {
                    followed++;
                }
            }
        }
    }

    private void await(long id, String field, List<String> good, List<String> bad)
            throws IOException, InterruptedException {
        long end = System.nanoTime() + LONGEST.toNanos();
        while (System.nanoTime() < end) {
            try (HttpsConnection operator = setup.operator()) {
                HttpsConnection.Answer answer = operator.call("GET", path("/" + id), "");
                if (answer.status() != 200) {
                    throw new IllegalStateException(answer.status() + " " + answer.text());
                }
                JsonNode backup = Json.mapper().readTree(answer.text());
                String found = field.equals("status")
                        ? backup.get("status").asString()
                        : backup.get("verification").get("state").asString();
                if (good.contains(found)) {
                    return;
                }
                if (bad.contains(found)) {
                    failed("backup " + id + " of " + instance + " is " + found + ": " + answer.text());
                    return;
                }
            }
            Thread.sleep(LOOK_MILLIS);
        }
        failed("backup " + id + " of " + instance + " has not become " + good);
    }

    private void verify(long id) throws IOException, InterruptedException {
        try (HttpsConnection operator = setup.operator()) {
            HttpsConnection.Answer answer = operator.call("POST", path("/" + id + "/verify"), "{}");
            if (answer.status() >= 300) {
                throw new IllegalStateException("verify: " + answer.status() + " " + answer.text());
            }
        }
        await(id, "verification", List.of("passed"), List.of("failed"));
    }

    private synchronized void failed(String what) {
        failures.add(what);
    }
}
