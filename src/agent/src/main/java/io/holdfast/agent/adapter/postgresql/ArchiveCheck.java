package io.holdfast.agent.adapter.postgresql;

import io.holdfast.agent.adapter.OutputCheck;
import io.holdfast.agent.attempt.JobException;
import io.holdfast.protocol.FailureCode;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Follows an archive of {@code pg_dump --format=custom} and demands that it is whole: {@code pg_dump} writes no end mark
 * into it, but its table of contents says which entries have data, and each of them must have been seen to its end, with
 * nothing after the last.
 *
 * <p>The layout, as PostgreSQL's {@code pg_backup_archiver.c} and {@code pg_backup_custom.c} define it for archive
 * versions 1.14 to 1.16 (PostgreSQL 12 to 18): a header; the number of entries; the entries; then data blocks. An
 * integer is a sign byte and {@code intSize} bytes, the lowest first. A text is its length and its bytes, or a negative
 * length for none. A data block has a type, the entry's number and chunks (length and bytes) up to an empty one; a block
 * of large objects has an OID before each row of chunks, and ends with OID 0.
 *
 * <p>Memory: the numbers of the entries whose data is still to come.
 */
final class ArchiveCheck implements OutputCheck {
    private static final int OLDEST = 14;
    private static final int NEWEST = 16;
    private static final int CUSTOM_FORMAT = 1;
    private static final int DATA_BLOCK = 1;
    private static final int LARGE_OBJECTS_BLOCK = 3;
    private static final int KEPT_TEXT = 64;

    /** Descriptions in the table of contents that are counted, and the counts' names. */
    private static final Map<String, String> COUNTED = Map.of(
            "TABLE", "tables",
            "FOREIGN TABLE", "foreign_tables",
            "VIEW", "views",
            "MATERIALIZED VIEW", "materialized_views",
            "SEQUENCE", "sequences",
            "FUNCTION", "functions",
            "PROCEDURE", "functions");

    /** What is read next, and as what. */
    private enum Step {
        MAGIC(Kind.BYTES),
        COMPRESSION_BYTE(Kind.BYTES),
        COMPRESSION_LEVEL(Kind.INTEGER),
        DATE(Kind.INTEGER),
        HEADER_TEXT(Kind.TEXT),
        ENTRY_COUNT(Kind.INTEGER),
        ENTRY_ID(Kind.INTEGER),
        ENTRY_HAS_DATA(Kind.INTEGER),
        /** Class, OID and name. */
        ENTRY_NAMES(Kind.TEXT),
        ENTRY_DESCRIPTION(Kind.TEXT),
        ENTRY_SECTION(Kind.INTEGER),
        /** Definition, drop, copy, schema, tablespace and access method. */
        ENTRY_TEXTS(Kind.TEXT),
        ENTRY_RELATION_KIND(Kind.INTEGER),
        /** Owner and "false". */
        ENTRY_OWNER(Kind.TEXT),
        ENTRY_DEPENDENCY(Kind.TEXT),
        ENTRY_OFFSET(Kind.BYTES),
        BLOCK_TYPE(Kind.BYTES),
        BLOCK_ID(Kind.INTEGER),
        LARGE_OBJECT(Kind.INTEGER),
        CHUNK(Kind.INTEGER);

        final Kind kind;

        Step(Kind kind) {
            this.kind = kind;
        }
    }

    private enum Kind {
        BYTES,
        INTEGER,
        TEXT
    }

    private final String source;
    private final Map<String, Long> counts = new TreeMap<>();
    private final Set<Long> withoutDataYet = new HashSet<>();
    private final byte[] collected = new byte[KEPT_TEXT];

    private Step step = Step.MAGIC;
    private int wanted = 11; // "PGDMP", three bytes of version, two sizes, the format
    private int have;
    private long skip;
    private boolean inText;
    private int textLength;
    private int repeats;

    private int version;
    private int integerSize = 4;
    private int offsetSize = 8;
    private long entriesLeft;
    private long entry;
    private boolean entryHasData;
    private int blockType;

