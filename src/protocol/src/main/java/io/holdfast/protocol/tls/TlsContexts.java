package io.holdfast.protocol.tls;

import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/** Makes TLS contexts for clients. Contexts may be used by any thread. */
public final class TlsContexts {
    private TlsContexts() {}

    /** Trusts exactly the certificates of a CA file, and shows the given client certificate. */
    public static SSLContext mutual(Path caFile, Path certificateFile, Path privateKeyFile) throws IOException {
        try {
            KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(PemFiles.keyStore(certificateFile, privateKeyFile), new char[0]);
            return context(keys.getKeyManagers(), trusting(caFile));
        } catch (GeneralSecurityException e) {
            throw new IOException("cannot use " + certificateFile + " and " + privateKeyFile, e);
        }
    }

    /**
     * Trusts what the JVM trusts (where BOSH's trusted certificates are imported) and the certificates of further CA
     * files.
     */
    public static SSLContext trustingAlso(List<Path> caFiles) throws IOException {
        try {
            X509ExtendedTrustManager trust = trustManager(null);
            for (Path file : caFiles) {
                trust = new Either(trust, trusting(file));
            }
            return context(null, trust);
        } catch (GeneralSecurityException e) {
            throw new IOException("the JVM's trust store cannot be read", e);
        }
    }

    /** Trusts exactly the certificates of a CA file. */
    public static X509ExtendedTrustManager trusting(Path caFile) throws IOException {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            int number = 0;
            for (X509Certificate certificate : PemFiles.certificates(caFile)) {
                store.setCertificateEntry("ca-" + number++, certificate);
            }
            return trustManager(store);
        } catch (GeneralSecurityException e) {
            throw new IOException("cannot use " + caFile, e);
        }
    }

    private static SSLContext context(KeyManager @Nullable [] keys, X509ExtendedTrustManager trust)
            throws GeneralSecurityException {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys, new TrustManager[] {trust}, null);
        return context;
    }

    private static X509ExtendedTrustManager trustManager(@Nullable KeyStore store) throws GeneralSecurityException {
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        for (TrustManager manager : factory.getTrustManagers()) {
            if (manager instanceof X509ExtendedTrustManager found) {
                return found;
            }
        }
        throw new GeneralSecurityException("no X.509 trust manager");
    }

    /** Trusts what one of two trusts. Both check chain, time and host name. */
    private static final class Either extends X509ExtendedTrustManager {
        private final X509ExtendedTrustManager first;
        private final X509ExtendedTrustManager second;

        Either(X509ExtendedTrustManager first, X509ExtendedTrustManager second) {
            this.first = first;
            this.second = second;
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
                throws CertificateException {
            either(trust -> trust.checkServerTrusted(chain, authType, socket));
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
                throws CertificateException {
            either(trust -> trust.checkServerTrusted(chain, authType, engine));
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
            either(trust -> trust.checkServerTrusted(chain, authType));
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
                throws CertificateException {
            either(trust -> trust.checkClientTrusted(chain, authType, socket));
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
                throws CertificateException {
            either(trust -> trust.checkClientTrusted(chain, authType, engine));
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
            either(trust -> trust.checkClientTrusted(chain, authType));
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return Stream.of(first.getAcceptedIssuers(), second.getAcceptedIssuers())
                    .flatMap(Arrays::stream)
                    .toArray(X509Certificate[]::new);
        }

        private void either(Check check) throws CertificateException {
            try {
                check.by(first);
            } catch (CertificateException firstRefusal) {
                try {
                    check.by(second);
                } catch (CertificateException secondRefusal) {
                    secondRefusal.addSuppressed(firstRefusal);
                    throw secondRefusal;
                }
            }
        }

        private interface Check {
            void by(X509ExtendedTrustManager trust) throws CertificateException;
        }
    }
}
