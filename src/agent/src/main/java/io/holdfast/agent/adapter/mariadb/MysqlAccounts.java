package io.holdfast.agent.adapter.mariadb;

import io.holdfast.agent.attempt.JobException;
import io.holdfast.protocol.FailureCode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * MySQL's statements for accounts. A role is an account like others, which somebody has been given; so none is dropped to be created again,
 * because others would lose it.
 */
final class MysqlAccounts {
    /** Begins statements that take back what an account has beyond its backup. */
    private static final String REVOKE = "REVOKE IF EXISTS ";

    private static final String GRANT = "GRANT ";
    private static final Set<String> RESOURCES =
            Set.of("MAX_QUERIES_PER_HOUR", "MAX_UPDATES_PER_HOUR", "MAX_CONNECTIONS_PER_HOUR", "MAX_USER_CONNECTIONS");
    private static final Set<String> LOGINS = Set.of("FAILED_LOGIN_ATTEMPTS", "PASSWORD_LOCK_TIME");
    private static final Pattern EMPTY_ATTRIBUTE = Pattern.compile(" ATTRIBUTE '\\{\\}'$");
    private static final Pattern KEY = Pattern.compile("\"((?:[^\"\\\\]|\\\\.)*)\"\\s*:");

    private MysqlAccounts() {}

    /** Whose roles were given to whom, each as {@link #given} writes it: {@code SHOW GRANTS} gives mandatory roles too. */
    static Set<String> givenRoles(Client client) throws IOException, InterruptedException {
        Set<String> given = new HashSet<>();
        for (List<String> row : client.run("SELECT FROM_USER, FROM_HOST, TO_USER, TO_HOST FROM mysql.role_edges;")) {
            given.add(given(
                    Sql.identifier(row.get(0)) + "@" + Sql.identifier(row.get(1)),
                    Sql.identifier(row.get(2)) + "@" + Sql.identifier(row.get(3))));
        }
        return given;
    }

    private static String given(String role, String account) {
        return role + " TO " + account;
    }

    /**
     * An account with its statements: the one that makes it, without its default role, which has to be given first; its rights, of
     * which those to columns, roles and the server's own rights are one by one; its default role.
     *
     * @param rows what {@link Account#describe} gives
     * @param givenRoles see {@link #givenRoles}
     */
    static Account described(Account account, List<String> rows, Set<String> givenRoles) {
        String user = withoutNoLimits(EMPTY_ATTRIBUTE.matcher(rows.getFirst()).replaceFirst(""));
        List<String> statements = new ArrayList<>();
        statements.add(user);
        List<String> more = new ArrayList<>();
        for (String right : rows.subList(1, rows.size())) {
            more.addAll(split(right, givenRoles));
        }
        more.sort(Comparator.naturalOrder()); // the server gives them in an order that a restart changes
        List<Token> tokens = Token.of(user, Integer.MAX_VALUE);
        int roles = Token.after(tokens, "DEFAULT", "ROLE");
        if (roles > 0) {
            int end = roles;
            while (end < tokens.size() && tokens.get(end).type() != Token.Type.WORD) {
                end++;
            }
            int begin = tokens.get(roles - 2).start();
            int from = tokens.get(roles).start();
            int to = tokens.get(end - 1).end();
            statements.set(0, user.substring(0, begin) + user.substring(to).stripLeading());
            more.add("SET DEFAULT ROLE " + user.substring(from, to) + " TO " + account.quoted());
        }
        statements.addAll(more);
        return new Account(account.name(), account.host(), false, statements);
    }

    private static List<String> split(String right, Set<String> givenRoles) {
        List<Token> tokens = Token.of(right, Integer.MAX_VALUE);
        if (tokens.size() > 1 && tokens.get(1).type() == Token.Type.NAME) {
            return roles(right, tokens).stream()
                    .filter(grant -> givenRoles.stream().anyMatch(given -> {
                        String whole = GRANT + given;
                        return grant.equals(whole) || grant.startsWith(whole + " WITH ");
                    }))
                    .toList();
        }
        return dynamic(tokens)
                ? rights(right, tokens)
                : ColumnGrants.split(right).stream()
                        .map(each -> each.replaceFirst("^GRANT +", GRANT))
                        .toList();
    }

    private static List<String> roles(String right, List<Token> tokens) {
        List<String> statements = new ArrayList<>();
        int to = 1;
        while (to < tokens.size() && !tokens.get(to).word("TO")) {
            to++;
        }
        int begin = 1;
        for (int i = 1; i <= to && to < tokens.size(); i++) {
            if (i == to || tokens.get(i).symbol(',')) {
                statements.add(GRANT
                        + right.substring(
                                tokens.get(begin).start(), tokens.get(i - 1).end()) + " "
                        + right.substring(tokens.get(to).start()));
                begin = i + 1;
            }
        }
        return statements;
    }

