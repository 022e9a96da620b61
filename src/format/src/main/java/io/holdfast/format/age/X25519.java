package io.holdfast.format.age;

import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.HexFormat;
import javax.crypto.KeyAgreement;

/** X25519 on raw 32-byte keys, which the JDK only takes inside their ASN.1 frames (RFC 8410). */
final class X25519 {
    static final int BYTES = 32;

    private static final byte[] PUBLIC_FRAME = HexFormat.of().parseHex("302a300506032b656e032100");
    private static final byte[] PRIVATE_FRAME = HexFormat.of().parseHex("302e020100300506032b656e04220420");
    private static final byte[] BASE_POINT = new byte[BYTES];

    static {
        BASE_POINT[0] = 9;
    }

    private X25519() {}

    static byte[] publicKey(byte[] secret) {
        try {
            return multiply(secret, BASE_POINT);
        } catch (InvalidKeyException e) {
            throw new IllegalStateException("the base point is not of low order", e);
        }
    }

    /**
     * The shared secret of a secret scalar and a point.
     *
     * @throws InvalidKeyException when the result is all zeros: the point is of low order
     */
    static byte[] multiply(byte[] secret, byte[] point) throws InvalidKeyException {
        try {
            KeyFactory factory = KeyFactory.getInstance("X25519");
            PrivateKey scalar = factory.generatePrivate(new PKCS8EncodedKeySpec(join(PRIVATE_FRAME, secret)));
            PublicKey u = factory.generatePublic(new X509EncodedKeySpec(join(PUBLIC_FRAME, point)));
            KeyAgreement agreement = KeyAgreement.getInstance("X25519");
            agreement.init(scalar);
            agreement.doPhase(u, true);
            byte[] shared = agreement.generateSecret();
            // The JDK refuses such points itself; the security of the format must not hang on that.
            int any = 0;
            for (byte part : shared) {
                any |= part;
            }
            if (any == 0) {
                throw new InvalidKeyException("point of low order");
            }
            return shared;
        } catch (InvalidKeyException e) {
            throw e;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK has no usable X25519", e);
        }
    }

    static byte[] join(byte[] first, byte[] second) {
        byte[] joined = new byte[first.length + second.length];
        System.arraycopy(first, 0, joined, 0, first.length);
        System.arraycopy(second, 0, joined, first.length, second.length);
        return joined;
    }
}
