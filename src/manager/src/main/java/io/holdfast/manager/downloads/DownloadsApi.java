package io.holdfast.manager.downloads;

import static io.holdfast.manager.access.GuardedRoutes.readNothing;

import io.holdfast.format.manifest.Manifest;
import io.holdfast.format.segment.SegmentLine;
import io.holdfast.format.segment.SegmentList;
import io.holdfast.manager.access.Access;
import io.holdfast.manager.access.GuardedRoutes;
import io.holdfast.manager.access.Right;
import io.holdfast.manager.backup.Backup;
import io.holdfast.manager.backup.NotedManifest;
import io.holdfast.manager.config.DownloadConfig;
import io.holdfast.manager.http.ErrorCode;
import io.holdfast.manager.http.HttpError;
import io.holdfast.manager.http.Reply;
import io.holdfast.manager.http.Request;
import io.holdfast.manager.instance.Instance;
import io.holdfast.manager.keys.KeyVersion;
import io.holdfast.manager.keys.KeyVersions;
import io.holdfast.manager.keys.Wrapped;
import io.holdfast.manager.layout.StoreLayout;
import io.holdfast.manager.store.Store;
import io.holdfast.manager.verification.OpenedList;
import io.holdfast.manager.verification.RecentLists;
import io.holdfast.manager.verification.UnreadableBackup;
import io.holdfast.manager.wire.Lookup;
import io.holdfast.manager.wire.Wire;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Gives addresses from which a backup can be downloaded as it is stored, with its key files: encrypted, and of no
 * use without the passphrase or another key to it. The bytes do not pass through a route of the API.
 */
public final class DownloadsApi {
    private static final int PAGE = 1000;

    private final Lookup lookup;
    private final KeyVersions keyVersions;
    private final Store store;
    private final RecentLists lists;
    private final DownloadConfig config;
    private final boolean servedHere;
    private final InstantSource clock;

    /**
     * Makes it.
     *
     * @param servedHere whether the store's addresses are served by the listener of operators too. Where callers reach it,
     *     the configuration says: what a caller says of it is not to lead another one anywhere
     * @param clock the store's addresses are made by it
     */
    public DownloadsApi(
            Lookup lookup,
            KeyVersions keyVersions,
            Store store,
            RecentLists lists,
            DownloadConfig config,
            boolean servedHere,
            InstantSource clock) {
        this.lookup = lookup;
        this.keyVersions = keyVersions;
        this.store = store;
        this.lists = lists;
        this.config = config;
        this.servedHere = servedHere;
        this.clock = clock;
    }

    /** Adds the route. */
    public void addTo(GuardedRoutes routes) {
        routes.get("/instances/{id}/backups/{n}/download", Right.MANAGE, this::addresses);
    }

    /**
     * One file.
     *
     * @param path where to put it in the instance's folder, so that the commands of {@code docs/recovery.md} find it
     */
    public record FileView(String path, String url, long bytes, String sha256) {}

    /**
     * A backup's files.
     *
     * @param expiresAt until when the addresses can be used
     * @param howToOpen what to do with the files, for people
     * @param files those of one page
     * @param nextPage the number of the next page, or null behind the last one
     */
    public record DownloadView(
            String instanceId,
            String backupId,
            int keyVersion,
            Instant expiresAt,
            String howToOpen,
            List<FileView> files,
            @Nullable Long nextPage) {}

    private Reply addresses(Access access, Request request) throws IOException {
        Backup backup = lookup.backup(request);
        readNothing(request);
        return Reply.json(200, addresses(access, lookup.instance(request), backup, page(request)));
    }

    /** Whether a backup can be downloaded now. */
    public boolean isOffered(Backup backup) {
        return config.enabled() && Wire.canBeDownloaded(backup);
    }

    /** Which page a request wants: the first one unless it says so. */
    public static long page(Request request) {
        String page = request.parameters(Set.of("page")).getOrDefault("page", "0");
        if (!page.matches("0|[1-9][0-9]{0,8}")) {
            throw new HttpError(ErrorCode.BAD_REQUEST, "parameter 'page' is not a number");
        }
        return Long.parseLong(page);
    }

