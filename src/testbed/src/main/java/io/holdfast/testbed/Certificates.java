package io.holdfast.testbed;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.jspecify.annotations.Nullable;

/**
 * A certificate authority made for one run, and what it issues: EC P-256 keys, PEM files in one folder. Any thread may
 * use it.
 */
public final class Certificates {
    /** Of keystores with nothing secret in them; JVMs want one all the same. */
    static final String TRUST_STORE_PASSWORD = "changeit";

    private static final Duration LIFE = Duration.ofDays(2);
    private static final Duration CLOCK_LEEWAY = Duration.ofHours(1);

    private final Path directory;
    private final SecureRandom random = new SecureRandom();
    private final KeyPair caKeys;
    private final X509Certificate caCertificate;
    private final Path caFile;

    /** Makes the authority and writes {@code ca.pem} into the folder, which is made if missing. */
    public Certificates(Path directory) {
        this.directory = directory;
        try {
            Files.createDirectories(directory);
            caKeys = newKeys();
            Instant now = Instant.now();
            X500Name name = new X500Name("CN=Holdfast test CA " + new BigInteger(32, random));
            JcaX509ExtensionUtils extensions = new JcaX509ExtensionUtils();
            caCertificate = sign(new JcaX509v3CertificateBuilder(
                            name,
                            serial(),
                            Date.from(now.minus(CLOCK_LEEWAY)),
                            Date.from(now.plus(LIFE)),
                            name,
                            caKeys.getPublic())
                    .addExtension(Extension.basicConstraints, true, new BasicConstraints(true))
                    .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign))
                    .addExtension(
                            Extension.subjectKeyIdentifier,
                            false,
                            extensions.createSubjectKeyIdentifier(caKeys.getPublic())));
            caFile = writePem("ca.pem", "CERTIFICATE", caCertificate.getEncoded());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException | OperatorCreationException e) {
            throw new IllegalStateException("cannot make a certificate authority", e);
        }
    }

    /** The authority's certificate. */
    public Path caFile() {
        return caFile;
    }

    /** A server's certificate for 127.0.0.1 and localhost, with a name for its files. */
    public Issued server(String name) {
        return issue(
                name,
                "CN=" + name,
                KeyPurposeId.id_kp_serverAuth,
                Instant.now().plus(LIFE),
                new GeneralName(GeneralName.iPAddress, "127.0.0.1"),
                new GeneralName(GeneralName.dNSName, "localhost"));
    }

    /** An agent's certificate with the identity {@code holdfast://instance/<instanceId>/<index>}. */
    public Issued agent(String instanceId, int index) {
        return agent(instanceId, index, Instant.now().plus(LIFE));
    }

    /** A client certificate with these DNS names, as BOSH makes them. */
    public Issued client(String name, String... dnsNames) {
        GeneralName[] names = new GeneralName[dnsNames.length];
        for (int i = 0; i < names.length; i++) {
            names[i] = new GeneralName(GeneralName.dNSName, dnsNames[i]);
        }
        return issue(
                name, "CN=" + name, KeyPurposeId.id_kp_clientAuth, Instant.now().plus(LIFE), names);
    }

    /** The same, expired a minute ago. */
    public Issued expiredAgent(String instanceId, int index) {
        return agent(instanceId, index, Instant.now().minusSeconds(60));
    }

    /** A client certificate without any instance's identity. */
    public Issued nameless(String name) {
        return issue(
                name,
                "CN=" + name,
                KeyPurposeId.id_kp_clientAuth,
                Instant.now().plus(LIFE),
                new GeneralName(GeneralName.dNSName, "localhost"));
    }

    /** Writes a keystore for JVMs that are to trust this authority alone. */
    public Path trustStore(Path file) {
        try (OutputStream out = Files.newOutputStream(file)) {
            KeyStore store = emptyKeyStore();
            store.setCertificateEntry("ca", caCertificate);
            store.store(out, TRUST_STORE_PASSWORD.toCharArray());
            return file;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("cannot write a keystore", e);
        }
    }

    /** A context for clients that trust this authority and show no certificate. */
    public SSLContext trustingContext() {
        try {
            KeyStore store = emptyKeyStore();
            store.setCertificateEntry("ca", caCertificate);
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(store);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trust.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("cannot make a TLS context", e);
        }
    }

    /**
     * A context for an agent, with a key and a certificate of its own that are in no file: for very many of them. The
     * identity is {@code holdfast://instance/<instanceId>/0}.
     */
    public SSLContext agentContext(String instanceId) {
        return agentContextTrusting(this, instanceId);
    }

    /** The same for a server of another authority, which has not signed it. */
    public SSLContext agentContextTrusting(Certificates server, String instanceId) {
        return clientContext(agentKeyStore(server, instanceId));
    }

    /** What an agent connects with, for a process that is to do the same: {@link #clientContext} reads it. */
    public void writeAgentKeyStore(String instanceId, Path file) throws IOException {
        try (OutputStream out = Files.newOutputStream(file)) {
            agentKeyStore(this, instanceId).store(out, new char[0]);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("cannot write a keystore", e);
        }
    }

    /** What {@link #writeAgentKeyStore} wrote. */
    public static KeyStore readKeyStore(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(in, new char[0]);
            return store;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("cannot read a keystore", e);
        }
    }

    /** A context that trusts the authorities of a keystore, and shows the certificate that it has a key for. */
    public static SSLContext clientContext(KeyStore store) {
        try {
            KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(store, new char[0]);
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(store);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("cannot make a TLS context", e);
        }
    }

    private KeyStore agentKeyStore(Certificates server, String instanceId) {
        try {
            KeyPair own = newKeys();
            X509Certificate certificate = certificate(
                    own,
                    "CN=backup-agent",
                    KeyPurposeId.id_kp_clientAuth,
                    Instant.now().plus(LIFE),
                    new GeneralName(GeneralName.uniformResourceIdentifier, "holdfast://instance/" + instanceId + "/0"));
            KeyStore store = emptyKeyStore();
            store.setCertificateEntry("ca", server.caCertificate);
            store.setKeyEntry("client", own.getPrivate(), new char[0], new Certificate[] {certificate});
            return store;
        } catch (GeneralSecurityException | IOException | OperatorCreationException e) {
            throw new IllegalStateException("cannot make a keystore", e);
        }
    }

    /** A context for a server on 127.0.0.1 that shows a new certificate of this authority and asks for none. */
    public SSLContext serverContext(String name) {
        return context(serverKeys(name));
    }

    /** A new server's certificate and its key, under an empty password. */
    KeyStore serverKeys(String name) {
        try {
            Issued issued = server(name);
            KeyStore store = emptyKeyStore();
            store.setKeyEntry("server", issued.privateKey, new char[0], new Certificate[] {issued.certificate});
            return store;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("cannot make a key store", e);
        }
    }

    /** What a server serves with. */
    static SSLContext context(KeyStore store) {
        try {
            KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(store, new char[0]);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys.getKeyManagers(), null, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("cannot make a TLS context", e);
        }
    }

    /** What a certificate can be made for besides clients. */
    public enum Purpose {
        SERVERS,
        ANYTHING,
        UNSAID;

        private @Nullable KeyPurposeId id() {
            return switch (this) {
                case SERVERS -> KeyPurposeId.id_kp_serverAuth;
                case ANYTHING -> KeyPurposeId.anyExtendedKeyUsage;
                case UNSAID -> null;
            };
        }
    }

    /** An agent's certificate that is not made for clients. */
    public Issued agentFor(Purpose purpose, String instanceId) {
        return issue(
                "agent-" + instanceId + "-" + serial().toString(36),
                "CN=backup-agent",
                purpose.id(),
                Instant.now().plus(LIFE),
                new GeneralName(GeneralName.uniformResourceIdentifier, "holdfast://instance/" + instanceId + "/0"));
    }

    private Issued agent(String instanceId, int index, Instant notAfter) {
        return issue(
                "agent-" + instanceId + "-" + index + "-" + serial().toString(36),
                "CN=backup-agent",
                KeyPurposeId.id_kp_clientAuth,
                notAfter,
                new GeneralName(
                        GeneralName.uniformResourceIdentifier, "holdfast://instance/" + instanceId + "/" + index));
    }

    private Issued issue(
            String fileName, String subject, @Nullable KeyPurposeId purpose, Instant notAfter, GeneralName... names) {
        try {
            KeyPair keys = newKeys();
            X509Certificate certificate = certificate(keys, subject, purpose, notAfter, names);
            return new Issued(
                    writePem(fileName + ".pem", "CERTIFICATE", certificate.getEncoded()),
                    writePem(
                            fileName + "-key.pem",
                            "PRIVATE KEY",
                            keys.getPrivate().getEncoded()),
                    certificate,
                    keys.getPrivate());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException | OperatorCreationException e) {
            throw new IllegalStateException("cannot issue a certificate", e);
        }
    }

    private X509Certificate certificate(
            KeyPair keys, String subject, @Nullable KeyPurposeId purpose, Instant notAfter, GeneralName... names)
            throws IOException, GeneralSecurityException, OperatorCreationException {
        JcaX509ExtensionUtils extensions = new JcaX509ExtensionUtils();
        JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                caCertificate,
                serial(),
                Date.from(notAfter.minus(LIFE).minus(CLOCK_LEEWAY)),
                Date.from(notAfter),
                new X500Name(subject),
                keys.getPublic());
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false))
                .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature))
                .addExtension(
                        Extension.authorityKeyIdentifier, false, extensions.createAuthorityKeyIdentifier(caCertificate))
                .addExtension(Extension.subjectAlternativeName, false, new GeneralNames(names));
        if (purpose != null) {
            builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purpose));
        }
        return sign(builder);
    }

    private X509Certificate sign(X509v3CertificateBuilder builder)
            throws OperatorCreationException, GeneralSecurityException {
        return new JcaX509CertificateConverter()
                .getCertificate(
                        builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(caKeys.getPrivate())));
    }

    private Path writePem(String name, String label, byte[] der) throws IOException {
        Path file = directory.resolve(name);
        Files.deleteIfExists(file);
        Files.createFile(
                file,
                PosixFilePermissions.asFileAttribute(
                        PosixFilePermissions.fromString(label.equals("CERTIFICATE") ? "rw-r--r--" : "rw-------")));
        String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
        return Files.writeString(
                file,
                "-----BEGIN " + label + "-----\n" + body + "\n-----END " + label + "-----\n",
                StandardCharsets.US_ASCII);
    }

    private KeyPair newKeys() throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"), random);
        return generator.generateKeyPair();
    }

    private BigInteger serial() {
        return new BigInteger(120, random).setBit(119);
    }

    private static KeyStore emptyKeyStore() throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }

    /** A certificate and its key, as PEM files (the key in PKCS #8, readable by its owner only). */
    public static final class Issued {
        private final Path certificateFile;
        private final Path privateKeyFile;
        private final X509Certificate certificate;
        private final PrivateKey privateKey;

        private Issued(Path certificateFile, Path privateKeyFile, X509Certificate certificate, PrivateKey privateKey) {
            this.certificateFile = certificateFile;
            this.privateKeyFile = privateKeyFile;
            this.certificate = certificate;
            this.privateKey = privateKey;
        }

        public Path certificateFile() {
            return certificateFile;
        }

        public Path privateKeyFile() {
            return privateKeyFile;
        }
    }
}
