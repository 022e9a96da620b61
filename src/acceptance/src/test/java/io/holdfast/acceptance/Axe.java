package io.holdfast.acceptance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/** axe-core, which finds what keeps people from using a page: the npm package (MPL-2.0), fetched once into the build's folder. */
final class Axe {
    private static final String VERSION = "4.14.1";
    private static final String SHA_512 =
            "FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ==";

    private Axe() {}

    /** The script. */
    static String script() {
        try {
            // Tests run in several processes: each has a folder of its own.
            Path folder = Files.createDirectories(Path.of(
                    "target", "axe-core", Long.toString(ProcessHandle.current().pid())));
            Path archive = folder.resolve("axe-core-" + VERSION + ".tgz");
            if (!Files.exists(archive)) {
                Shell.run("npm", "pack", "--silent", "--pack-destination", folder.toString(), "axe-core@" + VERSION);
            }
            byte[] hash = MessageDigest.getInstance("SHA-512").digest(Files.readAllBytes(archive));
            if (!Base64.getEncoder().encodeToString(hash).equals(SHA_512)) {
                Files.delete(archive);
                throw new AssertionError(archive + " is not the pinned package; it was deleted");
            }
            Shell.run("tar", "-xzf", archive.toString(), "-C", folder.toString(), "package/axe.min.js");
            return Files.readString(folder.resolve("package/axe.min.js"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
