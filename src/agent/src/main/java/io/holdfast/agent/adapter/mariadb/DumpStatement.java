package io.holdfast.agent.adapter.mariadb;

import io.holdfast.agent.attempt.JobException;
import io.holdfast.protocol.FailureCode;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A statement of a dump. Its text has a byte in each character, as {@link DumpReader} gives it.
 *
 * @param name of what it makes, fills or changes, or an empty one
 * @param tokens the first ones; all of them where a statement can be rewritten
 */
record DumpStatement(Kind kind, String name, String text, List<Token> tokens) {
    /** What a statement does. */
    enum Kind {
        SET("SET"),
        USE("USE"),
        DATABASE("CREATE DATABASE"),
        ALTER_DATABASE("ALTER DATABASE"),
        SEQUENCE("CREATE SEQUENCE"),
        SEQUENCE_VALUE("SETVAL"),
        TABLE("CREATE TABLE"),
        ALTER_TABLE("ALTER TABLE"),
        ROWS("INSERT"),
        COMMIT("COMMIT"),
        FUNCTION("CREATE FUNCTION"),
        PROCEDURE("CREATE PROCEDURE"),
        PACKAGE("CREATE PACKAGE"),
        PACKAGE_BODY("CREATE PACKAGE BODY"),
        VIEW("CREATE VIEW"),
        TRIGGER("CREATE TRIGGER"),
        EVENT("CREATE EVENT"),
        LIBRARY("CREATE LIBRARY"),
        /** It is made of the rows before it. */
        HISTOGRAM("ANALYZE TABLE"),
        /** Nothing is there yet, nobody else uses it, and views are made in an order in which they can be. */
        NEEDLESS("");

        private final String words;

        Kind(String words) {
            this.words = words;
        }

        /** As SQL calls it. */
        String words() {
            return words;
        }

        /** Whether it holds no rows, and is made once all tables are there. */
        boolean definition() {
            return switch (this) {
                case FUNCTION, PROCEDURE, PACKAGE, PACKAGE_BODY, VIEW, TRIGGER, EVENT, LIBRARY -> true;
                case SET,
                        USE,
                        DATABASE,
                        ALTER_DATABASE,
                        SEQUENCE,
                        SEQUENCE_VALUE,
                        TABLE,
                        ALTER_TABLE,
                        ROWS,
                        COMMIT,
                        HISTOGRAM,
                        NEEDLESS -> false;
            };
        }
    }

    private static final Pattern ROWS = Pattern.compile("^(INSERT|REPLACE) ");
    private static final List<String> PLACEHOLDERS = List.of("/*!50001 CREATE TABLE", "/*!50001 CREATE VIEW");
    private static final List<String> SEQUENCE_FUNCTIONS = List.of("NEXTVAL", "LASTVAL", "SETVAL");
    private static final int HEAD = 200;

    /** Whether a statement that begins so inserts rows. */
    static boolean beginsRows(String start) {
        return ROWS.matcher(start).find();
    }

    /**
     * Reads a statement, or the beginning of one that inserts rows.
     *
     * @throws JobException {@code RESTORE_FAILED} when it is none that a dump has: it might do anything
     */
    static DumpStatement of(String text) throws JobException {
        DumpStatement statement = read(text, Token.Reading.RUN);
        // What some servers leave out must not be what hides from others what is run.
        boolean allLeftOut = Token.of(text, 1, Token.Reading.LEFT_OUT).isEmpty();
        if (!allLeftOut && text.contains("/*")) {
            DumpStatement other = read(text, Token.Reading.LEFT_OUT);
            require(other.kind == statement.kind && other.name.equals(statement.name), text);
        }
        return statement;
    }

