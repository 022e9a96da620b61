package io.holdfast.manager;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import io.holdfast.manager.database.QueueSignals;

/** Who may know what in the manager. The AWS SDK's rule stands beside the store. */
@AnalyzeClasses(packages = "io.holdfast.manager", importOptions = ImportOption.DoNotIncludeTests.class)
class ManagerArchitectureTest {
    @ArchTest
    static final ArchRule ONLY_HTTP_KNOWS_JETTY = noClasses()
            .that()
            .resideOutsideOfPackage("io.holdfast.manager.http..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.eclipse.jetty..");

    @ArchTest
    static final ArchRule ONLY_THE_DATABASE_KNOWS_SQL = noClasses()
            .that()
            .resideOutsideOfPackage("io.holdfast.manager.database..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("java.sql..", "org.jdbi..", "com.zaxxer..", "org.sqlite..", "org.postgresql..");

    @ArchTest
    static final ArchRule ONLY_CRON_KNOWS_ITS_LIBRARY = noClasses()
            .that()
            .resideOutsideOfPackage("io.holdfast.manager.cron..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("com.cronutils..");

    @ArchTest
    static final ArchRule ONLY_ACCESS_KNOWS_TOKENS = noClasses()
            .that()
            .resideOutsideOfPackage("io.holdfast.manager.access..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("com.nimbusds..");

    @ArchTest
    static final ArchRule THE_DOMAIN_DOES_NOT_KNOW_ITS_API = noClasses()
            .that()
            .resideInAnyPackage(
                    "io.holdfast.manager.database..",
                    "io.holdfast.manager.jobs..",
                    "io.holdfast.manager.backup..",
                    "io.holdfast.manager.catalogue..",
                    "io.holdfast.manager.cron..",
                    "io.holdfast.manager.schedule..",
                    "io.holdfast.manager.retention..",
                    "io.holdfast.manager.keys..",
                    "io.holdfast.manager.store..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.holdfast.manager.api..", "io.holdfast.manager.http..");

    @ArchTest
    static final ArchRule THREADS_BEGIN_WHERE_THEIR_END_IS_AWAITED = noClasses()
            .that()
            .doNotBelongToAnyOf(Background.class, QueueSignals.class, Main.class)
            .should()
            .callMethod(Thread.class, "ofPlatform")
            .orShould()
            .callMethod(Thread.class, "ofVirtual")
            .orShould()
            .callMethod(Thread.class, "startVirtualThread", Runnable.class)
            .because(
                    "a manager that ends joins all that it has begun, and what it forgot would go on without a database");

    @ArchTest
    static final ArchRule NO_CYCLES =
            slices().matching("io.holdfast.manager.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule TIME_IS_GIVEN = noClasses()
            .that()
            .resideOutsideOfPackage("io.holdfast.manager.store..")
            .should()
            .callMethod(java.time.Instant.class, "now")
            .because("leases are judged by the database's clock, and the rest by an injected one");
}
