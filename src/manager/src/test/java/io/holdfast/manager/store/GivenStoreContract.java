package io.holdfast.manager.store;

import io.holdfast.manager.store.s3.S3Settings;
import io.holdfast.manager.store.s3.S3Store;
import io.holdfast.protocol.tls.TlsContexts;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The contract, tried on any S3 store, which {@code scripts/store-check} names by system properties, and by the environment
 * where it is secret. All of it lies below a prefix of its own, and is removed. Nothing else runs it: its name is no test's.
 */
@ExtendWith(StoreReport.class)
class GivenStoreContract extends AddressContract {
    private static final String PREFIX = "tests.store.";
    private static final String TRIAL = "trial-object";

    /** In place of the properties, where a test runs this. */
    static @Nullable S3Settings given;

    private static S3Settings settings;
    private static @Nullable Store store;

    /** What fails here is about the address, the key or the bucket, and would fail everything. */
    @BeforeAll
    static void open() throws IOException {
        store = null;
        settings = given == null ? asked() : given;
        S3Store opened = S3Store.open(settings);
        try {
            opened.put(TRIAL, new byte[1]);
            opened.delete(TRIAL);
        } catch (StoreException e) {
            opened.close();
            throw e;
        }
        store = opened;
    }

    @AfterAll
    static void removeAll() {
        if (store != null) {
            try (Store closing = store) {
                closing.list("", object -> closing.delete(object.key()));
            }
        }
    }

    private static S3Settings asked() {
        String ca = System.getProperty(PREFIX + "ca_file");
        return new S3Settings(
                URI.create(property("endpoint")),
                System.getProperty(PREFIX + "region", "us-east-1"),
                property("bucket"),
                System.getProperty(PREFIX + "prefix", "holdfast-store-check-" + UUID.randomUUID()),
                Boolean.parseBoolean(System.getProperty(PREFIX + "path_style", "true")),
                environment("AWS_ACCESS_KEY_ID"),
                environment("AWS_SECRET_ACCESS_KEY"),
                ca == null ? null : Path.of(ca),
                S3Settings.STANDARD);
    }

    private static String property(String name) {
        return Objects.requireNonNull(System.getProperty(PREFIX + name), name);
    }

    private static String environment(String name) {
        return Objects.requireNonNull(System.getenv(name), name);
    }

    @Override
    Store store() {
        return Objects.requireNonNull(store);
    }

    @Override
    SSLContext tls() {
        Path ca = settings.caFile();
        try {
            return TlsContexts.trustingAlso(ca == null ? List.of() : List.of(ca));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Just more than a page: it may be far away. */
    @Override
    int manyObjects() {
        return 1_050;
    }
}
