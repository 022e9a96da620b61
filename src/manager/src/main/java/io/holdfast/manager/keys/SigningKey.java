package io.holdfast.manager.keys;

import io.holdfast.protocol.tls.PemFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.interfaces.EdECPrivateKey;
import java.util.ArrayList;
import java.util.List;

/**
 * The Ed25519 key that signs manifests, and the public keys whose manifests count.
 *
 * @param pair this manager's own
 * @param trusted its own public key and those of managers before it: what is in the catalogue may be signed by any of them,
 *     and what a rebuild finds
 */
public record SigningKey(KeyPair pair, List<PublicKey> trusted) {
    /** Whose manifests count that a running manager finds and does not know: it signs with its own key alone. */
    public List<PublicKey> present() {
        return List.of(pair.getPublic());
    }

    /**
     * Reads the keys.
     *
     * @throws IOException when a file cannot be read or has another kind of key
     */
    public static SigningKey read(Path privateKeyFile, List<Path> trustedKeyFiles) throws IOException {
        PrivateKey key = PemFiles.privateKey(privateKeyFile);
        if (!(key instanceof EdECPrivateKey edwards) || edwards.getBytes().isEmpty()) {
            throw new IOException(privateKeyFile + " is not an Ed25519 private key"
                    + "\nHINT: make one with: openssl genpkey -algorithm ed25519");
        }
        return of(edwards.getBytes().get(), trustedKeyFiles);
    }

    /**
     * The key with this seed of 32 bytes (RFC 8032), and the others that count.
     *
     * @throws IOException when a file cannot be read or has another kind of key
     */
    static SigningKey of(byte[] seed, List<Path> trustedKeyFiles) throws IOException {
        KeyPair pair = pairOf(seed);
        List<PublicKey> trusted = new ArrayList<>(List.of(pair.getPublic()));
        for (Path file : trustedKeyFiles) {
            trusted.addAll(PemFiles.publicKeys(file));
        }
        return new SigningKey(pair, List.copyOf(trusted));
    }

    /** The JDK derives a public key only while generating a pair, so it generates one from the seed that is there. */
    private static KeyPair pairOf(byte[] seed) throws IOException {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("Ed25519");
            generator.initialize(255, new Seed(seed));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IOException("this JVM cannot use Ed25519 keys", e);
        }
    }

    /** Gives out one given seed. */
    private static final class Seed extends SecureRandom {
        private final byte[] seed;

        Seed(byte[] seed) {
            this.seed = seed.clone();
        }

        @Override
        public void nextBytes(byte[] bytes) {
            System.arraycopy(seed, 0, bytes, 0, bytes.length);
        }
    }
}
