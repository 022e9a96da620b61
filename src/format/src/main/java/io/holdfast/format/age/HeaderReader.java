package io.holdfast.format.age;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Reads a header, byte by byte, so that the stream stands at the payload afterwards; strict about the grammar. */
final class HeaderReader {
    /** What the version lines of all versions start with. */
    private static final String MAGIC = "age-encryption.org/";

    private final InputStream in;
    private final ByteArrayOutputStream seen = new ByteArrayOutputStream();

    private HeaderReader(InputStream in) {
        this.in = in;
    }

    static Header read(InputStream in) throws IOException {
        return new HeaderReader(in).header();
    }

    private Header header() throws IOException {
        versionLine();
        List<Stanza> stanzas = new ArrayList<>();
        while (true) {
            int start = seen.size();
            String line = line();
            if (line.startsWith(Header.STANZA_START)) {
                stanzas.add(stanza(line));
            } else if (line.startsWith(Header.END_START + " ") && !stanzas.isEmpty()) {
                byte[] mac = CanonicalBase64.decode(line.substring(Header.END_START.length() + 1));
                if (mac.length != Header.MAC_BYTES) {
                    throw new AgeException(AgeException.Kind.BAD_HEADER, "the header's MAC has a wrong length");
                }
                requirePassphraseAlone(stanzas);
                byte[] sealed = Arrays.copyOf(seen.toByteArray(), start + Header.END_START.length());
                return new Header(stanzas, sealed, mac);
            } else {
                throw new AgeException(AgeException.Kind.BAD_HEADER, "the header has a line of an unknown form");
            }
        }
    }

    private void versionLine() throws IOException {
        for (int i = 0; i < MAGIC.length(); i++) {
            int next = in.read();
            if (next < 0 && i > 0) {
                throw cut();
            }
            if (next != MAGIC.charAt(i)) {
                throw new AgeException(AgeException.Kind.NOT_AGE, "not an age file");
            }
            seen.write(next);
        }
        String version = MAGIC + line() + "\n";
        if (!version.equals(Header.VERSION_LINE)) {
            throw new AgeException(AgeException.Kind.UNSUPPORTED_VERSION, "an age file of another version than 1");
        }
    }

    private Stanza stanza(String line) throws IOException {
        List<String> words =
                List.of(line.substring(Header.STANZA_START.length()).split(" ", -1));
        if (words.stream().anyMatch(String::isEmpty)) {
            throw new AgeException(AgeException.Kind.BAD_STANZA, "a stanza has an empty argument");
        }
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        while (true) {
            String text = line();
            if (text.length() > Header.COLUMNS) {
                throw new AgeException(AgeException.Kind.BAD_STANZA, "a stanza has a line of more than 64 columns");
            }
            if (text.startsWith("-")) {
                throw new AgeException(AgeException.Kind.BAD_STANZA, "a stanza lacks its last, short line");
            }
            body.writeBytes(CanonicalBase64.decode(text));
            if (text.length() < Header.COLUMNS) {
                return new Stanza(words.getFirst(), words.subList(1, words.size()), body.toByteArray());
            }
        }
    }

    private static void requirePassphraseAlone(List<Stanza> stanzas) throws AgeException {
        boolean passphrase = stanzas.stream().anyMatch(stanza -> stanza.type().equals(PassphraseRecipient.STANZA));
        if (passphrase && stanzas.size() > 1) {
            throw new AgeException(
                    AgeException.Kind.PASSPHRASE_NOT_ALONE, "a passphrase stanza stands beside another stanza");
        }
    }

    /** The next line without its line feed. */
    private String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        while (true) {
            int next = in.read();
            if (next < 0) {
                throw cut();
            }
            if (seen.size() >= Header.LARGEST) {
                throw new AgeException(
                        AgeException.Kind.OVERSIZED_HEADER, "the header is longer than " + Header.LARGEST + " bytes");
            }
            seen.write(next);
            if (next == '\n') {
                return line.toString(US_ASCII);
            }
            if (next < ' ' || next > '~') {
                throw new AgeException(AgeException.Kind.BAD_HEADER, "the header holds a character that is not text");
            }
            line.write(next);
        }
    }

    private static AgeException cut() {
        return new AgeException(AgeException.Kind.TRUNCATED, "the file ends inside its header");
    }
}
