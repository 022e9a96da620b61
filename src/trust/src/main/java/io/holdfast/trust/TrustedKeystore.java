package io.holdfast.trust;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A keystore in which the Director's trusted certificates have names of their own: {@code bosh-trusted-cert-} and the
 * SHA-256 of the certificate. So what was imported before is known again, whatever the files are called now.
 */
final class TrustedKeystore {
    static final String PREFIX = "bosh-trusted-cert-";

    private final KeyStore keystore;
    private final char[] password;

    private TrustedKeystore(KeyStore keystore, char[] password) {
        this.keystore = keystore;
        this.password = password;
    }

    /**
     * Reads a keystore.
     *
     * @param type such as PKCS12 or JKS, or null for what the file is
     * @throws IOException when it cannot be read, is of another type, or the password is wrong
     */
    static TrustedKeystore read(Path file, @Nullable String type, char[] password) throws IOException {
        try {
            if (type == null) {
                return new TrustedKeystore(KeyStore.getInstance(file.toFile(), password), password);
            }
            KeyStore keystore = KeyStore.getInstance(type);
            try (var in = Files.newInputStream(file)) {
                keystore.load(in, password);
            }
            return new TrustedKeystore(keystore, password);
        } catch (GeneralSecurityException | IOException e) {
            throw new IOException(file + " cannot be read as a keystore with this password: " + e, e);
        }
    }

    /** How many certificates an update added and removed. */
    record Change(int added, int removed) {
        boolean any() {
            return added + removed > 0;
        }
    }

    /** Makes these the only certificates of the Director in the keystore; all others stay as they are. */
    Change update(List<X509Certificate> certificates) throws IOException {
        try {
            Map<String, X509Certificate> wanted = new TreeMap<>();
            for (X509Certificate certificate : certificates) {
                wanted.put(alias(certificate), certificate);
            }
            Set<String> gone = present();
            gone.removeAll(wanted.keySet());
            for (String alias : gone) {
                keystore.deleteEntry(alias);
            }
            wanted.keySet().removeAll(present());
            for (Map.Entry<String, X509Certificate> entry : wanted.entrySet()) {
                keystore.setCertificateEntry(entry.getKey(), entry.getValue());
            }
            return new Change(wanted.size(), gone.size());
        } catch (GeneralSecurityException e) {
            throw new IOException("the keystore cannot be changed: " + e.getMessage(), e);
        }
    }

    /** The names of the Director's certificates that are in it. */
    Set<String> present() throws IOException {
        try {
            Set<String> present = new TreeSet<>();
            for (String alias : Collections.list(keystore.aliases())) {
                if (alias.startsWith(PREFIX)) {
                    present.add(alias);
                }
            }
            return present;
        } catch (GeneralSecurityException e) {
            throw new IOException("the keystore cannot be listed: " + e.getMessage(), e);
        }
    }

    /**
     * Replaces a keystore file as a whole: a JVM that starts meanwhile reads the old one or the new one. Owner and mode of
     * a file that is there stay. A symbolic link stays too; what it leads to is replaced.
     */
    void write(Path file) throws IOException {
        Path target = Files.exists(file) ? file.toRealPath() : file.toAbsolutePath();
        Path next = target.resolveSibling(target.getFileName() + ".next");
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        try {
            keystore.store(content, password);
        } catch (GeneralSecurityException e) {
            throw new IOException(file + " cannot be written: " + e.getMessage(), e);
        }
        Files.deleteIfExists(next);
        Files.createFile(next, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        try (FileChannel out = FileChannel.open(next, StandardOpenOption.WRITE)) {
            out.write(java.nio.ByteBuffer.wrap(content.toByteArray()));
            out.force(true);
        }
        if (Files.exists(target)) {
            PosixFileAttributes before = Files.readAttributes(target, PosixFileAttributes.class);
            PosixFileAttributeView view = Files.getFileAttributeView(next, PosixFileAttributeView.class);
            view.setOwner(before.owner());
            view.setGroup(before.group());
            view.setPermissions(before.permissions());
        }
        Files.move(next, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static String alias(X509Certificate certificate) throws GeneralSecurityException {
        return PREFIX
                + HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded()));
    }
}
