package io.holdfast.agent.adapter.mariadb;

import io.holdfast.agent.adapter.LiveData.Content;
import io.holdfast.agent.adapter.RestoreFiles;
import io.holdfast.agent.attempt.JobException;
import io.holdfast.protocol.FailureCode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The accounts' part of a restore: those that the backup has otherwise than the server become as the backup has them. */
final class AccountRestore {
    static final String FILE = "accounts.json";

    private static final Logger LOG = LoggerFactory.getLogger(AccountRestore.class);

    private AccountRestore() {}

    /** Throws when the agent's user could not make the backup's accounts, or those of now again. */
    static void check(Client client, RestoreFiles files) throws IOException, InterruptedException {
        List<Account> live = Accounts.of(client);
        List<Account> changed = Accounts.different(read(files.backup()), live);
        List<Account> made = new ArrayList<>(changed);
        made.addAll(Accounts.counterparts(changed, live));
        Granter.of(client).require(made, live);
        if (made.stream().anyMatch(Account::hasPassword) && !takesHashes(client)) {
            throw new JobException(
                    FailureCode.SERVICE_DENIED,
                    "the server takes no hashes of passwords: strict_password_validation is on, and a plugin checks them",
                    "run SET GLOBAL strict_password_validation = OFF for the time of the restore");
        }
    }

    private static boolean takesHashes(Client client) throws IOException, InterruptedException {
        return client.run("""
                SELECT COUNT(*) FROM information_schema.PLUGINS WHERE PLUGIN_TYPE = 'PASSWORD VALIDATION'
                    AND PLUGIN_STATUS = 'ACTIVE' AND @@GLOBAL.strict_password_validation;
                """).getFirst().getFirst().equals("0");
    }

    /** Makes the changed accounts; users stay locked. Gives sentences about rights that the backup has and they have not. */
    static List<String> make(Client client, RestoreFiles files, Content by) throws IOException, InterruptedException {
        List<Refusal> refused = client.attempt(Accounts.make(changed(files, by)));
        return switch (by) {
            case BACKUP -> notes(files, refused);
            case OLD -> {
                // One account that is not quite as it was is better than all of them locked.
                refused.forEach(refusal -> LOG.warn("{}: not as before, refused: {}", files.name(), refusal));
                yield List.of();
            }
        };
    }

    private static List<String> notes(RestoreFiles files, List<Refusal> refused) throws JobException {
        for (Refusal refusal : refused) {
            LOG.info("{}: refused: {}", files.name(), refusal);
            if (!refusal.gone()) {
                throw refusal.failure("the accounts of the backup were refused");
            }
        }
        return refused.stream()
                .map(refusal -> "not given, as what it is about is gone: " + refusal)
                .toList();
    }

    /** Statements that let in whoever could connect before the restore, or can in the backup. */
    static List<String> unlock(RestoreFiles files, Content now) throws IOException {
        List<Account> changed = changed(files, now);
        List<Account> accounts = new ArrayList<>(read(files.closed()));
        accounts.removeIf(account -> changed.stream().anyMatch(account::names));
        accounts.addAll(changed);
        return accounts.stream().filter(Account::open).map(Account::unlock).toList();
    }

    /** The accounts that the backup has otherwise than they were, as either has them. */
    static List<Account> changed(RestoreFiles files, Content content) throws IOException {
        List<Account> before = read(files.closed());
        List<Account> changed = Accounts.different(read(files.backup()), before);
        return switch (content) {
            case BACKUP -> changed;
            case OLD -> Accounts.counterparts(changed, before);
        };
    }

    static List<Account> read(Path folder) throws IOException {
        return List.of(JsonFile.read(folder.resolve(FILE), Account[].class));
    }
}
