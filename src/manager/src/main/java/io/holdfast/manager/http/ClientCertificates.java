package io.holdfast.manager.http;

import io.holdfast.protocol.tls.TlsContexts;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Decides whether to believe a client's certificate: it must be signed by the agents' CA, be valid now, and be meant
 * for clients.
 *
 * <p>The check is made for each request instead of in the TLS handshake, because there a refusal is one byte of alert
 * that an operator never sees, and here it is an answer with a reason, and a line in the log. The handshake has by then
 * proved that the client holds the private key.
 *
 * <p>What was believed once is believed without another look at its signature until it, or one of its issuers', ends:
 * agents call all the time. May be used by any thread.
 */
public final class ClientCertificates {
    private final X509ExtendedTrustManager trust;
    private static final int MOST_KNOWN = 20_000;

    /** The key purpose id-kp-clientAuth. */
    private static final String FOR_CLIENTS = "1.3.6.1.5.5.7.3.2";

    private final InstantSource clock;
    private final Map<List<X509Certificate>, Instant> known = new ConcurrentHashMap<>();

    /**
     * Believes what one CA file has signed.
     *
     * @throws IOException when the file cannot be read
     */
    public ClientCertificates(Path caFile, InstantSource clock) throws IOException {
        this.clock = clock;
        this.trust = TlsContexts.trusting(caFile);
    }

    /**
     * The certificate of the caller, checked.
     *
     * @throws HttpError 401 with the reason
     */
    public X509Certificate verified(Request request) {
        List<X509Certificate> chain = request.clientChain();
        if (chain.isEmpty()) {
            throw new HttpError(
                    ErrorCode.CERTIFICATE_REQUIRED,
                    "the caller showed no client certificate",
                    "configure the agent's certificate_file and private_key_file");
        }
        X509Certificate own = chain.getFirst();
        Instant until = known.get(chain);
        if (until != null && clock.instant().isBefore(until)) {
            return own;
        }
        try {
            trust.checkClientTrusted(
                    chain.toArray(new X509Certificate[0]), own.getPublicKey().getAlgorithm());
            requireForClients(own);
            if (known.size() >= MOST_KNOWN) {
                known.clear();
            }
            known.put(chain, end(chain));
            return own;
        } catch (CertificateException e) {
            Instant end = own.getNotAfter().toInstant();
            throw new HttpError(
                    ErrorCode.CERTIFICATE_REFUSED,
                    end.isBefore(clock.instant())
                            ? "the client certificate expired at " + end
                            : "the client certificate is not signed by the agents' CA, or not for this use",
                    "give the agent a certificate that is signed by the CA in tls.agents_ca_file");
        }
    }

    /**
     * Whoever uses certificates may demand that the extension is there and names the purpose (RFC 5280, section 4.2.1.12):
     * one that says nothing would be good for everything, and "any purpose" says nothing.
     */
    private static void requireForClients(X509Certificate certificate) throws CertificateException {
        List<String> purposes = certificate.getExtendedKeyUsage();
        if (purposes == null || !purposes.contains(FOR_CLIENTS)) {
            throw new HttpError(
                    ErrorCode.CERTIFICATE_REFUSED,
                    "the client certificate is not made for clients",
                    "give the agent one whose extended key usage has clientAuth in it (BOSH: extended_key_usage:"
                            + " [client_auth])");
        }
    }

    /** When the first certificate of a chain ends. */
    private static Instant end(List<X509Certificate> chain) {
        return chain.stream()
                .map(each -> each.getNotAfter().toInstant())
                .min(Comparator.naturalOrder())
                .orElse(Instant.MIN);
    }

    /** Lets the handshake pass on proof of possession alone; {@link #verified} decides. See the class's comment. */
    public static final class CheckedByRoute extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
                throws CertificateException {
            throw new CertificateException("this context is for servers only");
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
                throws CertificateException {
            throw new CertificateException("this context is for servers only");
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
            throw new CertificateException("this context is for servers only");
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
