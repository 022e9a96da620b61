package io.holdfast.manager.catalogue;

import io.holdfast.manager.layout.StoreLayout;
import io.holdfast.manager.store.Store;
import io.holdfast.manager.store.Store.StoredObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What a store has of one instance, by the names of its objects.
 *
 * @param known whether there is anything that makes it an instance
 * @param keyVersions those with a key file
 * @param manifests the manifests, by their backups' ids
 * @param segments the sizes of all other objects in the backups' folders, in bytes, by their names in the store
 * @param strange the names of objects that nothing of Holdfast has
 */
record StoredInstance(
        boolean known,
        SortedSet<Integer> keyVersions,
        SortedMap<String, StoredObject> manifests,
        Map<String, Long> segments,
        List<String> strange) {
    private static final Pattern OBJECT = Pattern.compile("(?<record>instance\\.json)"
            + "|keys/(?<version>[1-9][0-9]{0,8})/key(?:\\.passphrase)?\\.age"
            + "|backups/(?<backup>[^/]+)/(?:(?<manifest>manifest\\.json)|[^/]+\\.zst\\.age)");

    /** Lists one. */
    static StoredInstance list(Store store, String instanceId) {
        return of(store.list(StoreLayout.folder(instanceId)).stream(), StoreLayout.folder(instanceId));
    }

    private static StoredInstance of(Stream<StoredObject> objects, String folder) {
        boolean[] known = {false};
        SortedSet<Integer> keyVersions = new TreeSet<>();
        SortedMap<String, StoredObject> manifests = new TreeMap<>();
        Map<String, Long> segments = new HashMap<>();
        List<String> strange = new ArrayList<>();
        objects.forEach(object -> {
            Matcher name = OBJECT.matcher(object.key().substring(folder.length()));
            if (!name.matches()) {
                strange.add(object.key());
            } else if (name.group("version") != null) {
                keyVersions.add(Integer.valueOf(name.group("version")));
            } else if (name.group("manifest") != null) {
                manifests.put(name.group("backup"), object);
            } else if (name.group("backup") != null) {
                segments.put(object.key(), object.size());
            }
            known[0] |= name.matches() && (name.group("backup") == null || name.group("manifest") != null);
        });
        return new StoredInstance(known[0], keyVersions, manifests, segments, strange);
    }
}
