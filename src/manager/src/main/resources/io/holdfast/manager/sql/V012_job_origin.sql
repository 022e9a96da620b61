-- Who asked for a job: REQUEST or SCHEDULE. Null where nobody knows: of jobs before this, and of what was taken in from
-- the store.
ALTER TABLE job ADD COLUMN origin TEXT;
UPDATE job SET origin = 'SCHEDULE' WHERE id IN (SELECT job FROM slot WHERE job IS NOT NULL);
