package io.holdfast.manager.agents;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.HexFormat;

/**
 * What an agent's certificate is known by.
 *
 * @param serial its serial number, in lower-case hexadecimal without leading zeros
 * @param sha256 of its bytes (DER), in lower-case hexadecimal
 */
public record AgentCertificate(String serial, String sha256) {
    public static AgentCertificate of(X509Certificate certificate) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded());
            return new AgentCertificate(
                    certificate.getSerialNumber().toString(16), HexFormat.of().formatHex(hash));
        } catch (NoSuchAlgorithmException | CertificateEncodingException e) {
            throw new IllegalStateException("a certificate that was verified has bytes", e);
        }
    }
}
