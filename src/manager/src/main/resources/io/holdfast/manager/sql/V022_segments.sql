-- Backups are segments, each stored by one request: no uploads in parts any more.
DROP TABLE part;
DROP TABLE upload;

-- The segments that agents were given addresses for: until the attempt is committed, or has ended otherwise.
CREATE TABLE segment (
  job         INTEGER NOT NULL REFERENCES job,
  epoch       INTEGER NOT NULL,
  number      INTEGER NOT NULL,
  artifact    TEXT    NOT NULL,
  position    INTEGER NOT NULL,
  fingerprint TEXT    NOT NULL,
  bytes       INTEGER NOT NULL,
  sha256      TEXT    NOT NULL,
  md5         TEXT    NOT NULL,
  share       TEXT    NOT NULL,
  body        TEXT    NOT NULL,
  PRIMARY KEY (job, epoch, number)
) WITHOUT ROWID;
CREATE UNIQUE INDEX segment_by_position ON segment (job, epoch, artifact, position);

-- The key version's segment secret, as an age file for the master recipient and the recovery recipients.
ALTER TABLE key_version ADD COLUMN segment_secret BLOB;

-- What opens a backup is given out with the addresses of its segments, page by page, and not once for each attempt.
ALTER TABLE job DROP COLUMN keys_given;

-- Of a finished backup too: what attempts before the one that was committed have brought.
DROP INDEX backup_with_leftovers;
CREATE INDEX backup_with_garbage ON backup (id) WHERE clean = 0 AND state IN ('FAILED', 'DONE', 'VERIFIED', 'SUSPECT');
