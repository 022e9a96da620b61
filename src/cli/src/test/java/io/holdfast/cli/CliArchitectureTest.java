package io.holdfast.cli;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "io.holdfast.cli", importOptions = ImportOption.DoNotIncludeTests.class)
class CliArchitectureTest {
    @ArchTest
    static final ArchRule onlyOnePackageTalksToTheManager = noClasses()
            .that()
            .resideOutsideOfPackage("io.holdfast.cli.manager")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("java.net.http..");

    @ArchTest
    static final ArchRule localWorkNeedsNoManager = noClasses()
            .that()
            .resideInAPackage("io.holdfast.cli.local")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.holdfast.cli.manager");

    @ArchTest
    static final ArchRule noCycles =
            slices().matching("io.holdfast.(cli.*)..").should().beFreeOfCycles();
}
