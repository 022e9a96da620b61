package io.holdfast.trust;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * Makes certificates trusted in a keystore, and those not any more that it had made trusted before and that are not given
 * any more. One JVM for all of them: a keytool for each takes half a second.
 */
@Command(
        name = "trust",
        description = "Makes exactly these certificates trusted in a keystore, beside those that it has of its own.")
public final class Main implements Callable<Integer> {
    static final String PASSWORD_VARIABLE = "HOLDFAST_KEYSTORE_PASSWORD";
    private static final String USUAL_PASSWORD = "changeit";
    private static final int FAILED = 1;

    /** What to do with a file that cannot be read. */
    enum OnBroken {
        skip,
        fail
    }

    @Option(names = "--keystore", required = true, description = "The keystore to change, or to make from --base.")
    private Path keystore = Path.of("");

    @Option(names = "--base", description = "Another keystore to begin from; it stays as it is.")
    private @Nullable Path base;

    @Option(names = "--type", description = "PKCS12 or JKS; otherwise what the file is.")
    private @Nullable String type;

    @Option(names = "--on-broken", description = "skip or fail: what to do with a file that cannot be read.")
    private OnBroken onBroken = OnBroken.skip;

    @Parameters(arity = "0..*", description = "Files with certificates, as PEM or DER.")
    private List<Path> files = new ArrayList<>();

    private final String password;

    Main(String password) {
        this.password = password;
    }

    /** Runs once, see {@code --help}; the password comes from the environment. */
    public static void main(String[] arguments) {
        String password = System.getenv(PASSWORD_VARIABLE);
        System.exit(run(password == null ? USUAL_PASSWORD : password, arguments));
    }

    static int run(String password, String... arguments) {
        return new CommandLine(new Main(password))
                .setExecutionExceptionHandler((e, line, parsed) -> {
                    System.err.println(e.getMessage());
                    return FAILED;
                })
                .execute(arguments);
    }

    @Override
    public Integer call() throws IOException {
        List<X509Certificate> certificates = new ArrayList<>();
        boolean broken = false;
        for (Path file : files) {
            try {
                certificates.addAll(read(file));
            } catch (IOException | CertificateException e) {
                broken = true;
                System.err.println(file + " has no certificate that can be read: " + e.getMessage());
            }
        }
        if (broken && onBroken == OnBroken.fail) {
            System.err.println(keystore + " was left as it was");
            return FAILED;
        }
        TrustedKeystore changed = TrustedKeystore.read(base == null ? keystore : base, type, password.toCharArray());
        TrustedKeystore.Change change = changed.update(certificates);
        if (base != null || change.any()) {
            changed.write(keystore);
        }
        System.out.printf(
                "%d trusted certificates of the Director in %s (%d added, %d removed)%n",
                changed.present().size(), keystore, change.added(), change.removed());
        return 0;
    }

    /** All certificates of a file; the BOSH agent leaves out the newline at its end. */
    private static List<X509Certificate> read(Path file) throws IOException, CertificateException {
        Collection<? extends Certificate> found;
        try (var in = Files.newInputStream(file)) {
            found = CertificateFactory.getInstance("X.509").generateCertificates(in);
        }
        List<X509Certificate> certificates = new ArrayList<>();
        for (Certificate each : found) {
            if (each instanceof X509Certificate certificate) {
                warnOfTimes(file, certificate);
                certificates.add(certificate);
            }
        }
        if (certificates.isEmpty()) {
            throw new CertificateException("it is empty");
        }
        return certificates;
    }

    private static void warnOfTimes(Path file, X509Certificate certificate) {
        try {
            certificate.checkValidity();
        } catch (CertificateNotYetValidException e) {
            System.err.println(
                    file + " is not valid before " + certificate.getNotBefore().toInstant());
        } catch (CertificateException e) {
            System.err.println(
                    file + " has expired at " + certificate.getNotAfter().toInstant());
        }
    }
}
