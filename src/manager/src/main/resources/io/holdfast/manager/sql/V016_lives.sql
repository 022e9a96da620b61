-- An instance that is made anew under the id of a deleted one is another life, and has a row of its own: nothing of the
-- earlier life is its. instance_id belongs to the newest life; for those before it, it is '<id>~<life>', which is no id.
-- folder is the id, whatever the life.
ALTER TABLE instance ADD COLUMN life INTEGER NOT NULL DEFAULT 1;
ALTER TABLE instance ADD COLUMN folder TEXT NOT NULL DEFAULT '';
UPDATE instance SET folder = instance_id;
CREATE INDEX instance_by_folder ON instance (folder);

-- Whether nothing is left of a deleted life, so that its keys are not needed any more.
ALTER TABLE instance ADD COLUMN ended INTEGER NOT NULL DEFAULT 0;

-- Whether nobody knows whose it is: no broker takes it until an operator has said so.
ALTER TABLE instance ADD COLUMN owner_unknown INTEGER NOT NULL DEFAULT 0;

-- Who keeps its keys, and the number of its next one: no number is given twice, whatever the life.
ALTER TABLE instance ADD COLUMN custody TEXT NOT NULL DEFAULT 'MANAGED' CHECK (custody IN ('MANAGED', 'USER'));
UPDATE instance SET custody = 'USER'
  WHERE EXISTS (SELECT 1 FROM key_version k WHERE k.instance = instance.id AND k.managed = 0);
ALTER TABLE instance ADD COLUMN next_key_version INTEGER NOT NULL DEFAULT 1;
UPDATE instance SET next_key_version =
  (SELECT coalesce(max(k.version), 0) + 1 FROM key_version k WHERE k.instance = instance.id);

-- How often what its record in the store says was changed, and which of these the store has.
ALTER TABLE instance ADD COLUMN revision INTEGER NOT NULL DEFAULT 1;
ALTER TABLE instance ADD COLUMN stored_revision INTEGER NOT NULL DEFAULT 0;
CREATE INDEX instance_to_record ON instance (id) WHERE revision <> stored_revision;

-- Whether a key version was taken in by what signed manifests say of it, without a record: good for old backups, never
-- for new ones.
ALTER TABLE key_version ADD COLUMN adopted INTEGER NOT NULL DEFAULT 0;

-- No two key versions have one recipient, whosever they are.
CREATE UNIQUE INDEX key_version_by_recipient ON key_version (recipient);

-- The record speaks for all key versions of an instance.
DROP INDEX key_version_rewrapped;
ALTER TABLE key_version DROP COLUMN stored;
ALTER TABLE key_version DROP COLUMN wrap;
ALTER TABLE key_version DROP COLUMN stored_wrap;

-- What the last comparison of the catalogue with the store found; the problems in words are a JSON list, cut when long.
CREATE TABLE comparison (
  id          INTEGER PRIMARY KEY CHECK (id = 1),
  compared_at INTEGER NOT NULL,
  instances   INTEGER NOT NULL,
  backups     INTEGER NOT NULL,
  differences INTEGER NOT NULL,
  problems    INTEGER NOT NULL,
  told        TEXT    NOT NULL
);
