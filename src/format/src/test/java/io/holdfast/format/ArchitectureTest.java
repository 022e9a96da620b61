package io.holdfast.format;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Set;
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

    private void check(ArchRule rule) {
        rule.check(classes);
    }
}
