package io.holdfast.format.age;

import static org.assertj.core.api.Assertions.assertThat;

import com.exceptionfactory.jagged.framework.stream.StandardDecryptingChannelFactory;
import com.exceptionfactory.jagged.framework.stream.StandardEncryptingChannelFactory;
import com.exceptionfactory.jagged.x25519.X25519RecipientStanzaReaderFactory;
import com.exceptionfactory.jagged.x25519.X25519RecipientStanzaWriterFactory;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files go both ways between this package and the jagged library. */
class JaggedTest {
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 65535, 65536, 65537, 131072, 1_000_000})
    void ourFilesOpenInJagged(int size) throws Exception {
        AgeFile file = AgeFile.of(size);
        try (ReadableByteChannel plain = new StandardDecryptingChannelFactory()
                .newDecryptingChannel(
                        Channels.newChannel(new ByteArrayInputStream(file.bytes)),
                        List.of(X25519RecipientStanzaReaderFactory.newRecipientStanzaReader(
                                AgeFile.IDENTITY.encoded())))) {
            assertThat(Channels.newInputStream(plain).readAllBytes()).isEqualTo(file.plaintext);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 65535, 65536, 65537, 131072, 1_000_000})
    void filesOfJaggedOpenHere(int size) throws Exception {
        byte[] plaintext = AgeFile.of(size).plaintext;
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        try (WritableByteChannel out = new StandardEncryptingChannelFactory()
                .newEncryptingChannel(
                        Channels.newChannel(file),
                        List.of(X25519RecipientStanzaWriterFactory.newRecipientStanzaWriter(
                                AgeFile.IDENTITY.recipient().toString())))) {
            out.write(ByteBuffer.wrap(plaintext));
        }
        assertThat(Age.decrypt(new ByteArrayInputStream(file.toByteArray()), List.of(AgeFile.IDENTITY))
                        .readAllBytes())
                .isEqualTo(plaintext);
    }
}
