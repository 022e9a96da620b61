package io.holdfast.manager.keys;

import io.holdfast.format.age.AgeException;
import io.holdfast.format.age.X25519Identity;
import io.holdfast.format.age.X25519Recipient;
import io.holdfast.format.secret.KeySecret;
import io.holdfast.manager.config.ManagerConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * The manager's own keys, as its configuration names them.
 *
 * @param master opens the instances' keys
 * @param signing signs manifests
 * @param recovery whose holders can open every backup without the manager
 */
public record ManagerKeys(X25519Identity master, SigningKey signing, List<X25519Recipient> recovery) {
    public ManagerKeys {
        recovery = List.copyOf(recovery);
    }

    /** Who can open what the manager encrypts for itself: it and the holders of the recovery identities. */
    public List<X25519Recipient> recipients() {
        return Stream.concat(Stream.of(master.recipient()), recovery.stream()).toList();
    }

    /**
     * Reads the files.
     *
     * @throws IOException when one cannot be read or has something else in it
     */
    public static ManagerKeys read(ManagerConfig.Keys config) throws IOException {
        List<X25519Recipient> recovery = recovery(config);
        if (config.secretFile() != null) {
            KeySecret secret = secret(config.secretFile());
            return new ManagerKeys(
                    secret.masterIdentity(),
                    SigningKey.of(secret.signingSeed(), config.trustedSigningKeyFiles()),
                    recovery);
        }
        return new ManagerKeys(
                master(Objects.requireNonNull(config.masterIdentityFile())),
                SigningKey.read(Objects.requireNonNull(config.signingKeyFile()), config.trustedSigningKeyFiles()),
                recovery);
    }

    private static KeySecret secret(Path file) throws IOException {
        try {
            return KeySecret.of(Files.readString(file));
        } catch (IllegalArgumentException e) {
            throw new IOException(file + " cannot be used: " + e.getMessage(), e);
        }
    }

    private static X25519Identity master(Path file) throws IOException {
        try {
            List<X25519Identity> identities = X25519Identity.parseFile(Files.readString(file));
            if (identities.size() == 1) {
                return identities.getFirst();
            }
        } catch (AgeException e) {
            throw new IOException(file + " is not an age identity file: " + e.getMessage(), e);
        }
        throw new IOException(file + " must have exactly one age identity in it");
    }

    private static List<X25519Recipient> recovery(ManagerConfig.Keys config) throws IOException {
        List<X25519Recipient> recipients = new ArrayList<>();
        for (String text : config.recoveryRecipients()) {
            try {
                recipients.add(X25519Recipient.parse(text));
            } catch (AgeException e) {
                throw new IOException("keys.recovery_recipients has a text that is no age recipient: " + text, e);
            }
        }
        return recipients;
    }
}
