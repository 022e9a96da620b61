-- Who made an attempt: the host as the agent told it, the certificate as it was shown. Null: before there were these columns.
ALTER TABLE attempt ADD COLUMN host TEXT;
ALTER TABLE attempt ADD COLUMN certificate_serial TEXT;
ALTER TABLE attempt ADD COLUMN certificate_sha256 TEXT;

-- The same of a finished backup, as its manifest has it, in JSON.
ALTER TABLE backup ADD COLUMN made_by TEXT;
