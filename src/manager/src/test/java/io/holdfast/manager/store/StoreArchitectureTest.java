package io.holdfast.manager.store;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Who may know what about stores. */
@AnalyzeClasses(packages = "io.holdfast", importOptions = DoNotIncludeTests.class)
class StoreArchitectureTest {
    @ArchTest
    static final ArchRule onlyTheS3StoreKnowsTheAwsSdk = noClasses()
            .that()
            .resideOutsideOfPackage("io.holdfast.manager.store.s3..")
            .and()
            .resideOutsideOfPackage("io.holdfast.testbed..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("software.amazon.awssdk..")
            .because("the rest of the manager works with any store");

    @ArchTest
    static final ArchRule storesKnowNothingOfBackups = noClasses()
            .that()
            .resideInAPackage("io.holdfast.manager.store..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.eclipse.jetty..", "org.jdbi..", "org.bouncycastle..", "io.holdfast.format..")
            .because("a store knows keys and bytes");

    @ArchTest
    static final ArchRule theContractKnowsNoImplementation = noClasses()
            .that()
            .resideInAPackage("io.holdfast.manager.store")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.holdfast.manager.store.s3..", "io.holdfast.manager.store.directory..")
            .because("wrappers work on any store");

    @ArchTest
    static final ArchRule noCycles =
            slices().matching("io.holdfast.manager.store.(*)..").should().beFreeOfCycles();
}
