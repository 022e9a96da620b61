package io.holdfast.manager.layout;

import io.holdfast.format.segment.SegmentName;

/** Where in a store each thing is; see {@code docs/format.md}. */
public final class StoreLayout {
    private static final String INSTANCES = "v2/instances/";
    private static final String STATES = "v2/manager/state/";

    /** Where managers stored what this release does not read. */
    private static final String OLDER = "v1/instances/";

    private StoreLayout() {}

    /** Everything that managers of the format before this one have stored. */
    public static String older() {
        return OLDER;
    }

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

    /** The manifests and lists of all backups of an instance. */
    public static String backups(String instanceId) {
        return INSTANCES + instanceId + "/backups/";
    }

    /** The manifest and the list of one backup. */
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

    /** The list of such a copy's segments. */
    public static String stateList(String name) {
        return state(name) + "segments.list";
    }

    /** One segment of such a copy. */
    public static String stateSegment(SegmentName segment) {
        return state(segment.backupId()) + segment.path();
    }

    /** The list of a backup's segments. */
    public static String list(String instanceId, String backupId) {
        return backup(instanceId, backupId) + "segments.list";
    }

    /** All segments of an instance. */
    public static String segments(String instanceId) {
        return folder(instanceId) + "segments/";
    }

    /** All segments that attempts at one backup have brought. */
    public static String segments(String instanceId, String backupId) {
        return folder(instanceId) + SegmentName.folder(backupId);
    }

    /** One segment. */
    public static String segment(String instanceId, SegmentName segment) {
        return folder(instanceId) + segment.path();
    }
}
