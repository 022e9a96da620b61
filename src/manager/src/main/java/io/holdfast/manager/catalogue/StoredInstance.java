package io.holdfast.manager.catalogue;

import io.holdfast.manager.layout.StoreLayout;
import io.holdfast.manager.store.Store;
import io.holdfast.manager.store.Store.StoredObject;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a store has of one instance, by the names of its objects.
 *
 * @param known whether there is anything that makes it an instance
 * @param keyVersions those with a key file
 * @param backupIds those with a manifest
 */
record StoredInstance(boolean known, SortedSet<Integer> keyVersions, SortedSet<String> backupIds) {
    private static final Pattern OBJECT = Pattern.compile(
            "instance\\.json|keys/(?<version>[1-9][0-9]{0,8})/key(?:\\.passphrase)?\\.age|backups/(?<backup>[^/]+)/manifest\\.json");

    /** Lists one. */
    static StoredInstance list(Store store, String instanceId) {
        String folder = StoreLayout.folder(instanceId);
        boolean known = false;
        SortedSet<Integer> keyVersions = new TreeSet<>();
        SortedSet<String> backupIds = new TreeSet<>();
        for (StoredObject object : store.list(folder)) {
            Matcher name = OBJECT.matcher(object.key().substring(folder.length()));
            if (name.matches()) {
                known = true;
                if (name.group("version") != null) {
                    keyVersions.add(Integer.valueOf(name.group("version")));
                } else if (name.group("backup") != null) {
                    backupIds.add(name.group("backup"));
                }
            }
        }
        return new StoredInstance(known, keyVersions, backupIds);
    }
}
