package io.holdfast.manager.catalogue;

import io.holdfast.format.segment.Bringer;
import io.holdfast.format.segment.SegmentName;
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

/**
 * What a store has of one instance, by the names of its objects.
 *
 * @param known whether there is anything that makes it an instance
 * @param keyVersions those with a key file
 * @param manifests the manifests, by their backups' ids
 * @param lists the sizes of the lists of segments, in bytes, by their backups' ids
 * @param segments the segments, by who has brought them
 * @param strange the names of objects that nothing of Holdfast has
 */
record StoredInstance(
        boolean known,
        SortedSet<Integer> keyVersions,
        SortedMap<String, StoredObject> manifests,
        Map<String, Long> lists,
        Map<Bringer, BroughtSegments> segments,
        List<String> strange) {
    private static final Pattern OBJECT = Pattern.compile("(?<record>instance\\.json)"
            + "|keys/(?<version>[1-9][0-9]{0,8})/key(?:\\.passphrase)?\\.age"
            + "|backups/(?<backup>[^/]+)/(?:(?<manifest>manifest\\.json)|segments\\.list)");

    /** Lists one. */
    static StoredInstance list(Store store, String instanceId) {
        Filling filling = new Filling(StoreLayout.folder(instanceId));
        store.list(StoreLayout.folder(instanceId), filling::add);
        return new StoredInstance(
                filling.known,
                filling.keyVersions,
                filling.manifests,
                filling.lists,
                filling.segments,
                filling.strange);
    }

    private static final class Filling {
        private final String folder;
        private final SortedSet<Integer> keyVersions = new TreeSet<>();
        private final SortedMap<String, StoredObject> manifests = new TreeMap<>();
        private final Map<String, Long> lists = new TreeMap<>();
        private final Map<Bringer, BroughtSegments> segments = new HashMap<>();
        private final List<String> strange = new ArrayList<>();
        private boolean known;

        Filling(String folder) {
            this.folder = folder;
        }

        void add(StoredObject object) {
            String path = object.key().substring(folder.length());
            Matcher name = OBJECT.matcher(path);
            if (!name.matches()) {
                addSegment(path, object);
            } else if (name.group("version") != null) {
                keyVersions.add(Integer.valueOf(name.group("version")));
            } else if (name.group("manifest") != null) {
                manifests.put(name.group("backup"), object);
            } else if (name.group("backup") != null) {
                lists.put(name.group("backup"), object.size());
            }
            known |= name.matches() && (name.group("backup") == null || name.group("manifest") != null);
        }

        private void addSegment(String path, StoredObject object) {
            SegmentName.find(path)
                    .ifPresentOrElse(
                            name -> segments.computeIfAbsent(name.bringer(), _ -> new BroughtSegments())
                                    .add(name.number(), object.size()),
                            () -> strange.add(object.key()));
        }
    }
}
