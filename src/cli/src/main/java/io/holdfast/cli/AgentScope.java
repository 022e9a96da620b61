package io.holdfast.cli;

import io.holdfast.cli.outcome.ExitCode;
import io.holdfast.cli.outcome.Failure;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which agents {@code refuse-agent} and {@code allow-agent} are about: one of these. */
final class AgentScope {
    @Option(names = "--instance", paramLabel = "INSTANCE", required = true, description = "All agents of an instance.")
    private @Nullable InstanceId instance;

    @Option(
            names = "--serial",
            paramLabel = "HEX",
            required = true,
            description = "Whoever presents the certificate with this serial number.")
    private @Nullable String serial;

    @Option(
            names = "--fingerprint",
            paramLabel = "SHA256",
            required = true,
            description = "Whoever presents the certificate with this SHA-256, in hexadecimal.")
    private @Nullable String fingerprint;

    @Option(
            names = "--certificate",
            paramLabel = "FILE",
            required = true,
            description = "Whoever presents the certificate in this PEM file.")
    private @Nullable Path certificate;

    /** The path of the refusal in the API. */
    String path() {
        String which = instance != null
                ? "instance/" + instance.text()
                : serial != null ? "serial/" + hex(serial) : "fingerprint/" + hex(fingerprint());
        return "/agents/refused/" + which;
    }

    private String fingerprint() {
        return certificate != null ? fingerprint(certificate) : String.valueOf(fingerprint);
    }

    /** What goes into the path is to be nothing else than digits and colons; the manager says what is wrong with them. */
    private static String hex(String text) {
        if (!text.matches("[0-9A-Fa-f:]+")) {
            throw new Failure(
                    ExitCode.USAGE,
                    "Usage",
                    "not in hexadecimal: " + text,
                    "openssl x509 -in FILE -noout -serial -fingerprint -sha256");
        }
        return text;
    }

    private static String fingerprint(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = CertificateFactory.getInstance("X.509")
                    .generateCertificate(in)
                    .getEncoded();
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (IOException | CertificateException e) {
            throw new Failure(ExitCode.LOCAL_FILE, "CannotRead", "no certificate can be read from " + file, null, e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    @Override
    public String toString() {
        return instance != null
                ? "agents of " + instance.text()
                : serial != null
                        ? "the certificate with the serial number " + serial
                        : "the certificate with the SHA-256 " + fingerprint();
    }
}
