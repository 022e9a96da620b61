package io.holdfast.agent.adapter.mariadb;

import io.holdfast.agent.adapter.LiveData.Content;
import io.holdfast.agent.adapter.RestoreFiles;
import io.holdfast.agent.attempt.JobException;
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
        client.product().requireTakes(client, made);
    }

    /** Makes the changed accounts; users stay locked. Gives what the server refused. */
    static List<Refusal> make(Client client, RestoreFiles files, Content by) throws IOException, InterruptedException {
        return client.attempt(Accounts.make(client.product(), changed(files, by), Accounts.of(client)));
    }

    /**
     * The rights of accounts that stay as they are to routines of schemas that are replaced: servers drop them with the routines, which
     * are created again.
     */
    static List<String> routineRights(RestoreFiles files, Content content, List<String> schemas) throws IOException {
        List<Account> changed = changed(files, content);
        List<String> places = new ArrayList<>();
        for (String kind : List.of("FUNCTION", "PROCEDURE", "PACKAGE", "PACKAGE BODY")) {
            schemas.forEach(schema -> places.add(" ON " + kind + " " + Sql.identifier(schema) + "."));
        }
        return read(files.closed()).stream()
                .filter(account -> changed.stream().noneMatch(account::names))
                .flatMap(account -> account.statements().stream())
                .filter(statement ->
                        statement.startsWith("GRANT ") && places.stream().anyMatch(statement::contains))
                .toList();
    }

    /**
     * Sentences about rights that the content has and accounts have not.
     *
     * @throws JobException when something else of the backup's was refused
     */
    static List<String> notes(Product product, RestoreFiles files, List<Refusal> refused, Content content)
            throws JobException {
        if (content == Content.OLD) {
            // One account that is not quite as it was is better than all of them locked.
            refused.forEach(refusal -> LOG.warn("{}: not as before, refused: {}", files.name(), refusal));
            return List.of();
        }
        for (Refusal refusal : refused) {
            LOG.info("{}: refused: {}", files.name(), refusal);
            if (!product.gone(refusal)) {
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