    /**
     * The addresses of some of a backup's files: on the first page manifest, list and keys are first.
     *
     * @param access whose they are: {@code key.age} is among them for whoever may have it alone
     * @param page which page, from 0
     * @throws HttpError when downloads are switched off, or the backup is not one that could be restored
     */
    public DownloadView addresses(Access access, Instance instance, Backup backup, long page) {
        if (!config.enabled()) {
            throw new HttpError(ErrorCode.DOWNLOADS_OFF, "downloads are disabled on this platform", "ask an operator");
        }
        if (!backup.state().isGood()) {
            throw new HttpError(
                    ErrorCode.BACKUP_NON_RESTORABLE_STATE,
                    "the backup is not finished, is damaged, or is gone",
                    "choose a backup whose state is done or verified");
        }
        if (!Wire.canBeDownloaded(backup)) {
            throw new HttpError(
                    ErrorCode.NOTHING_TO_DOWNLOAD,
                    "the backup's data is a snapshot in the data service's own repository, not in the store",
                    "restore it; to have the data itself, use a service that is backed up into the store");
        }
        Instant expiresAt = clock.instant().plus(config.validFor());
        byte[] text = lookup.backups().manifest(backup.id()).orElseThrow().getBytes(StandardCharsets.UTF_8);
        Manifest manifest = NotedManifest.parse(text);
        Optional<KeyVersion> key = keyVersions.list(instance.id()).stream()
                .filter(each -> each.version() == manifest.keyVersion())
                .findFirst();
        Listing listing = new Listing();
        if (page == 0) {
            listing.add(StoreLayout.manifest(manifest.instanceId(), manifest.backupId()), text);
            SegmentList list = manifest.segments().list();
            listing.add(StoreLayout.list(manifest.instanceId(), manifest.backupId()), list.bytes(), list.sha256());
            boolean withKeyForManager = access.may(Right.OWN, instance);
            key.ifPresent(each -> addKey(listing, manifest.instanceId(), each, withKeyForManager));
        }
        Set<String> there = new HashSet<>();
        for (String line : lines(manifest, page)) {
            SegmentLine segment = OpenedList.parse(line);
            String object = StoreLayout.segment(manifest.instanceId(), segment.name());
            if (there.add(object)) {
                listing.add(object, segment.bytes(), segment.sha256());
            }
        }
        long pages = Math.ceilDiv(manifest.segments().list().lines(), PAGE);
        return new DownloadView(
                manifest.instanceId(),
                manifest.backupId(),
                manifest.keyVersion(),
                expiresAt,
                HowToOpen.text(manifest, key.orElse(null)),
                listing.files,
                page + 1 < pages ? (Long) (page + 1) : null);
    }

    private List<String> lines(Manifest manifest, long page) {
        try {
            return lists.lines(manifest, page * PAGE, PAGE);
        } catch (UnreadableBackup e) {
            throw new HttpError(
                    ErrorCode.BACKUP_NON_RESTORABLE_STATE,
                    "the backup is damaged: " + e.getMessage(),
                    "download a different backup, and run 'holdfast verify' on this one");
        }
    }

    private static void addKey(Listing listing, String instanceId, KeyVersion key, boolean withKeyForManager) {
        byte[] wrapped = key.wrapped().bytes();
        Wrapped forPassphrase = key.passphraseWrapped();
        if (wrapped.length > 0 && withKeyForManager) {
            listing.add(StoreLayout.key(instanceId, key.version()), wrapped);
        }
        if (forPassphrase != null) {
            listing.add(StoreLayout.passphraseKey(instanceId, key.version()), forPassphrase.bytes());
        }
    }

    /** The files so far. */
    private final class Listing {
        private final List<FileView> files = new ArrayList<>();

        void add(String object, byte[] content) {
            add(object, content.length, sha256(content));
        }

        void add(String object, long bytes, String sha256) {
            URI address = store.signRead(object, config.validFor()).uri();
            String url = servedHere ? here(address.getRawPath() + "?" + address.getRawQuery()) : address.toString();
            // Below the instance's folder: v2/instances/<id>/…
            files.add(new FileView(object.split("/", 4)[3], url, bytes, sha256));
        }
    }

    private String here(String path) {
        return config.url().resolve(path).toString();
    }

    private static String sha256(byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
