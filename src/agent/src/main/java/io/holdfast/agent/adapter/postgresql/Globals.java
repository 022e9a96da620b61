package io.holdfast.agent.adapter.postgresql;

import io.holdfast.agent.attempt.JobException;
import io.holdfast.protocol.FailureCode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Roles and tablespaces as {@code pg_dumpall --globals-only} wrote them. Only statements of the kinds that it writes are
 * accepted, so that a dump with something else in it, for example through a hostile role name, is refused and not run.
 *
 * @param roles the names of all roles
 * @param tablespaces the names of all tablespaces
 * @param changes statements that give existing roles and tablespaces their attributes, settings, memberships and rights
 */
record Globals(List<String> roles, List<String> tablespaces, List<String> changes) {
    private static final String NAME = "(\"(?:[^\"]|\"\")+\"|[a-z_][a-z0-9_$]*)";
    private static final Pattern CREATE_ROLE = Pattern.compile("CREATE ROLE " + NAME, Pattern.DOTALL);
    private static final Pattern CREATE_TABLESPACE =
            Pattern.compile("CREATE TABLESPACE " + NAME + " .*", Pattern.DOTALL);
    private static final Pattern ROLE_ATTRIBUTES = Pattern.compile("ALTER ROLE " + NAME + " WITH .*", Pattern.DOTALL);
    private static final Pattern CHANGE = Pattern.compile(
            "(ALTER ROLE|COMMENT ON ROLE|SECURITY LABEL FOR|GRANT|REVOKE|ALTER TABLESPACE|COMMENT ON TABLESPACE) .*",
            Pattern.DOTALL);
    private static final Pattern ON_TABLESPACE =
            Pattern.compile("(?:ALTER|COMMENT ON|.* ON) TABLESPACE " + NAME + "(?: .*)?", Pattern.DOTALL);
    /** A right that somebody has passed on: what follows is said in that role's name. */
    private static final Pattern IN_THE_NAME_OF = Pattern.compile("SET SESSION AUTHORIZATION " + NAME, Pattern.DOTALL);

    private static final String OWN_NAME_AGAIN = "RESET SESSION AUTHORIZATION";

    /** A membership, without options. */
    private static final Pattern MEMBERSHIP =
            Pattern.compile("(GRANT " + NAME + " TO " + NAME + ")(?: WITH .*| GRANTED BY .*)?", Pattern.DOTALL);

    private static final Pattern HARMLESS =
            Pattern.compile("SET (default_transaction_read_only|client_encoding|standard_conforming_strings) = .*");

    static Globals parse(String sql) throws JobException {
        List<String> roles = new ArrayList<>();
        List<String> tablespaces = new ArrayList<>();
        List<String> changes = new ArrayList<>();
        String inNameOf = null;
        for (String statement : SqlStatements.split(sql)) {
            if (IN_THE_NAME_OF.matcher(statement).matches()) {
                inNameOf = statement;
                continue;
            }
            if (statement.equals(OWN_NAME_AGAIN)) {
                inNameOf = null;
                continue;
            }
            Matcher role = CREATE_ROLE.matcher(statement);
            Matcher tablespace = CREATE_TABLESPACE.matcher(statement);
            if (role.matches()) {
                roles.add(unquoted(role.group(1)));
            } else if (tablespace.matches()) {
                tablespaces.add(unquoted(tablespace.group(1)));
            } else if (CHANGE.matcher(statement).matches()) {
                changes.add(inNameOf == null ? statement : inNameOf + "; " + statement + "; " + OWN_NAME_AGAIN);
            } else if (!HARMLESS.matcher(statement).matches()) {
                throw new JobException(
                        FailureCode.RESTORE_FAILED,
                        "the globals of the backup have a statement that pg_dumpall does not write",
                        "have the backup examined: it may contain a role or tablespace with a hostile name");
            }
        }
        return new Globals(List.copyOf(roles), List.copyOf(tablespaces), List.copyOf(changes));
    }

    /** The statement that gives a role its attributes; nothing when it has none of its own. */
    List<String> attributesOf(String role) {
        return changes.stream()
                .filter(change -> {
                    Matcher matcher = ROLE_ATTRIBUTES.matcher(change);
                    return matcher.matches() && unquoted(matcher.group(1)).equals(role);
                })
                .toList();
    }

    /** What makes a role a member of others, as far as it is known without who granted it. */
    List<String> membershipsOf(Collection<String> members) {
        return changes.stream()
                .map(MEMBERSHIP::matcher)
                .filter(matcher -> matcher.matches() && members.contains(unquoted(matcher.group(3))))
                .map(matcher -> matcher.group(1))
                .toList();
    }

    /** The changes, without those of the agent's own role (its password must stay) and of missing tablespaces. */
    List<String> applicable(String ownRole, List<String> existingTablespaces) {
        List<String> own = attributesOf(ownRole);
        return changes.stream()
                .filter(change -> !own.contains(change))
                .filter(change -> {
                    Matcher matcher = ON_TABLESPACE.matcher(change);
                    return !matcher.matches() || existingTablespaces.contains(unquoted(matcher.group(1)));
                })
                .toList();
    }

    private static String unquoted(String name) {
        return name.startsWith("\"") ? name.substring(1, name.length() - 1).replace("\"\"", "\"") : name;
    }
}