    private static DumpStatement read(String text, Token.Reading reading) throws JobException {
        List<Token> tokens = Token.of(text, HEAD, reading);
        if (tokens.isEmpty()) {
            return new DumpStatement(Kind.NEEDLESS, "", text, tokens);
        }
        return switch (tokens.getFirst().upper()) {
            case "SET" -> {
                List<Token> all = Token.of(text, Integer.MAX_VALUE, reading);
                require(Assignments.ofSession(all), text);
                yield new DumpStatement(Kind.SET, "", text, all);
            }
            case "USE" -> named(Kind.USE, text, tokens, 1);
            case "INSERT", "REPLACE" -> named(Kind.ROWS, text, tokens, after(tokens, "INTO"));
            case "DO", "SELECT" -> {
                require(tokens.size() > 1 && tokens.get(1).word("SETVAL"), text);
                yield named(Kind.SEQUENCE_VALUE, text, tokens, 3);
            }
            case "COMMIT" -> new DumpStatement(Kind.COMMIT, "", text, tokens);
            case "DROP", "LOCK", "UNLOCK" -> new DumpStatement(Kind.NEEDLESS, "", text, tokens);
            case "ALTER" -> {
                boolean table = tokens.size() > 1 && tokens.get(1).word("TABLE");
                require(table || (tokens.size() > 1 && tokens.get(1).word("DATABASE")), text);
                yield table ? whole(Kind.ALTER_TABLE, text, 2, reading) : named(Kind.ALTER_DATABASE, text, tokens, 2);
            }
            case "ANALYZE" -> {
                require(Token.after(tokens, "UPDATE", "HISTOGRAM") == 5, text);
                yield named(Kind.HISTOGRAM, text, tokens, 2);
            }
            case "CREATE" -> created(text, tokens, reading);
            default -> throw unknown(text);
        };
    }

    private static DumpStatement created(String text, List<Token> tokens, Token.Reading reading) throws JobException {
        if (PLACEHOLDERS.stream().anyMatch(text::startsWith)) {
            return new DumpStatement(Kind.NEEDLESS, "", text, tokens);
        }
        for (int i = 1; i < tokens.size(); i++) {
            Token token = tokens.get(i);
            if (token.type() != Token.Type.WORD) {
                continue;
            }
            switch (token.upper()) {
                case "DATABASE" -> {
                    return named(Kind.DATABASE, text, tokens, i + 1);
                }
                case "SEQUENCE" -> {
                    return named(Kind.SEQUENCE, text, tokens, i + 1);
                }
                case "TABLE" -> {
                    return whole(Kind.TABLE, text, i + 1, reading);
                }
                case "VIEW", "TRIGGER", "FUNCTION", "PROCEDURE", "EVENT", "LIBRARY" -> {
                    return whole(Kind.valueOf(token.upper()), text, i + 1, reading);
                }
                case "PACKAGE" -> {
                    boolean body = i + 1 < tokens.size() && tokens.get(i + 1).word("BODY");
                    return body
                            ? whole(Kind.PACKAGE_BODY, text, i + 2, reading)
                            : whole(Kind.PACKAGE, text, i + 1, reading);
                }
                default -> {
                    // Such as the definer.
                }
            }
        }
        throw unknown(text);
    }

    private static DumpStatement whole(Kind kind, String text, int at, Token.Reading reading) throws JobException {
        return named(kind, text, Token.of(text, Integer.MAX_VALUE, reading), at);
    }

    /** With the name that is there, after {@code IF NOT EXISTS}; behind it there may be one that it belongs to. */
    private static DumpStatement named(Kind kind, String text, List<Token> tokens, int at) throws JobException {
        int name = at;
        while (name < tokens.size()
                && (tokens.get(name).word("IF")
                        || tokens.get(name).word("NOT")
                        || tokens.get(name).word("EXISTS"))) {
            name++;
        }
        require(at > 0 && name < tokens.size() && tokens.get(name).name(), text);
        if (name + 2 < tokens.size() && tokens.get(name + 1).symbol('.')) {
            require(kind.definition(), text); // programs write no other schema than that of the USE before
            name += 2;
        }
        return new DumpStatement(kind, tokens.get(name).value(), text, tokens);
    }

    private static int after(List<Token> tokens, String word) {
        for (int i = 0; i < tokens.size(); i++) {
            if (tokens.get(i).word(word)) {
                return i + 1;
            }
        }
        return 0;
    }

    private static void require(boolean condition, String text) throws JobException {
        if (!condition) {
            throw unknown(text);
        }
    }

