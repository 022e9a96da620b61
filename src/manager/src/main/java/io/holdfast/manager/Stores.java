package io.holdfast.manager;

import io.holdfast.manager.config.ManagerConfig;
import io.holdfast.manager.config.ManagerConfig.DirectoryStoreConfig;
import io.holdfast.manager.config.ManagerConfig.S3StoreConfig;
import io.holdfast.manager.downloads.DirectoryTransfers;
import io.holdfast.manager.store.Store;
import io.holdfast.manager.store.directory.DirectorySettings;
import io.holdfast.manager.store.directory.DirectoryStore;
import io.holdfast.manager.store.s3.S3Settings;
import io.holdfast.manager.store.s3.S3Store;
import java.io.IOException;
import java.nio.file.Files;
import java.security.SecureRandom;
import java.time.InstantSource;
import javax.crypto.spec.SecretKeySpec;

/** Opens the store that the configuration names. */
final class Stores {
    private static final int ADDRESS_KEY_BYTES = 32;

    private Stores() {}

    /** A store that does not retry. */
    static Store open(ManagerConfig config, SecureRandom random, InstantSource clock) throws IOException {
        return switch (config.store()) {
            case DirectoryStoreConfig directory -> {
                Files.createDirectories(directory.path());
                // Addresses live for minutes: a key of this run is enough.
                byte[] key = new byte[ADDRESS_KEY_BYTES];
                random.nextBytes(key);
                yield new DirectoryStore(
                        new DirectorySettings(
                                directory.path().toAbsolutePath(),
                                config.agentsUrl().resolve(DirectoryTransfers.PATH),
                                new SecretKeySpec(key, "HmacSHA256")),
                        clock);
            }
            case S3StoreConfig s3 ->
                S3Store.open(new S3Settings(
                        s3.endpoint(),
                        s3.region(),
                        s3.bucket(),
                        s3.prefix(),
                        s3.pathStyle(),
                        s3.accessKeyId(),
                        s3.secretAccessKey(),
                        s3.caFile(),
                        s3.storageClass()));
        };
    }
}
