package io.holdfast.agent.adapter.mariadb;

import io.holdfast.agent.config.MariadbConfig;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What MariaDB and MySQL do otherwise: names of programs, rights and settings, and the statements that only one of them knows. All
 * else is the same for both. Stateless.
 */
sealed interface Product permits MariadbProduct, MysqlProduct {
    /** The product of a {@code kind} in the agent's settings. */
    static Product of(String kind) {
        return kind.equals(MariadbConfig.MYSQL) ? MysqlProduct.MYSQL : MariadbProduct.MARIADB;
    }

    /** As in settings and manifests. */
    String kind();

    /** As people call it. */
    String title();

    /** Pairs of a client and a dump program, the preferred pair first. */
    List<List<String>> programs();

    /** The version that a program or a server tells; null when it is another product's. */
    @Nullable ToolVersion version(String text);

    /** The oldest client programs that will do. */
    ToolVersion oldest();

    /** The oldest server that is not refused. */
    ToolVersion oldestServer();

    /** Why client programs of this version should not be used, or null. */
    @Nullable String warning(ToolVersion version);

    /** Options of the client that keep what it reads from being a command of its own. */
    List<String> clientOptions();

    /** Options of the dump program that only this one knows or needs. */
    List<String> dumpOptions();

    /** Lines of an option file about TLS and passwords. */
    String connection(MariadbConfig config);

    /**
     * Goes before all SQL of the agent: what the user's or the server's settings could change. The other product has to take it too: it
     * is to be told of by its version.
     */
    String session();

    /** The user's own rights to everything that a dump needs: without one, what it is about would be left out silently. */
    Set<String> RIGHTS_TO_DUMP = Set.of("SELECT", "SHOW VIEW", "TRIGGER", "EVENT");

    Set<String> rightsToRestore();

    /**
     * A query that gives one text: what makes the user's rights or the server's answers less than they seem, so that a dump would not
     * have all; empty when nothing does.
     */
    String hidingQuery();

    /** The rights of a user who may hand on each proxy. */
    String anyProxy();

    /** A query for the names and hosts of accounts, and {@code Y} for a role without a host. */
    String accountsQuery();

    /**
     * What a server says of accounts, as it is kept.
     *
     * @param accounts without statements
     * @param rows for each account what {@link Account#describe} gives
     */
    List<Account> describe(Client client, List<Account> accounts, List<List<String>> rows)
            throws IOException, InterruptedException;

    /**
     * Statements that make an account anew or as it should be, or remove it; a user is locked until it is opened. Without its rights,
     * but those that it should not have are gone.
     *
     * @param now what the server has of it; null when that is nothing
     */
    List<String> make(Account account, @Nullable Account now);

    /** Throws when the server would refuse accounts for what it does not have or allow. */
    void requireTakes(Client client, List<Account> accounts) throws IOException, InterruptedException;

    /** Whether a statement about accounts was refused because what it is about is gone; or what it takes. */
    boolean gone(Refusal refusal);

    /** Ends others' sessions, once. */
    EndedSessions endSessions(Client client) throws IOException, InterruptedException;

    /** Whether there were any. */
    enum EndedSessions {
        NONE,
        SOME
    }

    /** The settings of a session that imports, see {@link ImportSession}. */
    Map<String, String> importSettings();

    /** A query for those of some settings that the server has, and that a session can change. */
    String knownSettings(List<String> names);

    /** What shows a server's connections to primaries. */
    ReplicaStatus.Words replica();

    /** The SQL mode in which all kinds of definitions can be dropped; may be none. */
    String droppingMode();

    /** A query for definitions that have no place in the tables that both products have: kind, schema, name; or an empty text. */
    String moreDefinitions(Client client, List<String> schemas) throws IOException, InterruptedException;

    /** Statements that take from a schema what its attributes need not say. */
    List<String> bareSchema(String alter);

    /** What a foreign key does to rows when its definition does not say it. */
    String foreignKeyDefault();

    /** Whether a statement may drop a foreign key that is not there. */
    boolean dropsForeignKeyIfExists();
}
