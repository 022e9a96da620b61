-- The backup whose segments this one may name while its job is open; it must not be deleted until then.
ALTER TABLE backup ADD COLUMN lender INTEGER REFERENCES backup;
CREATE INDEX backup_lender ON backup (lender) WHERE lender IS NOT NULL;

-- Whether it has to bring all of its segments.
ALTER TABLE backup ADD COLUMN fresh INTEGER NOT NULL DEFAULT 0;

-- The bytes that it has brought itself, and since when all that it uses was stored: the oldest of it.
ALTER TABLE backup ADD COLUMN added_bytes INTEGER;
ALTER TABLE backup ADD COLUMN rests_since INTEGER;

-- The segments of their lenders that attempts have named, as the lenders' lists have them: until the attempt is committed, or
-- has ended otherwise.
CREATE TABLE borrowed (
  job          INTEGER NOT NULL REFERENCES job,
  epoch        INTEGER NOT NULL,
  artifact     TEXT    NOT NULL,
  position     INTEGER NOT NULL,
  fingerprint  TEXT    NOT NULL,
  from_backup  TEXT    NOT NULL,
  from_attempt INTEGER NOT NULL,
  number       INTEGER NOT NULL,
  bytes        INTEGER NOT NULL,
  sha256       TEXT    NOT NULL,
  share        TEXT    NOT NULL,
  body         TEXT    NOT NULL,
  PRIMARY KEY (job, epoch, artifact, position)
) WITHOUT ROWID;
CREATE INDEX borrowed_by_object ON borrowed (job, epoch, from_backup, from_attempt, number);

-- Folders of segments in the store of which some seem to be garbage, until a second look says the same.
CREATE TABLE garbage (
  folder    TEXT    NOT NULL,
  backup_id TEXT    NOT NULL,
  seen_at   INTEGER NOT NULL,
  digest    TEXT    NOT NULL,
  PRIMARY KEY (folder, backup_id)
);