    /** Rights with underscores in their names: each may be gone with the component that brought it. */
    private static boolean dynamic(List<Token> tokens) {
        return tokens.size() > 1
                && tokens.getFirst().word("GRANT")
                && tokens.get(1).type() == Token.Type.WORD
                && tokens.get(1).value().contains("_");
    }

    private static List<String> rights(String right, List<Token> tokens) {
        List<String> statements = new ArrayList<>();
        int on = 1;
        while (!tokens.get(on).word("ON")) {
            on++;
        }
        for (int i = 1; i < on; i++) {
            if (tokens.get(i).type() == Token.Type.WORD) {
                statements.add(GRANT + tokens.get(i).value() + " "
                        + right.substring(tokens.get(on).start()));
            }
        }
        return statements;
    }

    /** See {@link Product#make}. */
    static List<String> make(Account account, @Nullable Account now) {
        String name = account.quoted();
        if (account.statements().isEmpty()) {
            return List.of("DROP USER IF EXISTS " + name);
        }
        String create = locked(account.statements().getFirst());
        if (now == null || now.statements().isEmpty()) {
            return List.of(create);
        }
        String before = now.statements().getFirst();
        if (manyFactors(create) || manyFactors(before)) {
            return List.of("DROP USER IF EXISTS " + name, create);
        }
        List<String> all = new ArrayList<>();
        all.add("ALTER USER " + name + noLimits(before) + " ACCOUNT LOCK");
        all.add("ALTER USER " + name + " DEFAULT ROLE NONE");
        Set<String> keys = attributeKeys(before);
        if (!keys.isEmpty()) {
            String nothing =
                    keys.stream().map(key -> "\"" + key + "\": null").collect(Collectors.joining(", ", "{", "}"));
            all.add("ALTER USER " + name + " ATTRIBUTE " + Sql.literal(nothing));
        }
        all.add("ALTER USER" + withHash(create).substring("CREATE USER".length()));
        all.add(REVOKE + "ALL PRIVILEGES, GRANT OPTION FROM " + name);
        for (String right : now.statements()) {
            List<Token> tokens = Token.of(right, Integer.MAX_VALUE);
            boolean role = tokens.size() > 1 && tokens.get(1).type() == Token.Type.NAME;
            boolean proxy = tokens.size() > 1 && tokens.get(1).word("PROXY");
            if (right.startsWith(GRANT)
                    && (role || proxy)
                    && !account.statements().contains(right)) {
                int to = 1;
                while (!tokens.get(to).word("TO")) {
                    to++;
                }
                all.add(REVOKE
                        + right.substring(tokens.get(1).start(), tokens.get(to).start()) + "FROM " + name);
            }
        }
        return all;
    }

    /** Options that take the limits away which an account has: those that a statement does not name stay. */
    private static String noLimits(String create) {
        List<String> resources = new ArrayList<>();
        List<String> logins = new ArrayList<>();
        for (Token token : Token.of(create, Integer.MAX_VALUE)) {
            if (token.type() == Token.Type.WORD && RESOURCES.contains(token.value())) {
                resources.add(" " + token.value() + " 0");
            } else if (token.type() == Token.Type.WORD && LOGINS.contains(token.value())) {
                logins.add(" " + token.value() + " 0");
            }
        }
        return (resources.isEmpty() ? "" : " WITH" + String.join("", resources)) + String.join("", logins);
    }

    /** Without limits of 0, which are none: a server tells them until it is started again. */
    private static String withoutNoLimits(String create) {
        List<Token> tokens = Token.of(create, Integer.MAX_VALUE);
        for (int i = 0; i + 2 < tokens.size(); i++) {
            if (tokens.get(i).word("WITH")
                    && RESOURCES.contains(tokens.get(i + 1).value())) {
                StringBuilder limits = new StringBuilder();
                int end = i + 1;
                while (end + 1 < tokens.size()
                        && RESOURCES.contains(tokens.get(end).value())) {
                    if (!tokens.get(end + 1).value().equals("0")) {
                        limits.append(" ")
                                .append(
                                        create,
                                        tokens.get(end).start(),
                                        tokens.get(end + 1).end());
                    }
                    end += 2;
                }
                String head = create.substring(0, tokens.get(i).start());
                String rest = create.substring(tokens.get(end - 1).end());
                return limits.isEmpty() ? head + rest.stripLeading() : head + "WITH" + limits + rest;
            }
        }
        return create;
    }

    private static String locked(String create) {
        List<Token> tokens = Token.of(create, Integer.MAX_VALUE);
        int behind = Token.after(tokens, "ACCOUNT", "UNLOCK");
        if (behind == 0) {
            return create;
        }
        Token unlock = tokens.get(behind - 1);
        return create.substring(0, unlock.start()) + "LOCK" + create.substring(unlock.end());
    }

