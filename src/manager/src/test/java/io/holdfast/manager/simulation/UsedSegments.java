package io.holdfast.manager.simulation;

import io.holdfast.format.manifest.Manifest;
import io.holdfast.format.segment.SegmentName;
import io.holdfast.manager.backup.Backup;
import io.holdfast.manager.backup.Backups;
import io.holdfast.manager.backup.NotedManifest;
import io.holdfast.manager.backup.Replacement;
import io.holdfast.manager.instance.Instances;
import io.holdfast.manager.layout.StoreLayout;
import io.holdfast.manager.sql.Database;
import io.holdfast.manager.sql.SimulationDatabase;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Which backups use which objects: told by the catalogue alone, and looked up in the simplest way. */
final class UsedSegments {
    private final Database database;
    private final Instances instances;
    private final Backups backups;
    private final Map<String, Manifest> parsed = new HashMap<>();

    UsedSegments(Database database) {
        this.database = database;
        this.instances = new Instances(database);
        this.backups = new Backups(database);
    }

    /** The manifest of a backup, if it is noted. */
    Optional<Manifest> manifest(Backup backup) {
        return backups.manifest(backup.id()).map(text -> parsed.computeIfAbsent(text, NotedManifest::parse));
    }

    /** The folders in which the objects of a backup are. */
    List<String> folders(Backup backup) {
        String instance = instances.get(backup.instance()).folder();
        Stream<String> segments = manifest(backup)
                .map(each -> each.segments().brought().stream().map(Manifest.Brought::backupId))
                .orElse(Stream.of(backup.backupId()));
        return Stream.concat(
                        Stream.of(StoreLayout.backup(instance, backup.backupId())),
                        segments.map(each -> StoreLayout.segments(instance, each)))
                .distinct()
                .toList();
    }

    /** A backup that is listed, or about to be, and uses an object. */
    Optional<Backup> user(String key) {
        String folder = StoreLayout.owner(key);
        SegmentName name =
                SegmentName.ofPath(key.substring(StoreLayout.folder(folder).length()));
        // What is read in its place is used as what it replaces.
        Set<SegmentName> names = backups.replacements().of(folder).values().stream()
                .filter(each -> each.line().name().equals(name))
                .map(Replacement::lost)
                .collect(Collectors.toCollection(HashSet::new));
        names.add(name);
        return SimulationDatabase.noted(database).stream()
                .filter(each -> instances.get(each.instance()).folder().equals(folder))
                .filter(each -> manifest(each)
                        .filter(manifest -> names.stream().anyMatch(manifest::uses))
                        .isPresent())
                .findFirst();
    }
}
