package io.holdfast.manager.layout;

import io.holdfast.format.manifest.Manifest;

/** Where in a store each thing lies; see {@code docs/format.md}. */
public final class StoreLayout {
    private static final String INSTANCES = "v1/instances/";
    private static final String STATES = "v1/manager/state/";

    private StoreLayout() {}

    /** Everything of all instances. */
    public static String instances() {
        return INSTANCES;
    }

    /** Everything of one instance. */
    public static String folder(String instanceId) {
        return INSTANCES + instanceId + "/";
    }

    /** The instance that an object belongs to; empty when it belongs to none. */
    public static String owner(String object) {
        return object.startsWith(INSTANCES)
                ? object.substring(INSTANCES.length()).split("/", 2)[0]
                : "";
    }

    /** Who an instance is. */
    public static String instance(String instanceId) {
        return INSTANCES + instanceId + "/instance.json";
    }

    /** An identity, wrapped for the recovery recipients and, unless its user alone keeps it, the master recipient. */
    public static String key(String instanceId, int version) {
        return INSTANCES + instanceId + "/keys/" + version + "/key.age";
    }

    /** The same identity, wrapped for the user's passphrase. */
    public static String passphraseKey(String instanceId, int version) {
        return INSTANCES + instanceId + "/keys/" + version + "/key.passphrase.age";
    }

    /** All backups of an instance. */
    public static String backups(String instanceId) {
        return INSTANCES + instanceId + "/backups/";
    }

    /** Everything of one backup. */
    public static String backup(String instanceId, String backupId) {
        return backups(instanceId) + backupId + "/";
    }

    /** A backup's manifest: written last, deleted first. */
    public static String manifest(String instanceId, String backupId) {
        return backup(instanceId, backupId) + "manifest.json";
    }

    /** All copies of the manager's own state. */
    public static String states() {
        return STATES;
    }

    /** Everything of one copy of the manager's own state. */
    public static String state(String name) {
        return STATES + name + "/";
    }

    /** The manifest of such a copy: written last, deleted first. */
    public static String stateManifest(String name) {
        return state(name) + "manifest.json";
    }

    /** One segment of such a copy. */
    public static String stateSegment(String name, String artifact, int segment) {
        return state(name) + Manifest.objectName(artifact, segment);
    }

    /** One segment of an artifact. */
    public static String segment(String instanceId, String backupId, String artifact, int segment) {
        return backup(instanceId, backupId) + Manifest.objectName(artifact, segment);
    }
}
