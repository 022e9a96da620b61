-- Objects of segments that are damaged or lost, and what another list of the instance has of the same content: by whose list it
-- was found, and what that list says of it.
CREATE TABLE replacement (
  folder       TEXT    NOT NULL,
  lost_backup  TEXT    NOT NULL,
  lost_attempt INTEGER NOT NULL,
  lost_number  INTEGER NOT NULL,
  lost_bytes   INTEGER NOT NULL,
  found_in     TEXT    NOT NULL,
  fingerprint  TEXT    NOT NULL,
  from_backup  TEXT    NOT NULL,
  from_attempt INTEGER NOT NULL,
  number       INTEGER NOT NULL,
  bytes        INTEGER NOT NULL,
  sha256       TEXT    NOT NULL,
  share        TEXT    NOT NULL,
  body         TEXT    NOT NULL,
  PRIMARY KEY (folder, lost_backup, lost_attempt, lost_number)
) WITHOUT ROWID;
