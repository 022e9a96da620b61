package io.holdfast.protocol.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads keys and certificates from PEM files (RFC 7468): certificates, private keys in PKCS #8, RSA private keys in
 * PKCS #1 (what BOSH's variables hold), and public keys.
 *
 * <p>Every failure is an {@link IOException} that names the file and never its content.
 */
public final class PemFiles {
    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([A-Za-z0-9+/=\\s]+)-----END \\1-----");
    private static final List<String> KEY_ALGORITHMS = List.of("EC", "RSA", "Ed25519");

    /** version 0 and the algorithm rsaEncryption with its NULL: what PKCS #8 puts before a PKCS #1 key (RFC 5208). */
    private static final byte[] RSA_KEY_PREAMBLE = HexFormat.of().parseHex("020100300d06092a864886f70d0101010500");

    private PemFiles() {}

    /** All certificates of a file, in its order; at least one. */
    public static List<X509Certificate> certificates(Path file) throws IOException {
        try {
            CertificateFactory factory = CertificateFactory.getInstance("X.509");
            List<X509Certificate> found = new ArrayList<>();
            for (Block block : blocks(file)) {
                if (block.label().equals("CERTIFICATE")) {
                    found.add((X509Certificate) factory.generateCertificate(new ByteArrayInputStream(block.der())));
                }
            }
            if (found.isEmpty()) {
                throw new IOException(file + " has no certificate in it");
            }
            return found;
        } catch (GeneralSecurityException e) {
            throw new IOException(file + " has a certificate that cannot be read: " + e.getMessage(), e);
        }
    }

    /** The first private key of a file. */
    public static PrivateKey privateKey(Path file) throws IOException {
        for (Block block : blocks(file)) {
            switch (block.label()) {
                case "PRIVATE KEY" -> {
                    return privateKey(file, block.der());
                }
                case "RSA PRIVATE KEY" -> {
                    return privateKey(file, der(0x30, concat(RSA_KEY_PREAMBLE, der(0x04, block.der()))));
                }
                default -> {}
            }
        }
        throw new IOException(file + " has no private key (PRIVATE KEY or RSA PRIVATE KEY) in it");
    }

    /** All public keys of a file, in its order; at least one. */
    public static List<PublicKey> publicKeys(Path file) throws IOException {
        List<PublicKey> found = new ArrayList<>();
        for (Block block : blocks(file)) {
            if (block.label().equals("PUBLIC KEY")) {
                found.add(publicKey(file, block.der()));
            }
        }
        if (found.isEmpty()) {
            throw new IOException(file + " has no public key (EC, RSA or Ed25519) in it");
        }
        return found;
    }

    private static PublicKey publicKey(Path file, byte[] der) throws IOException {
        for (String algorithm : KEY_ALGORITHMS) {
            try {
                return KeyFactory.getInstance(algorithm).generatePublic(new X509EncodedKeySpec(der));
            } catch (InvalidKeySpecException e) {
                // Another algorithm's key: the next may fit.
            } catch (GeneralSecurityException e) {
                throw new IOException("this JVM has no keys of type " + algorithm, e);
            }
        }
        throw new IOException(file + " has a public key that is none of " + KEY_ALGORITHMS);
    }

    /** A key store in memory with one private key and its chain. The password is empty. */
    public static KeyStore keyStore(Path certificateFile, Path privateKeyFile) throws IOException {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setKeyEntry(
                    "holdfast",
                    privateKey(privateKeyFile),
                    new char[0],
                    certificates(certificateFile).toArray(new Certificate[0]));
            return store;
        } catch (GeneralSecurityException e) {
            throw new IOException(certificateFile + " and " + privateKeyFile + " do not go together", e);
        }
    }

    private static PrivateKey privateKey(Path file, byte[] pkcs8) throws IOException {
        for (String algorithm : KEY_ALGORITHMS) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
            } catch (InvalidKeySpecException e) {
                // Another algorithm's key: the next may fit.
            } catch (GeneralSecurityException e) {
                throw new IOException("this JVM has no keys of type " + algorithm, e);
            }
        }
        throw new IOException(file + " has a private key that is none of " + KEY_ALGORITHMS);
    }

    private static List<Block> blocks(Path file) throws IOException {
        Matcher matcher = BLOCK.matcher(Files.readString(file, StandardCharsets.ISO_8859_1));
        List<Block> blocks = new ArrayList<>();
        while (matcher.find()) {
            try {
                blocks.add(new Block(matcher.group(1), Base64.getMimeDecoder().decode(matcher.group(2))));
            } catch (IllegalArgumentException e) {
                throw new IOException(file + " has a broken PEM block in it", e);
            }
        }
        return blocks;
    }

    /** Wraps content as one DER value. */
    private static byte[] der(int tag, byte[] content) {
        int length = content.length;
        byte[] header = length < 0x80
                ? new byte[] {(byte) tag, (byte) length}
                : length < 0x100
                        ? new byte[] {(byte) tag, (byte) 0x81, (byte) length}
                        : new byte[] {(byte) tag, (byte) 0x82, (byte) (length >> 8), (byte) length};
        return concat(header, content);
    }

    private static byte[] concat(byte[] first, byte[] second) {
        return ByteBuffer.allocate(first.length + second.length)
                .put(first)
                .put(second)
                .array();
    }

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Block(String label, byte[] der) {}
}
