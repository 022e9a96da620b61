package io.holdfast.manager;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.constructors;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaConstructor;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import io.holdfast.manager.agents.RefusedAgents;
import io.holdfast.manager.backup.Backups;
import io.holdfast.manager.instance.Instances;
import io.holdfast.manager.instance.Lives;
import io.holdfast.manager.instance.Revisions;
import io.holdfast.manager.jobs.Jobs;
import io.holdfast.manager.jobs.Pauses;
import io.holdfast.manager.keys.KeyVersions;
import io.holdfast.manager.restore.Restores;
import io.holdfast.manager.sql.Database;
import io.holdfast.manager.sql.QueueSignals;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;

/** Who may know what in the manager. The AWS SDK's rule stands beside the store. */
@AnalyzeClasses(packages = "io.holdfast.manager", importOptions = ImportOption.DoNotIncludeTests.class)
class ManagerArchitectureTest {
    private static final String[] FACES = {
        "io.holdfast.manager.a9s..",
        "io.holdfast.manager.access..",
        "io.holdfast.manager.agentapi..",
        "io.holdfast.manager.api..",
        "io.holdfast.manager.dashboard..",
        "io.holdfast.manager.display..",
        "io.holdfast.manager.downloads..",
        "io.holdfast.manager.http..",
        "io.holdfast.manager.identity..",
        "io.holdfast.manager.listener..",
        "io.holdfast.manager.monitoring..",
        "io.holdfast.manager.wire.."
    };

    private static final Pattern CHANGES =
            Pattern.compile("(add|set|mark|queue|register|keep|skip|begin|give|take|remove|pause|resume|delete)\\w*");
    private static final Set<Class<?>> NOUNS = Set.of(
            Backups.class,
            Instances.class,
            Lives.class,
            Jobs.class,
            KeyVersions.class,
            Pauses.class,
            RefusedAgents.class,
            Restores.class,
            Revisions.class);

    private static final ArchCondition<JavaClass> CHANGE_WHAT_HAS_A_USE_CASE =
            new ArchCondition<>("change what has a use case") {
                @Override
                public void check(JavaClass item, ConditionEvents events) {
                    for (JavaMethodCall call : item.getMethodCallsFromSelf()) {
                        boolean isNoun = NOUNS.stream()
                                .anyMatch(noun -> call.getTargetOwner().isEquivalentTo(noun));
                        events.add(new SimpleConditionEvent(
                                item, isNoun && CHANGES.matcher(call.getName()).matches(), call.getDescription()));
                    }
                }
            };

    @ArchTest
    static final ArchRule ONLY_THE_LISTENER_KNOWS_JETTY = noClasses()
            .that()
            .resideOutsideOfPackage("io.holdfast.manager.listener..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.eclipse.jetty..");

    @ArchTest
    static final ArchRule ONLY_THE_DATABASE_KNOWS_ITS_ENGINES = noClasses()
            .that()
            .resideOutsideOfPackage("io.holdfast.manager.sql..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("com.zaxxer..", "org.sqlite..", "org.postgresql..")
            .because("two engines differ in one package only");

    @ArchTest
    static final ArchRule ONLY_TABLES_KNOW_SQL = noClasses()
            .that()
            .resideOutsideOfPackage("io.holdfast.manager.sql..")
            .and()
            .haveNameNotMatching(".*Table(\\$.*)?")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.jdbi..", "java.sql..")
            .because("what a noun is and does can be read without how it is kept");

    @ArchTest
    static final ArchRule ONLY_TABLES_READ_AND_WRITE_ROWS = noClasses()
            .that()
            .resideOutsideOfPackage("io.holdfast.manager.sql..")
            .and()
            .haveNameNotMatching(".*Table(\\$.*)?")
            .should()
            .callMethod(Database.class, "read", Function.class)
            .orShould()
            .callMethod(Database.class, "write", Function.class)
            .because("all others have Transactions, and hand the database on to tables at most");

    @ArchTest
    static final ArchRule TABLES_ARE_THEIR_NOUNS_OWN = classes()
            .that()
            .haveSimpleNameEndingWith("Table")
            .should()
            .bePackagePrivate()
            .because("whoever wants something of a noun asks it, and not its rows");

    @ArchTest
    static final ArchRule ONLY_CRON_KNOWS_ITS_LIBRARY = noClasses()
            .that()
            .resideOutsideOfPackage("io.holdfast.manager.cron..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("com.cronutils..");

    @ArchTest
    static final ArchRule ONLY_IDENTITY_KNOWS_TOKENS = noClasses()
            .that()
            .resideOutsideOfPackage("io.holdfast.manager.identity..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("com.nimbusds..");

    @ArchTest
    static final ArchRule THE_DOMAIN_DOES_NOT_KNOW_ITS_API = noClasses()
            .that()
            .resideOutsideOfPackages(FACES)
            // What puts all parts together.
            .and()
            .resideOutsideOfPackage("io.holdfast.manager")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(FACES)
            .because("what happens is the same whoever asks; how callers ask and are answered is their face's");

    @ArchTest
    static final ArchRule FACES_ASK_THE_DOMAIN_FOR_CHANGES = noClasses()
            .that()
            .resideInAnyPackage(FACES)
            .should(CHANGE_WHAT_HAS_A_USE_CASE)
            .because("what is asked for has one use case each, which the API, the a9s routes, the pages and the agents"
                    + " share");

    @ArchTest
    static final ArchRule FACES_SEE_NO_TABLES = noClasses()
            .that()
            .resideInAnyPackage(FACES)
            // Sessions and answers to repeated requests are callers' own, and kept here.
            .and()
            .resideOutsideOfPackages("io.holdfast.manager.access..", "io.holdfast.manager.identity..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.holdfast.manager.sql..")
            .because("they ask nouns, whatever keeps those");

    private static final int MOST_PARAMETERS = 8;

    @ArchTest
    static final ArchRule CONSTRUCTORS_ARE_SHORT = constructors()
            .that()
            .areDeclaredInClassesThat()
            .areNotAssignableTo(Record.class)
            .should(new ArchCondition<>("have at most " + MOST_PARAMETERS + " parameters") {
                @Override
                public void check(JavaConstructor each, ConditionEvents events) {
                    int count = each.getRawParameterTypes().size();
                    events.add(new SimpleConditionEvent(
                            each, count <= MOST_PARAMETERS, each.getFullName() + " has " + count));
                }
            })
            .because("who needs more than that does more than one thing; only ManagerCore and Faces put everything"
                    + " together");

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