    /** With an empty hash where there is none: a user whose plugin is changed without one has to change the password at once. */
    private static String withHash(String create) {
        List<Token> tokens = Token.of(create, Integer.MAX_VALUE);
        int plugin = Token.after(tokens, "IDENTIFIED", "WITH");
        if (plugin == 0 || plugin + 1 >= tokens.size() || tokens.get(plugin + 1).word("AS")) {
            return create;
        }
        int end = tokens.get(plugin).end();
        return create.substring(0, end) + " AS ''" + create.substring(end);
    }

    private static boolean manyFactors(String create) {
        return Token.after(Token.of(create, Integer.MAX_VALUE), "AND", "IDENTIFIED") > 0;
    }

    /** The keys, of all depths, of what follows ATTRIBUTE, as JSON writes them; those that are not there do no harm. */
    private static Set<String> attributeKeys(String create) {
        Set<String> keys = new TreeSet<>();
        List<Token> tokens = Token.of(create, Integer.MAX_VALUE);
        for (int i = 0; i + 1 < tokens.size(); i++) {
            if (tokens.get(i).word("ATTRIBUTE")) {
                Matcher key = KEY.matcher(tokens.get(i + 1).value().replace("\\\\", "\\"));
                while (key.find()) {
                    keys.add(key.group(1));
                }
            }
        }
        return keys;
    }

    /**
     * Throws when the server lacks a plugin by which an account logs in, when it does not take rights back for single schemas, or when the
     * agent's user has not what it would have to give.
     */
    static void requireTakes(Client client, List<Account> accounts) throws IOException, InterruptedException {
        List<String> plugins = firsts(client.run("SELECT PLUGIN_NAME FROM information_schema.PLUGINS"
                + " WHERE PLUGIN_TYPE = 'AUTHENTICATION' AND PLUGIN_STATUS = 'ACTIVE';"));
        Set<String> needed = new TreeSet<>();
        boolean takenBack = false;
        Set<String> wanted = new TreeSet<>();
        for (Account account : accounts) {
            for (String statement : account.statements()) {
                List<Token> tokens = Token.of(statement, Integer.MAX_VALUE);
                if (statement.startsWith("CREATE USER ")) {
                    for (int i = 0; i + 2 < tokens.size(); i++) {
                        if (tokens.get(i).word("IDENTIFIED")
                                && tokens.get(i + 1).word("WITH")) {
                            needed.add(tokens.get(i + 2).value());
                        }
                    }
                }
                takenBack |= statement.startsWith("REVOKE ");
                if (statement.contains(" ON *.* TO ")) {
                    wanted.addAll(List.of(statement
                            .substring(GRANT.length(), statement.indexOf(" ON *.* TO "))
                            .split(", ?")));
                }
            }
        }
        needed.removeAll(plugins);
        if (!needed.isEmpty()) {
            throw new JobException(
                    FailureCode.ENGINE_INCOMPATIBLE,
                    "accounts use authentication plugins that the server does not have: " + String.join(", ", needed),
                    "install these authentication plugins on the server, see INSTALL PLUGIN; or restore a backup in which"
                            + " no account uses them");
        }
        if (takenBack
                && client.run("SELECT @@GLOBAL.partial_revokes;")
                        .getFirst()
                        .getFirst()
                        .equals("0")) {
            throw new JobException(
                    FailureCode.ENGINE_INCOMPATIBLE,
                    "accounts have rights that are revoked for single schemas, and the server's partial_revokes is OFF",
                    "run SET PERSIST partial_revokes = ON");
        }
        requireHas(client, wanted);
    }

    private static void requireHas(Client client, Set<String> wanted) throws IOException, InterruptedException {
        Set<String> known = client.run("SHOW PRIVILEGES;").stream()
                .map(row -> row.getFirst().toUpperCase(Locale.ROOT))
                .collect(Collectors.toSet());
        List<String> own = firsts(client.run("""
                SELECT PRIVILEGE_TYPE FROM information_schema.USER_PRIVILEGES WHERE IS_GRANTABLE = 'YES' AND GRANTEE = CONCAT(
                    QUOTE(SUBSTRING_INDEX(CURRENT_USER(), '@', 1)), '@', QUOTE(SUBSTRING_INDEX(CURRENT_USER(), '@', -1)));
                """));
        List<String> missing = wanted.stream()
                .filter(right -> known.contains(right) && !right.equals("USAGE") && !own.contains(right))
                .toList();
        if (!missing.isEmpty()) {
            throw new JobException(
                    FailureCode.SERVICE_DENIED,
                    "the agent's database user cannot give others what accounts have: " + String.join(", ", missing),
                    "grant it on *.* to the user itself WITH GRANT OPTION, as the adapter's page says");
        }
    }

    private static List<String> firsts(List<List<String>> rows) {
        return rows.stream().map(List::getFirst).toList();
    }
}
