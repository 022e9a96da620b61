-- Whether somebody has asked that a restore leaves out parts of the backup that cannot come back.
ALTER TABLE restore ADD COLUMN skip_broken INTEGER NOT NULL DEFAULT 0;
