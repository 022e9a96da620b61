package io.holdfast.manager.simulation;

import io.holdfast.format.age.X25519Identity;
import io.holdfast.format.age.X25519Recipient;
import io.holdfast.manager.ManagerCore;
import io.holdfast.manager.config.EncryptionKeyConfig;
import io.holdfast.manager.config.KeepRules;
import io.holdfast.manager.config.ManagerConfig;
import io.holdfast.manager.config.RetentionConfig;
import io.holdfast.manager.config.ScheduleConfig;
import io.holdfast.manager.cron.CronExpression;
import io.holdfast.manager.cron.CronSchedule;
import io.holdfast.manager.deletion.GarbageCollection;
import io.holdfast.manager.keys.ManagerKeys;
import io.holdfast.manager.keys.SigningKey;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.List;

/** The managers' configuration; what differs between seeds is drawn. */
record Settings(
        X25519Identity master,
        List<X25519Recipient> recovery,
        SigningKey signing,
        ManagerConfig.Jobs jobs,
        ScheduleConfig schedule,
        RetentionConfig retention,
        boolean readBack,
        int freshAfterDays) {
    private static final int MOST_ATTEMPTS = 5;
    private static final int MOST_COMMITS = 2;
    private static final Duration TASK_LEASE = Duration.ofMinutes(10);
    private static final GarbageCollection.Patience GARBAGE =
            new GarbageCollection.Patience(Duration.ofHours(2), Duration.ofHours(2));

    /** The same for a manager's core. */
    ManagerCore.Settings core() {
        return new ManagerCore.Settings(
                new ManagerKeys(master, signing, recovery),
                new EncryptionKeyConfig(8, 10, 1, 5, Duration.ofMinutes(15)),
                Long.MAX_VALUE,
                jobs,
                schedule,
                retention,
                readBack,
                freshAfterDays,
                GARBAGE,
                TASK_LEASE);
    }

    static Settings draw(Chance chance) {
        X25519Identity master = X25519Identity.generate(chance.secure());
        List<X25519Recipient> recovery = chance.perMille(300)
                ? List.of(X25519Identity.generate(chance.secure()).recipient())
                : List.of();
        ManagerConfig.Jobs jobs = new ManagerConfig.Jobs(
                Duration.ofSeconds(40),
                Duration.ofSeconds(10),
                Duration.ofSeconds(20),
                MOST_ATTEMPTS,
                Duration.ofSeconds(10),
                Duration.ofHours(1),
                24,
                chance.oneOf(List.of(1, 2, Integer.MAX_VALUE)),
                MOST_COMMITS);
        ScheduleConfig schedule = new ScheduleConfig(
                true,
                new CronSchedule(CronExpression.parse("30 */8 * * *"), ZoneOffset.UTC),
                Duration.ofMinutes(chance.oneOf(List.of(0, 30))),
                Duration.ofMinutes(15),
                List.of());
        boolean readBack = chance.perMille(800);
        KeepRules rules = new KeepRules(
                chance.between(0, 2), Duration.ZERO, chance.below(3), 0, 0, 0, chance.between(1, 2), ZoneOffset.UTC);
        RetentionConfig retention =
                new RetentionConfig(true, rules, Duration.ofDays(2), 100, Duration.ofHours(1), readBack);
        int freshAfterDays = chance.oneOf(List.of(0, 1, 14));
        return new Settings(master, recovery, signing(chance), jobs, schedule, retention, readBack, freshAfterDays);
    }

    private static SigningKey signing(Chance chance) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("Ed25519");
            generator.initialize(255, chance.secure());
            KeyPair pair = generator.generateKeyPair();
            return new SigningKey(pair, List.of(pair.getPublic()));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
