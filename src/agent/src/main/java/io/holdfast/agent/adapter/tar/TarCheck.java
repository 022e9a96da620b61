package io.holdfast.agent.adapter.tar;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Reads a tar stream along, of which it is given one piece after the other, and demands that it is one that {@link Tar}
 * makes: POSIX headers with right checksums, files, directories and links only, in the order of {@link TreeOrder}, with
 * the mark of the end and nothing after it. A piece that is given to an extractor only after this has accepted it can
 * write nothing outside of the extractor's directory. Needs memory for one extended header and the depth of the tree.
 */
public final class TarCheck {
    /**
     * What the kernel takes for a path, see PATH_MAX in limits.h: programs can come deeper, step by step, but an extractor opens
     * each file by its whole path.
     */
    private static final int LONGEST_PATH = 4095;

    /** Large enough for a path and all attributes that ext4 or XFS usually hold. */
    static final int LARGEST_EXTENDED_HEADER = 1024 * 1024;

    private static final int END_BLOCKS = 2;
    private static final byte[] ZEROS = new byte[TarHeader.BLOCK];

    private final TreeOrder order = new TreeOrder();
    private final @Nullable TreeCounts most;
    private final byte[] block = new byte[TarHeader.BLOCK];
    private int have;
    private long content;
    private byte[] extended = new byte[0];
    private int extendedHave;
    private int extendedPadding;
    private @Nullable PaxRecords records;
    private int zeroBlocks;
    private TreeCounts counts = TreeCounts.NONE;
    private final Attributes attributes = new Attributes();
    private final boolean dropsSetuid;
    private int dropped;

    /**
     * Begins with a stream.
     *
     * @param most what there may be at most, or null when there is no limit
     */
    public TarCheck(@Nullable TreeCounts most) {
        this(most, false);
    }

    private TarCheck(@Nullable TreeCounts most, boolean dropsSetuid) {
        this.most = most;
        this.dropsSetuid = dropsSetuid;
    }

    /** One that takes setuid and setgid from what it accepts; it must be given whole blocks. */
    public static TarCheck withoutSetuid(@Nullable TreeCounts most) {
        return new TarCheck(most, true);
    }

    /** From how many it has taken them. */
    public int dropped() {
        return dropped;
    }

    /** The attributes of what has come so far. */
    public Attributes attributes() {
        return attributes;
    }

    /** What has come so far; all there is once {@link #end} was called. */
    public TreeCounts counts() {
        return counts;
    }

    /** The next piece; throws when there is anything in it that may not be. */
    public void accept(byte[] bytes, int offset, int length) throws TarException {
        int at = offset;
        int end = offset + length;
        while (at < end) {
            int left = end - at;
            if (content > 0) {
                int skipped = (int) Math.min(content, left);
                content -= skipped;
                at += skipped;
            } else if (extendedHave < extended.length) {
                int taken = Math.min(extended.length - extendedHave, left);
                System.arraycopy(bytes, at, extended, extendedHave, taken);
                extendedHave += taken;
                at += taken;
                if (extendedHave == extended.length) {
                    records = PaxRecords.parse(extended);
                    extended = new byte[0];
                    extendedHave = 0;
                    content = extendedPadding;
                }
            } else {
                int taken = Math.min(block.length - have, left);
                System.arraycopy(bytes, at, block, have, taken);
                have += taken;
                at += taken;
                if (have == block.length) {
                    have = 0;
                    block();
                    if (dropsSetuid && zeroBlocks == 0 && TarHeader.dropSetuid(bytes, at - block.length)) {
                        dropped++;
                    }
                }
            }
        }
    }

    /** The stream is over; throws when it is incomplete. */
    public void end() throws TarException {
        if (have != 0 || zeroBlocks < END_BLOCKS) {
            throw TarException.malformed("the tar stream is incomplete: it has no end mark");
        }
    }

