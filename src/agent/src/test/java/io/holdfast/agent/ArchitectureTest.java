package io.holdfast.agent;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Who may use what. */
@AnalyzeClasses(packages = "io.holdfast.agent", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    @ArchTest
    static final ArchRule theAgentHasNoStoresSdk = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("software.amazon..", "com.azure..", "org.bouncycastle..", "org.eclipse.jetty..")
            .because("an agent has no store credentials, and little memory");

    @ArchTest
    static final ArchRule connectionsAreOpenedInFewPackages = noClasses()
            .that()
            .resideOutsideOfPackages(
                    "io.holdfast.agent.http..",
                    "io.holdfast.agent.manager..",
                    "io.holdfast.agent.transfer..",
                    "io.holdfast.agent.adapter.rabbitmq..",
                    "io.holdfast.agent.adapter.search..")
            .should()
            .dependOnClassesThat()
            .haveFullyQualifiedName("java.net.HttpURLConnection")
            .orShould()
            .dependOnClassesThat()
            .haveFullyQualifiedName("javax.net.ssl.HttpsURLConnection")
            .orShould()
            .dependOnClassesThat()
            .resideInAPackage("java.net.http..")
            .because("what is repeated, and how often, is decided there");

    @ArchTest
    static final ArchRule programsAreStartedInOnePackage = noClasses()
            .that()
            .resideOutsideOfPackage("io.holdfast.agent.process..")
            .should()
            .dependOnClassesThat()
            .haveFullyQualifiedName("java.lang.ProcessBuilder")
            .orShould()
            .callMethod(Runtime.class, "exec", String.class)
            .orShould()
            .callMethod(Runtime.class, "exec", String[].class)
            .because("programs must end with the attempt, and with the agent");

    @ArchTest
    static final ArchRule adaptersKnowNeitherManagerNorStore = noClasses()
            .that()
            .resideInAPackage("io.holdfast.agent.adapter..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "io.holdfast.agent.manager..", "io.holdfast.agent.transfer..", "io.holdfast.agent.work..");

    @ArchTest
    static final ArchRule packagesHaveNoCycles =
            slices().matching("io.holdfast.agent.(**)").should().beFreeOfCycles();
}
