-- What an instance has instead of the platform's schedule and retention; null: the platform's.
ALTER TABLE instance ADD COLUMN schedule_cron TEXT;
ALTER TABLE instance ADD COLUMN schedule_time_zone TEXT;
ALTER TABLE instance ADD COLUMN retention TEXT;

-- Slots before this are nobody's omission: the instance was not there, was excluded, or had another schedule. Null until
-- the scheduler sees the instance.
ALTER TABLE instance ADD COLUMN scheduled_from INTEGER;

-- Whether a deleted instance still has its backups.
ALTER TABLE instance ADD COLUMN backups_kept INTEGER NOT NULL DEFAULT 0;

-- A hold counts while held_at is there and hold_until is not over; without hold_until it has no end.
ALTER TABLE backup ADD COLUMN held_at INTEGER;
ALTER TABLE backup ADD COLUMN hold_until INTEGER;
ALTER TABLE backup ADD COLUMN hold_reason TEXT;

-- Who asked for a deletion: REQUEST, INSTANCE or RETENTION.
ALTER TABLE backup ADD COLUMN deleted_by TEXT;

-- What became of a slot. The key is why it becomes one job, however many managers look.
CREATE TABLE slot (
  instance   INTEGER NOT NULL REFERENCES instance,
  slot_at    INTEGER NOT NULL,
  outcome    TEXT    NOT NULL CHECK (outcome IN ('QUEUED', 'SKIPPED')),
  reason     TEXT,
  job        INTEGER REFERENCES job,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (instance, slot_at)
);
