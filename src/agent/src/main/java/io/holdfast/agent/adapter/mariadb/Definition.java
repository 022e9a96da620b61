package io.holdfast.agent.adapter.mariadb;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A view, routine, package, trigger or event of a dump, on its own. All texts have a byte in each character.
 *
 * @param session a statement that sets what it depends on
 * @param attributes the schema's character set while it is made, when that was another one
 * @param own what the schema has else; not null when it has others meanwhile
 * @param text the statement
 */
record Definition(
        String schema,
        DumpStatement.Kind kind,
        String name,
        String session,
        @Nullable String attributes,
        @Nullable String own,
        String text) {

    /** A definition as the dump has it. */
    static Definition of(
            String schema,
            DumpStatement statement,
            SessionSettings settings,
            @Nullable String attributes,
            @Nullable String own) {
        return new Definition(
                schema, statement.kind(), statement.name(), settings.statement(), attributes, own, statement.text());
    }

    /**
     * The text without a schema in front of its name, and of a trigger's table: of triggers servers keep what somebody has
     * written.
     *
     * @param own whether the schema's own name may stay
     */
    private String unqualified(boolean own) {
        List<Token> tokens = Token.of(text, Integer.MAX_VALUE);
        StringBuilder other = new StringBuilder();
        int done = 0;
        boolean trigger = kind == DumpStatement.Kind.TRIGGER;
        String word = kind == DumpStatement.Kind.PACKAGE_BODY ? "BODY" : kind.name();
        for (int i = 0; i + 3 < tokens.size(); i++) {
            boolean table = trigger && tokens.get(i).word("ON");
            boolean named = tokens.get(i).word(word) || tokens.get(i).word("EXISTS") || table;
            if (named && tokens.get(i + 1).name() && tokens.get(i + 2).symbol('.')) {
                if (!own || !tokens.get(i + 1).value().equals(schema)) {
                    other.append(text, done, tokens.get(i + 1).start());
                    done = tokens.get(i + 3).start();
                }
            }
            if (table
                    || (named
                            && !trigger
                            && !tokens.get(i + 1).word("IF")
                            && !tokens.get(i + 1).word("NOT"))) {
                break;
            }
        }
        return other.append(text, done, text.length()).toString();
    }

    /** What it is, for people. */
    @Override
    public String toString() {
        return kind.words() + " " + Sql.identifier(DumpStatement.readable(schema)) + "."
                + Sql.identifier(DumpStatement.readable(name));
    }

    /** The statements that make it in the schema with this name. */
    List<String> make(String inSchema) {
        return statements(inSchema, unqualified(true));
    }

    /**
     * The same with nothing that could have an effect beyond the schema: events are off, and views belong to whoever makes
     * them. Empty when it cannot be tried under other names.
     *
     * @param names the schemas' other names
     */
    List<String> trial(Map<String, String> names) {
        String other = names.getOrDefault(schema, schema);
        return switch (kind) {
            case VIEW -> view(names, other);
            case EVENT -> statements(other, disabled());
            default -> statements(other, unqualified(false));
        };
    }

    private List<String> view(Map<String, String> names, String other) {
        List<Token> tokens = Token.of(text, Integer.MAX_VALUE);
        StringBuilder own = new StringBuilder();
        int done = 0;
        for (int i = 0; i + 2 < tokens.size() && !tokens.get(i).word("VIEW"); i++) {
            if (tokens.get(i).word("DEFINER") && tokens.get(i + 1).symbol('=')) {
                boolean host = i + 4 < tokens.size() && tokens.get(i + 3).symbol('@');
                own.append(text, done, tokens.get(i).start());
                done = tokens.get(host ? i + 4 : i + 2).end();
            } else if (tokens.get(i).word("SECURITY")) {
                own.append(text, done, tokens.get(i + 1).start()).append("INVOKER");
                done = tokens.get(i + 1).end();
            }
        }
        String invokers = own.append(text, done, text.length()).toString();
        DumpStatement view = new DumpStatement(kind, name, invokers, Token.of(invokers, Integer.MAX_VALUE));
        return view.ambiguous(names) ? List.of() : statements(other, view.renamed(names));
    }

    private String disabled() {
        String unqualified = unqualified(false);
        List<Token> tokens = Token.of(unqualified, Integer.MAX_VALUE);
        for (int i = 0; i + 1 < tokens.size(); i++) {
            Token next = tokens.get(i + 1);
            if (tokens.get(i).word("PRESERVE") && next.word("ENABLE")) {
                return unqualified.substring(0, next.start()) + "DISABLE" + unqualified.substring(next.end());
            }
        }
        return unqualified;
    }

    private List<String> statements(String inSchema, String sql) {
        List<String> all = new ArrayList<>();
        all.add("SET NAMES utf8mb4");
        all.add("USE " + Sql.identifier(inSchema));
        if (attributes != null) {
            all.add("ALTER DATABASE " + Sql.identifier(inSchema) + attributes);
        }
        all.add(session);
        all.add(sql);
        if (attributes != null && own != null) {
            all.add("SET NAMES utf8mb4");
            all.add("ALTER DATABASE " + Sql.identifier(inSchema) + own);
        }
        return all;
    }
}
