-- Of a backup whose data is a snapshot in the data service's own repository: whether the agent still finds it there. NULL
-- for all others.
ALTER TABLE backup ADD COLUMN snapshot TEXT CHECK (snapshot IN ('KEPT', 'MISSING'));
CREATE INDEX backup_snapshot ON backup (instance) WHERE snapshot IS NOT NULL;
