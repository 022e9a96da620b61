package io.holdfast.format.age;

import static io.holdfast.format.age.AgeFile.IDENTITY;
import static io.holdfast.format.age.AgeFile.assertRefused;
import static io.holdfast.format.age.AgeFile.released;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.holdfast.format.age.AgeException.Kind;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class BrokenArmorTest {
    private final AgeFile file;
    private String text = "";

    BrokenArmorTest() throws IOException {
        file = AgeFile.of(10);
    }

    @BeforeEach
    void armor() throws IOException {
        ByteArrayOutputStream armored = new ByteArrayOutputStream();
        try (OutputStream out = Age.armor(armored)) {
            out.write(file.bytes);
        }
        text = armored.toString(US_ASCII);
    }

    @Test
    void textIsInLinesOfSixtyFourColumnsBetweenItsMarks() {
        List<String> lines = text.lines().toList();
        assertThat(lines.getFirst()).isEqualTo("-----BEGIN AGE ENCRYPTED FILE-----");
        assertThat(lines.getLast()).isEqualTo("-----END AGE ENCRYPTED FILE-----");
        assertThat(lines.subList(1, lines.size() - 2))
                .allSatisfy(line -> assertThat(line).hasSize(64));
    }

    @Test
    void whiteSpaceAroundAndCarriageReturnsAreFine() throws IOException {
        for (String variant : List.of(" \r\n\t" + text + "\n\n ", text.replace("\n", "\r\n"), text.strip())) {
            assertThat(Age.decrypt(new ByteArrayInputStream(AgeFile.bytes(variant)), List.of(IDENTITY))
                            .readAllBytes())
                    .isEqualTo(file.plaintext);
        }
    }

    @Test
    void textWithoutItsLastLineIsTruncated() {
        String cut = text.substring(0, text.indexOf("-----END"));
        assertThat(released(Kind.TRUNCATED, AgeFile.bytes(cut), IDENTITY)).isEmpty();
    }

    @Test
    void dataAfterTheLastLineIsRefused() {
        assertThat(released(Kind.DATA_AFTER_END, AgeFile.bytes(text + "x"), IDENTITY))
                .isEmpty();
    }

    @Test
    void otherTextIsNotAge() {
        assertRefused(Kind.NOT_AGE, text.replace("AGE ENCRYPTED FILE", "PGP MESSAGE"));
        assertRefused(Kind.NOT_AGE, "\n\n\nhello\n");
    }

    @Test
    void malformedLinesAreRefused() {
        String first = text.lines().toList().get(1);
        assertRefused(Kind.BAD_ARMOR, text.replace(first, first + "AAAA"));
        assertRefused(Kind.BAD_ARMOR, text.replace(first, first.substring(0, 60)));
        assertRefused(Kind.BAD_ARMOR, text.replace(first, "-" + first.substring(1)));
        assertRefused(Kind.BAD_ARMOR, text.replace(first, first + "\n"));
        assertRefused(Kind.BAD_ARMOR, text.replace(first, "A".repeat(100_000)));
        assertRefused(Kind.BAD_ARMOR, " ".repeat(2000) + text);
    }
}