    /** @param source the database's name, for the messages */
    ArchiveCheck(String source) {
        this.source = source;
        COUNTED.values().forEach(name -> counts.put(name, 0L));
        counts.put("large_objects", 0L);
    }

    /** How many of each kind the archive has; complete after {@link #end()}. */
    Map<String, Long> counts() {
        return counts;
    }

    @Override
    public void accept(byte[] bytes, int offset, int length) throws JobException {
        int at = offset;
        int end = offset + length;
        while (at < end) {
            if (skip > 0) {
                int n = (int) Math.min(skip, end - at);
                skip -= n;
                at += n;
                if (skip == 0 && inText) {
                    textDone();
                }
            } else {
                int n = Math.min(wanted - have, end - at);
                System.arraycopy(bytes, at, collected, have, n);
                have += n;
                at += n;
                if (have == wanted) {
                    collected();
                }
            }
        }
    }

    @Override
    public void end() throws JobException {
        boolean betweenBlocks = step == Step.BLOCK_TYPE && have == 0 && skip == 0;
        if (!betweenBlocks || !withoutDataYet.isEmpty()) {
            throw new JobException(
                    FailureCode.INCOMPLETE_DUMP,
                    "the dump of database " + source + " is incomplete"
                            + (betweenBlocks
                                    ? ": the data of " + withoutDataYet.size() + " entries is missing"
                                    : " within "
                                            + step.name()
                                                    .toLowerCase(Locale.ROOT)
                                                    .replace('_', ' ')));
        }
    }

    /** All wanted bytes are there. */
    private void collected() throws JobException {
        have = 0;
        switch (step.kind) {
            case BYTES -> bytes();
            case INTEGER -> integer(number());
            case TEXT -> {
                if (inText) {
                    textDone();
                } else {
                    textBegins(number());
                }
            }
        }
    }

    private void textBegins(long length) throws JobException {
        inText = true;
        textLength = (int) length;
        if (length <= 0) {
            textDone();
        } else if (length > KEPT_TEXT) {
            skip = length; // only short texts are looked at
        } else {
            wanted = (int) length;
        }
    }

    private void textDone() throws JobException {
        inText = false;
        text();
    }

    private void bytes() throws JobException {
        switch (step) {
            case MAGIC -> magic();
            case COMPRESSION_BYTE -> next(Step.DATE, 7);
            case ENTRY_OFFSET -> {
                if (entryHasData) {
                    withoutDataYet.add(entry);
                }
                entriesLeft--;
                entryOrBlock();
            }
            case BLOCK_TYPE -> {
                blockType = collected[0];
                if (blockType != DATA_BLOCK && blockType != LARGE_OBJECTS_BLOCK) {
                    throw unexpected("a data block of type " + blockType);
                }
                next(Step.BLOCK_ID);
            }
            default -> throw new IllegalStateException(step.name());
        }
    }

    private void magic() throws JobException {
        String magic = new String(collected, 0, 5, StandardCharsets.US_ASCII);
        if (!magic.equals("PGDMP") || collected[5] != 1 || collected[10] != CUSTOM_FORMAT) {
            throw unexpected("its first bytes are not those of an archive");
        }
        version = collected[6];
        integerSize = collected[8];
        offsetSize = collected[9];
        if (version < OLDEST || version > NEWEST || integerSize < 1 || integerSize > 8 || offsetSize > 16) {
            throw new JobException(
                    FailureCode.TOOL_VERSION,
                    "pg_dump writes archives of version 1." + version + ", and this agent can check 1." + OLDEST
                            + " to 1." + NEWEST,
                    "use a newer agent, or client programs of PostgreSQL 12 to 18");
        }
        if (version >= 15) {
            next(Step.COMPRESSION_BYTE);
        } else {
            next(Step.COMPRESSION_LEVEL);
        }
    }