    private void block() throws TarException {
        if (isZero(block)) {
            if (records != null) {
                throw TarException.malformed("an extended header belongs to nothing");
            }
            zeroBlocks++;
        } else if (zeroBlocks > 0) {
            throw TarException.malformed("there is data after the end mark");
        } else {
            header(TarHeader.parse(block));
        }
    }

    private void header(TarHeader header) throws TarException {
        if (header.type() != 'x') {
            entry(header, records == null ? PaxRecords.NONE : records);
            records = null;
        } else if (records != null || header.size() == 0 || header.size() > LARGEST_EXTENDED_HEADER) {
            throw TarException.refused("an extended header is empty, too large or one of two");
        } else {
            extended = new byte[(int) header.size()];
            extendedPadding = (int) padding(header.size());
        }
    }

    private void entry(TarHeader header, PaxRecords pax) throws TarException {
        byte[] path = header.name();
        byte[] longPath = pax.name("path");
        if (longPath != null) {
            path = longPath;
        }
        byte[] sparse = pax.name("GNU.sparse.name");
        if (sparse != null) {
            Names.parts(path, false); // overruled, but an extractor might see it the other way round
            path = sparse;
        }
        byte[] linkPath = pax.name("linkpath");
        byte[] target = linkPath == null ? header.linkName() : linkPath;
        long size = pax.number("size", header.size());
        TreeCounts found = switch (header.type()) {
            case '0', '\0' -> new TreeCounts(1, 0, 0, 0, fileSize(path, size, pax));
            case '1' -> {
                Names.parts(target, false);
                yield new TreeCounts(0, 1, 0, 0, 0);
            }
            case '2' -> new TreeCounts(0, 0, 1, 0, 0);
            case '5' -> new TreeCounts(0, 0, 0, 1, 0);
            case '3', '4' -> throw TarException.refused(Names.shown(path) + " is a device");
            case '6' -> throw TarException.refused(Names.shown(path) + " is a named pipe");
            default ->
                throw TarException.refused(
                        Names.shown(path) + " is of type " + (int) header.type() + ", which is not known");
        };
        boolean file = found.files() == 1;
        if (!file && (size != 0 || pax.sparse())) {
            throw TarException.refused(Names.shown(path) + " has content, but is not a file");
        }
        if (found.symbolicLinks() == 1 && target.length == 0) {
            throw TarException.refused("the link " + Names.shown(path) + " leads nowhere");
        }
        requireOpenable(path);
        if (found.hardLinks() == 1) {
            requireOpenable(target);
        }
        order.enter(path, found.directories() == 1);
        attributes.add(pax.keys());
        counts = counts.plus(found);
        if (most != null && (counts.exceeds(most) || counts.bytes() < 0)) {
            throw TarException.refused("the tar stream has more in it than the backup's manifest says");
        }
        content = size + padding(size);
    }

    private static void requireOpenable(byte[] path) throws TarException {
        if (path.length > LONGEST_PATH) {
            throw TarException.refused("the path " + Names.shown(path) + " has " + path.length
                    + " bytes, and no program" + " can open one of more than " + LONGEST_PATH);
        }
    }

    /** The size that the file is to have. */
    private static long fileSize(byte[] path, long stored, PaxRecords pax) throws TarException {
        if (!pax.sparse()) {
            return stored;
        }
        if (pax.number("GNU.sparse.major", 0) != 1
                || pax.number("GNU.sparse.minor", -1) != 0
                || pax.name("GNU.sparse.name") == null
                || pax.number("GNU.sparse.realsize", -1) < 0) {
            throw TarException.refused(Names.shown(path) + " has holes in a form that is not known");
        }
        return pax.number("GNU.sparse.realsize", 0);
    }

    private static long padding(long size) {
        return (TarHeader.BLOCK - size % TarHeader.BLOCK) % TarHeader.BLOCK;
    }

    private static boolean isZero(byte[] bytes) {
        return Arrays.equals(bytes, ZEROS);
    }
}
