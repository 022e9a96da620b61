package io.holdfast.manager.keys;

import io.holdfast.format.age.Age;
import io.holdfast.format.age.AgeException;
import io.holdfast.format.age.X25519Identity;
import io.holdfast.format.age.X25519Recipient;
import io.holdfast.manager.sql.Database;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Holds what a passphrase has opened until a restore that waits has ended, so that its other attempts, and other managers,
 * need not ask again. It is encrypted to keys that are only in the memory of the managers that live now: in the database it
 * is worth nothing once these have ended, and then the passphrase has to be given again. May be used by any thread.
 */
public final class HeldIdentities {
    private final RecipientTable recipients;
    private final SecureRandom random;
    private final X25519Identity own;

    /**
     * Makes those of one manager.
     *
     * @param manager a name that no other manager, and no earlier run of this one, has
     * @param length how long a manager that is silent is taken to be alive
     */
    public HeldIdentities(Database database, String manager, Duration length, SecureRandom random) {
        this.recipients = new RecipientTable(database, manager, length);
        this.random = random;
        this.own = X25519Identity.generate(random);
    }

    /** Tells the other managers that this one lives. To be repeated. */
    public void announce() {
        recipients.announce(own.recipient().toString());
    }

    /** An identity that the managers of now can open. */
    public byte[] seal(X25519Identity identity) {
        List<X25519Recipient> to = new ArrayList<>(List.of(own.recipient()));
        for (String each : recipients.list()) {
            try {
                X25519Recipient recipient = X25519Recipient.parse(each);
                if (!to.contains(recipient)) {
                    to.add(recipient);
                }
            } catch (AgeException e) {
                throw new IllegalStateException("the database has an invalid recipient", e);
            }
        }
        ByteArrayOutputStream sealed = new ByteArrayOutputStream();
        try (OutputStream out = Age.encrypt(sealed, to, random)) {
            out.write(KeyRing.file(identity));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return sealed.toByteArray();
    }

    /** Opens what was sealed. Null when this manager did not live then. */
    public @Nullable X25519Identity open(byte[] sealed) {
        try (var in = Age.decrypt(new ByteArrayInputStream(sealed), List.of(own))) {
            return X25519Identity.parseFile(new String(in.readAllBytes(), StandardCharsets.UTF_8))
                    .getFirst();
        } catch (AgeException e) {
            return null;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
