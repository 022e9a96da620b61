-- The identity encrypted with the user's passphrase; null when none was set.
ALTER TABLE key_version ADD COLUMN passphrase_wrapped BLOB;

-- Whether the manager's master identity opens "wrapped". If not, that is for the recovery recipients alone, or empty.
ALTER TABLE key_version ADD COLUMN managed INTEGER NOT NULL DEFAULT 1;

-- How often it was wrapped, and which of these the store has: while they differ, its files there are to be replaced.
ALTER TABLE key_version ADD COLUMN wrap INTEGER NOT NULL DEFAULT 1;
ALTER TABLE key_version ADD COLUMN stored_wrap INTEGER NOT NULL DEFAULT 1;
CREATE INDEX key_version_rewrapped ON key_version (instance, version) WHERE wrap <> stored_wrap;

-- How many passphrases were tried since then without one being right.
ALTER TABLE instance ADD COLUMN key_tries INTEGER NOT NULL DEFAULT 0;
ALTER TABLE instance ADD COLUMN key_tries_from INTEGER;

-- For a restore that was begun with a passphrase: the identity that it opened, encrypted to the memory of the managers
-- that lived then. Nothing on disk opens it.
ALTER TABLE restore ADD COLUMN sealed_identity BLOB;
CREATE INDEX restore_sealed ON restore (job) WHERE sealed_identity IS NOT NULL;

CREATE TABLE manager_recipient (
  owner       TEXT    PRIMARY KEY,
  recipient   TEXT    NOT NULL,
  alive_until INTEGER NOT NULL
);

-- What the last good reading back proved: DECRYPTED to the end, or only the CIPHERTEXT's hashes.
ALTER TABLE backup ADD COLUMN read_back TEXT CHECK (read_back IN ('DECRYPTED', 'CIPHERTEXT'));
UPDATE backup SET read_back = 'DECRYPTED' WHERE verification = 'PASSED';
