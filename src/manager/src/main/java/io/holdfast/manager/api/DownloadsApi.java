package io.holdfast.manager.api;

import static io.holdfast.manager.access.GuardedRoutes.readNothing;

import io.holdfast.format.manifest.Manifest;
import io.holdfast.format.manifest.ManifestException;
import io.holdfast.format.manifest.SignedManifest;
import io.holdfast.manager.access.GuardedRoutes;
import io.holdfast.manager.access.Right;
import io.holdfast.manager.config.DownloadConfig;
import io.holdfast.manager.database.Backups.Backup;
import io.holdfast.manager.database.Instances.Instance;
import io.holdfast.manager.database.KeyVersions;
import io.holdfast.manager.database.KeyVersions.KeyVersion;
import io.holdfast.manager.database.KeyVersions.Wrapped;
import io.holdfast.manager.http.ErrorCode;
import io.holdfast.manager.http.HttpError;
import io.holdfast.manager.http.Reply;
import io.holdfast.manager.http.Request;
import io.holdfast.manager.layout.StoreLayout;
import io.holdfast.manager.store.Store;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Gives addresses from which a backup can be downloaded as it lies in the store, with its key files: encrypted, and of no
 * use without the encryption key or another key to it. The bytes do not pass through a route of the API.
 */
public final class DownloadsApi {
    private static final Pattern HOST =
            Pattern.compile("[A-Za-z0-9._-]+(:[0-9]{1,5})?|\\[[0-9A-Fa-f:.]+\\](:[0-9]{1,5})?");

    private final Lookup lookup;
    private final KeyVersions keyVersions;
    private final Store store;
    private final DownloadConfig config;
    private final boolean servedHere;
    private final InstantSource clock;

    /**
     * Makes it.
     *
     * @param servedHere whether the store's addresses are served by the listener of operators too, so that they are to
     *     lead to the host that the caller reached
     * @param clock the store's addresses are made by it
     */
    public DownloadsApi(
            Lookup lookup,
            KeyVersions keyVersions,
            Store store,
            DownloadConfig config,
            boolean servedHere,
            InstantSource clock) {
        this.lookup = lookup;
        this.keyVersions = keyVersions;
        this.store = store;
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
     */
    public record DownloadView(
            String instanceId,
            String backupId,
            int keyVersion,
            Instant expiresAt,
            String howToOpen,
            List<FileView> files) {}

    private Reply addresses(Request request) throws IOException {
        Backup backup = lookup.backup(request);
        readNothing(request);
        return Reply.json(200, addresses(lookup.instance(request), backup, request));
    }

    /** Whether a backup can be downloaded now. */
    public boolean isOffered(Backup backup) {
        return config.enabled() && Wire.canBeDownloaded(backup);
    }

    /**
     * The addresses of a backup's files.
     *
     * @param request where the addresses lead to the manager, they lead to the host that it has reached
     * @throws HttpError when downloads are switched off, or the backup is not one that could be restored
     */
    public DownloadView addresses(Instance instance, Backup backup, Request request) {
        if (!config.enabled()) {
            throw new HttpError(
                    ErrorCode.DOWNLOADS_OFF, "downloads are switched off on this platform", "ask an operator");
        }
        if (!Wire.isRestorable(backup)) {
            throw new HttpError(
                    ErrorCode.BACKUP_NON_RESTORABLE_STATE,
                    "the backup is not finished, is damaged, or is gone",
                    "choose a backup whose state is done or verified");
        }
        if (!Wire.canBeDownloaded(backup)) {
            throw new HttpError(
                    ErrorCode.NOTHING_TO_DOWNLOAD,
                    "the backup's data is a snapshot in the data service's own repository, not in the store",
                    "restore it; who is to have the data itself needs a service that is backed up into the store");
        }
        Instant expiresAt = clock.instant().plus(config.validFor());
        byte[] text = lookup.backups().manifest(backup.id()).orElseThrow().getBytes(StandardCharsets.UTF_8);
        Manifest manifest = manifest(text);
        Optional<KeyVersion> key = keyVersions.list(instance.id()).stream()
                .filter(each -> each.version() == manifest.keyVersion())
                .findFirst();
        Listing listing = new Listing(host(request));
        listing.add(StoreLayout.manifest(manifest.instanceId(), manifest.backupId()), text);
        key.ifPresent(each -> addKey(listing, manifest.instanceId(), each));
        for (Manifest.Artifact artifact : manifest.artifacts()) {
            for (int segment = 0; segment < artifact.segments().size(); segment++) {
                Manifest.Segment its = artifact.segments().get(segment);
                listing.add(
                        StoreLayout.segment(manifest.instanceId(), manifest.backupId(), artifact.name(), segment),
                        its.bytes(),
                        its.sha256());
            }
        }
        return new DownloadView(
                manifest.instanceId(),
                manifest.backupId(),
                manifest.keyVersion(),
                expiresAt,
                HowToOpen.text(manifest, key.orElse(null)),
                listing.files);
    }

    private static void addKey(Listing listing, String instanceId, KeyVersion key) {
        byte[] wrapped = key.wrapped().bytes();
        Wrapped forPassphrase = key.passphraseWrapped();
        if (wrapped.length > 0) {
            listing.add(StoreLayout.key(instanceId, key.version()), wrapped);
        }
        if (forPassphrase != null) {
            listing.add(StoreLayout.passphraseKey(instanceId, key.version()), forPassphrase.bytes());
        }
    }

    private static Manifest manifest(byte[] text) {
        try {
            return SignedManifest.parse(text).manifest();
        } catch (ManifestException e) {
            throw new IllegalStateException("the catalogue holds a manifest that cannot be read", e);
        }
    }

    /** The host that the caller has reached this manager by. */
    private static @Nullable String host(Request request) {
        String host = request.headers().get("Host");
        return host != null && HOST.matcher(host).matches() ? host : null;
    }

    /** The files so far. */
    private final class Listing {
        private final @Nullable String host;
        private final List<FileView> files = new ArrayList<>();

        Listing(@Nullable String host) {
            this.host = host;
        }

        void add(String object, byte[] content) {
            add(object, content.length, sha256(content));
        }

        void add(String object, long bytes, String sha256) {
            URI address = store.signRead(object, config.validFor()).uri();
            String url = servedHere && host != null
                    ? "https://" + host + address.getRawPath() + "?" + address.getRawQuery()
                    : address.toString();
            // Below the instance's folder: v1/instances/<id>/…
            files.add(new FileView(object.split("/", 4)[3], url, bytes, sha256));
        }
    }

    private static String sha256(byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
