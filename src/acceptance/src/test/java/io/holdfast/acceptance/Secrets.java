package io.holdfast.acceptance;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Planted secrets, and how each of them would look somewhere: as it is, or in base64. Any thread may look. */
final class Secrets {
    private final Map<String, List<String>> forms = new LinkedHashMap<>();

    /** Adds a secret; to be done before anybody looks. */
    void plant(String name, String secret) {
        if (secret.length() < 12) {
            throw new IllegalArgumentException(name + " is so short that it may be somewhere by chance");
        }
        List<String> looks = new ArrayList<>(List.of(secret));
        // In base64 a text looks in three ways, by where it begins; its ends depend on what stands beside it.
        for (int before = 0; before < 3; before++) {
            String encoded = Base64.getEncoder()
                    .withoutPadding()
                    .encodeToString((" ".repeat(before) + secret).getBytes(StandardCharsets.UTF_8));
            looks.add(encoded.substring(before == 0 ? 0 : before + 1, encoded.length() - 2));
        }
        forms.put(name, looks);
    }

    int count() {
        return forms.size();
    }

    /** The names of the secrets that are in some bytes. */
    List<String> in(byte[] content) {
        String text = new String(content, StandardCharsets.ISO_8859_1);
        return forms.entrySet().stream()
                .filter(secret -> secret.getValue().stream().anyMatch(text::contains))
                .map(Map.Entry::getKey)
                .toList();
    }
}