    private static JobException unknown(String text) {
        List<Token> words = Token.of(text, 1);
        String word = words.isEmpty() || words.getFirst().type() != Token.Type.WORD
                ? "no word"
                : words.getFirst().upper();
        return new JobException(
                FailureCode.RESTORE_FAILED,
                "the backup's dump has a statement that no dump program writes; it begins with " + word,
                "restore a different backup, and run 'holdfast verify' on this one");
    }

    /**
     * The same statement about schemas of other names.
     *
     * @param schemas the other names, by those that the dump has; both with a byte in each character
     */
    String renamed(Map<String, String> schemas) {
        return switch (kind) {
            case TABLE, ALTER_TABLE -> rewrite(schemas, this::followsSchemas);
            case VIEW -> rewrite(schemas, _ -> true);
            case DATABASE, ALTER_DATABASE, USE -> rewriteName(schemas);
            case SEQUENCE_VALUE,
                    SEQUENCE,
                    ROWS,
                    SET,
                    COMMIT,
                    FUNCTION,
                    PROCEDURE,
                    PACKAGE,
                    PACKAGE_BODY,
                    TRIGGER,
                    EVENT,
                    LIBRARY,
                    HISTOGRAM,
                    NEEDLESS -> text;
        };
    }

    /** Whether a name of a schema may be one of something else as well, so that it is not known what would be rewritten. */
    boolean ambiguous(Map<String, String> schemas) {
        for (int i = 0; i < tokens.size(); i++) {
            boolean qualifies = i + 1 < tokens.size() && tokens.get(i + 1).symbol('.');
            boolean qualified = i > 0 && tokens.get(i - 1).symbol('.');
            if (tokens.get(i).type() == Token.Type.NAME
                    && schemas.containsKey(tokens.get(i).value())
                    && !qualifies
                    && !qualified) {
                return true;
            }
        }
        return false;
    }

    private interface Place {
        boolean test(int index);
    }

    /** A table's definition names other schemas in foreign keys and with sequences; a merge table has no rows of its own. */
    private boolean followsSchemas(int index) {
        Token before = tokens.get(Math.max(0, index - 1));
        return before.word("REFERENCES")
                || (before.symbol('(')
                        && index > 1
                        && SEQUENCE_FUNCTIONS.contains(tokens.get(index - 2).upper()));
    }

    private String rewrite(Map<String, String> schemas, Place place) {
        StringBuilder other = new StringBuilder();
        int done = 0;
        for (int i = 0; i + 2 < tokens.size(); i++) {
            Token token = tokens.get(i);
            String schema = token.type() == Token.Type.NAME ? schemas.get(token.value()) : null;
            boolean qualified = i > 0 && tokens.get(i - 1).symbol('.');
            if (schema != null && tokens.get(i + 1).symbol('.') && !qualified && place.test(i)) {
                other.append(text, done, token.start()).append(Sql.identifier(schema));
                done = token.end();
            }
        }
        return other.append(text, done, text.length()).toString();
    }

    private String rewriteName(Map<String, String> schemas) {
        String other = schemas.get(name);
        for (Token token : tokens) {
            if (other != null
                    && token.type() == Token.Type.NAME
                    && token.value().equals(name)) {
                return text.substring(0, token.start()) + Sql.identifier(other) + text.substring(token.end());
            }
        }
        return text;
    }

    /** The text from behind the name: of a schema, what it is made with. */
    String rest() {
        for (Token token : tokens) {
            // Without quotes where the server's sql_quote_show_create is off.
            if ((token.type() == Token.Type.NAME || token.type() == Token.Type.WORD)
                    && token.value().equals(name)) {
                return text.substring(token.end());
            }
        }
        return "";
    }

    /** A name as people know it. */
    static String readable(String raw) {
        return new String(raw.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    }

    /** A name with a byte in each character. */
    static String raw(String readable) {
        return new String(readable.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }

    /** Where it is, for messages: what it does to what. */
    String place(@Nullable String schema) {
        String object = kind == Kind.COMMIT || kind == Kind.SET ? "" : " " + Sql.identifier(readable(name));
        return schema == null || object.isEmpty()
                ? kind.words() + object
                : kind.words() + " " + Sql.identifier(readable(schema)) + "." + Sql.identifier(readable(name));
    }
}
