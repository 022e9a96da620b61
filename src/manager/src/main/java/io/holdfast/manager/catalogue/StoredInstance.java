package io.holdfast.manager.catalogue;

import io.holdfast.manager.layout.StoreLayout;
import io.holdfast.manager.store.Store;
import io.holdfast.manager.store.Store.StoredObject;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a store has of one instance, by the names of its objects.
 *
 * @param keyVersions those with a {@code key.age}
 * @param backupIds those with a manifest
 */
record StoredInstance(String instanceId, SortedSet<Integer> keyVersions, SortedSet<String> backupIds) {
    private static final Pattern OBJECT = Pattern.compile(Pattern.quote(StoreLayout.instances())
            + "(?<instance>[^/]+)/(instance\\.json|keys/(?<version>[1-9][0-9]{0,8})/key\\.age"
            + "|backups/(?<backup>[^/]+)/manifest\\.json)");

    /** All instances of a store, by name. */
    static List<StoredInstance> list(Store store) {
        SortedMap<String, StoredInstance> found = new TreeMap<>();
        for (StoredObject object : store.list(StoreLayout.instances())) {
            Matcher name = OBJECT.matcher(object.key());
            if (name.matches()) {
                StoredInstance instance = found.computeIfAbsent(
                        name.group("instance"), id -> new StoredInstance(id, new TreeSet<>(), new TreeSet<>()));
                if (name.group("version") != null) {
                    instance.keyVersions.add(Integer.valueOf(name.group("version")));
                } else if (name.group("backup") != null) {
                    instance.backupIds.add(name.group("backup"));
                }
            }
        }
        return new ArrayList<>(found.values());
    }
}
