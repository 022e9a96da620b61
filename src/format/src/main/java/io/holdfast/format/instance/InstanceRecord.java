package io.holdfast.format.instance;

import java.time.Instant;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Who an instance is, whose it is, and how its backups' keys are kept: what has to be known again when a catalogue was
 * lost, and what must not be taken from anybody who can only write to the store.
 *
 * @param format {@link #FORMAT}
 * @param instanceId the instance
 * @param revision rises with each change of what stands here; the highest is the latest, whatever clocks say
 * @param life which life of the instance this is, from 1: one that is created again under an id that was deleted has the next
 * @param service name of the adapter, such as {@code postgresql}
 * @param owner who registered it, or null when nobody but its own agent did
 * @param createdAt when this life began
 * @param deletedAt when it was deleted, or null
 * @param backupsKept of a deleted one, whether its backups are still there
 * @param custody who keeps the identities of its key versions
 * @param nextKeyVersion what the next key version will be: a number is never given twice, whatever the life
 * @param keys the key versions of this life, oldest first
 */
public record InstanceRecord(
        String format,
        String instanceId,
        long revision,
        int life,
        String service,
        @Nullable String owner,
        Instant createdAt,
        @Nullable Instant deletedAt,
        boolean backupsKept,
        Custody custody,
        int nextKeyVersion,
        List<Key> keys) {
    /** The only format there is. */
    public static final String FORMAT = "holdfast-instance/1";

    /** Most key versions of one instance. */
    public static final int MOST_KEYS = 10_000;

    private static final int LONGEST_OWNER = 1024;
    private static final Pattern ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,127}");
    private static final Pattern RECIPIENT = Pattern.compile("age1[a-z0-9]{10,2000}");
    private static final int LONGEST_WRAPPED = 200_000;

    /** Checks the shape of everything, with {@link IllegalArgumentException}. */
    public InstanceRecord {
        require(FORMAT.equals(format), "format must be " + FORMAT);
        require(matches(ID, instanceId), "instance_id is not an id");
        require(revision >= 1, "revision is below 1");
        require(life >= 1, "life is below 1");
        require(matches(ID, service), "service is not a name");
        require(owner == null || (!owner.isEmpty() && owner.length() <= LONGEST_OWNER), "owner is empty or too long");
        require(createdAt != null, "created_at is missing");
        require(!backupsKept || deletedAt != null, "backups_kept without deleted_at");
        require(custody != null, "custody is missing");
        require(keys != null && keys.size() <= MOST_KEYS, "keys are missing or too many");
        Set<String> recipients = new HashSet<>();
        int last = 0;
        for (Key key : keys) {
            require(key != null && key.version() > last, "keys: one is null, or they are not in order");
            require(recipients.add(key.recipient()), "keys: a recipient is there twice");
            last = key.version();
        }
        require(nextKeyVersion > last, "next_key_version is not behind all keys");
        keys = List.copyOf(keys);
    }

    /** Whether the instance was deleted and nothing is left of it, its keys neither. */
    public boolean nothingIsLeft() {
        return deletedAt != null && !backupsKept && keys.isEmpty();
    }

    /**
     * One key version.
     *
     * @param version from 1
     * @param recipient whom backups are encrypted to, {@code age1…}
     * @param createdAt when it was made
     * @param wrapped the identity as the age file {@code key.age}, in base64; null when there is none
     * @param passphraseWrapped the identity as the age file {@code key.passphrase.age}, in base64; null when no passphrase
     *     is set
     * @param segmentSecret the version's {@link io.holdfast.format.segment.SegmentSecret}, 32 bytes, as an age file for the
     *     manager's master recipient and the recovery recipients, in base64; null when nobody has it
     * @param adopted whether it was found in a store without a record, so that no new backup is made with it
     */
    public record Key(
            int version,
            String recipient,
            Instant createdAt,
            @Nullable String wrapped,
            @Nullable String passphraseWrapped,
            @Nullable String segmentSecret,
            boolean adopted) {
        /** Checks the shape of everything, with {@link IllegalArgumentException}. */
        public Key {
            require(version >= 1, "a key's version is below 1");
            require(matches(RECIPIENT, recipient), "a key's recipient is not age1…");
            require(createdAt != null, "a key's created_at is missing");
            require(wrapped == null || isBase64(wrapped), "a key's wrapped is not base64");
            require(
                    passphraseWrapped == null || isBase64(passphraseWrapped),
                    "a key's passphrase_wrapped is not base64");
            require(segmentSecret == null || isBase64(segmentSecret), "a key's segment_secret is not base64");
        }

        @Override
        public String toString() {
            return "Key[version=" + version + ", recipient=" + recipient + "]";
        }
    }

    private static boolean isBase64(String text) {
        try {
            return text.length() <= LONGEST_WRAPPED
                    && Base64.getEncoder()
                            .encodeToString(Base64.getDecoder().decode(text))
                            .equals(text);
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static boolean matches(Pattern pattern, @Nullable String text) {
        return text != null && pattern.matcher(text).matches();
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalArgumentException(otherwise);
        }
    }
}