    private void integer(long value) throws JobException {
        switch (step) {
            case COMPRESSION_LEVEL -> next(Step.DATE, 7);
            case DATE -> nextOr(Step.HEADER_TEXT, 3);
            case ENTRY_COUNT -> {
                entriesLeft = value;
                entryOrBlock();
            }
            case ENTRY_ID -> {
                entry = value;
                next(Step.ENTRY_HAS_DATA);
            }
            case ENTRY_HAS_DATA -> {
                entryHasData = value != 0;
                next(Step.ENTRY_NAMES, 3);
            }
            case ENTRY_SECTION -> next(Step.ENTRY_TEXTS, 6);
            case ENTRY_RELATION_KIND -> next(Step.ENTRY_OWNER, 2);
            case BLOCK_ID -> {
                if (!withoutDataYet.remove(value)) {
                    throw unexpected("a data block for entry " + value + ", which has none or had it already");
                }
                next(blockType == DATA_BLOCK ? Step.CHUNK : Step.LARGE_OBJECT);
            }
            case LARGE_OBJECT -> {
                if (value == 0) {
                    next(Step.BLOCK_TYPE);
                } else {
                    counts.merge("large_objects", 1L, Long::sum);
                    next(Step.CHUNK);
                }
            }
            case CHUNK -> {
                if (value < 0) {
                    throw unexpected("a chunk of negative length");
                }
                if (value == 0) {
                    next(blockType == DATA_BLOCK ? Step.BLOCK_TYPE : Step.LARGE_OBJECT);
                }
                skip = value;
            }
            default -> throw new IllegalStateException(step.name());
        }
    }

    private void text() throws JobException {
        switch (step) {
            case HEADER_TEXT -> nextOr(Step.ENTRY_COUNT, 1);
            case ENTRY_NAMES -> nextOr(Step.ENTRY_DESCRIPTION, 1);
            case ENTRY_DESCRIPTION -> {
                int length = Math.clamp(textLength, 0, KEPT_TEXT);
                String counted = COUNTED.get(new String(collected, 0, length, StandardCharsets.UTF_8));
                if (counted != null) {
                    counts.merge(counted, 1L, Long::sum);
                }
                next(Step.ENTRY_SECTION);
            }
            case ENTRY_TEXTS -> {
                if (version >= 16) {
                    nextOr(Step.ENTRY_RELATION_KIND, 1);
                } else {
                    nextOr(Step.ENTRY_OWNER, 2);
                }
            }
            case ENTRY_OWNER -> nextOr(Step.ENTRY_DEPENDENCY, 1);
            case ENTRY_DEPENDENCY -> next(textLength < 0 ? Step.ENTRY_OFFSET : Step.ENTRY_DEPENDENCY);
            default -> throw new IllegalStateException(step.name());
        }
    }

    private void entryOrBlock() {
        next(entriesLeft > 0 ? Step.ENTRY_ID : Step.BLOCK_TYPE);
    }

    /** The same step again until it was done as often as was said, then another. */
    private void nextOr(Step other, int times) {
        if (repeats > 1) {
            next(step, repeats - 1);
        } else {
            next(other, times);
        }
    }

    private void next(Step newStep) {
        next(newStep, 1);
    }

    private void next(Step newStep, int times) {
        step = newStep;
        repeats = times;
        wanted = switch (newStep) {
            case MAGIC, COMPRESSION_BYTE, BLOCK_TYPE -> 1;
            case ENTRY_OFFSET -> 1 + offsetSize;
            case COMPRESSION_LEVEL,
                    DATE,
                    HEADER_TEXT,
                    ENTRY_COUNT,
                    ENTRY_ID,
                    ENTRY_HAS_DATA,
                    ENTRY_NAMES,
                    ENTRY_DESCRIPTION,
                    ENTRY_SECTION,
                    ENTRY_TEXTS,
                    ENTRY_RELATION_KIND,
                    ENTRY_OWNER,
                    ENTRY_DEPENDENCY,
                    BLOCK_ID,
                    LARGE_OBJECT,
                    CHUNK -> 1 + integerSize;
        };
    }

    private long number() {
        long value = 0;
        for (int i = integerSize; i > 0; i--) {
            value = value << 8 | (collected[i] & 0xff);
        }
        return collected[0] == 0 ? value : -value;
    }

    private JobException unexpected(String what) {
        return new JobException(
                FailureCode.INCOMPLETE_DUMP, "the dump of database " + source + " is not a whole archive: " + what);
    }
}
