package io.holdfast.format;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import io.holdfast.format.artifact.ArtifactReader;
import io.holdfast.format.artifact.ArtifactWriter;
import java.util.HashSet;
import java.util.Set;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
    private static final String ROOT = "io.holdfast.format";

    private final JavaClasses classes =
            new ClassFileImporter(Set.of(new ImportOption.DoNotIncludeTests())).importPackages(ROOT);

    @Test
    void onlyTheZstdPackageKnowsTheZstdLibrary() {
        check(noClasses()
                .that()
                .resideOutsideOfPackage(ROOT + ".zstd")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("com.github.luben.zstd.."));
    }

    @Test
    void onlyTheAgePackageKnowsBouncyCastle() {
        check(noClasses()
                .that()
                .resideOutsideOfPackage(ROOT + ".age")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.bouncycastle.."));
    }

    @Test
    void onlyJsonAndSignedFilesKnowJackson() {
        check(noClasses()
                .that()
                .resideOutsideOfPackages(ROOT + ".json", ROOT + ".signed", ROOT + ".instance", ROOT + ".manifest")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("tools.jackson..", "com.fasterxml.."));
    }

    @Test
    void packagesHaveNoCycles() {
        check(slices().matching(ROOT + ".(*)..").should().beFreeOfCycles());
    }

    @Test
    void formatIsPureStreamsWithoutNetworkFilesOrClock() {
        check(noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("java.net..", "java.nio.file..", "java.sql..")
                .orShould()
                .callMethod(java.time.Instant.class, "now")
                .orShould()
                .callMethod(System.class, "currentTimeMillis"));
    }

    @Test
    void noClassOfTheFormatKnowsTheRestOfHoldfast() {
        check(classes()
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        ROOT + "..",
                        "java..",
                        "javax.crypto..",
                        "org.jspecify..",
                        "org.bouncycastle..",
                        "com.github.luben..",
                        "tools.jackson..",
                        "com.fasterxml.."));
    }

    @Test
    void writingAndReadingAnArtifactShareNoClass() {
        Set<String> shared = reached(ArtifactWriter.class);
        shared.retainAll(reached(ArtifactReader.class));
        Assertions.assertThat(shared).isEmpty();
    }

    /** All classes of the artifact package that one of them uses, over any number of steps. */
    private Set<String> reached(Class<?> start) {
        Set<String> reached = new HashSet<>();
        reach(start.getName(), reached);
        return reached;
    }

    private void reach(String name, Set<String> reached) {
        if (reached.add(name)) {
            classes.get(name).getDirectDependenciesFromSelf().stream()
                    .map(dependency -> dependency.getTargetClass())
                    .filter(target -> target.getPackageName().equals(ROOT + ".artifact"))
                    .forEach(target -> reach(target.getName(), reached));
        }
    }

    private void check(ArchRule rule) {
        rule.check(classes);
    }
}
