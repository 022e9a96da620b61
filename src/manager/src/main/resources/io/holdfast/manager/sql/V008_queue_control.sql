-- The order in which the jobs of an instance are given away: lower first, then older first. Backups by hand have 200.
ALTER TABLE job ADD COLUMN place INTEGER NOT NULL DEFAULT 200;
UPDATE job SET place = 100 WHERE kind = 'RESTORE' AND state = 'QUEUED';

-- What an operator has stopped: no job begins there until it is resumed. The instance is 0 for the other scopes.
CREATE TABLE pause (
  scope     TEXT    NOT NULL CHECK (scope IN ('everything', 'store', 'instance')),
  instance  INTEGER NOT NULL,
  reason    TEXT    NOT NULL,
  paused_at INTEGER NOT NULL,
  PRIMARY KEY (scope, instance)
);
