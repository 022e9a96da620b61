-- Of an instance whose backups are snapshots in the data service's own repository: when its agent could last look there (or
-- first could not), and why it cannot now.
ALTER TABLE instance ADD COLUMN snapshots_seen_at INTEGER;
ALTER TABLE instance ADD COLUMN snapshots_failure TEXT;
