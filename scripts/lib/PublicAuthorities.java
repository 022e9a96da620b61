import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.List;
import java.util.stream.Stream;

/**
 * Makes a keystore of the certificates in a folder: {@code java PublicAuthorities.java FOLDER KEYSTORE}. Like a JDK's own
 * it has no password, and its bytes depend on the certificates alone.
 */
class PublicAuthorities {
    public static void main(String[] arguments) throws Exception {
        System.setProperty("keystore.pkcs12.certProtectionAlgorithm", "NONE");
        System.setProperty("keystore.pkcs12.macAlgorithm", "NONE");
        KeyStore keystore = KeyStore.getInstance("PKCS12");
        keystore.load(null, null);
        List<Path> files;
        try (Stream<Path> found = Files.list(Path.of(arguments[0]))) {
            files = found.filter(file -> file.toString().endsWith(".crt")).sorted().toList();
        }
        for (Path file : files) {
            try (var in = Files.newInputStream(file)) {
                keystore.setCertificateEntry(
                        file.getFileName().toString(),
                        CertificateFactory.getInstance("X.509").generateCertificate(in));
            }
        }
        if (keystore.size() == 0) {
            throw new IllegalStateException(arguments[0] + " has no certificates");
        }
        try (OutputStream out = Files.newOutputStream(Path.of(arguments[1]))) {
            keystore.store(out, new char[0]);
        }
    }
}
